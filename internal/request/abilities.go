package request

import (
	"io"
	"net/http"
)

// Watch returns a writer that passes everything on to w and lets a see it. It
// is a [http.Flusher], [http.Hijacker], [http.Pusher] and [io.ReaderFrom]
// exactly where w is one, because programs ask what a writer is, and unwraps to w for
// [http.ResponseController]. It always is a [http.CloseNotifier]. A must be zero.
func Watch(a *Answer, w http.ResponseWriter) http.ResponseWriter {
	a.to = w
	p, f, h, u, r := passer{a}, flusher{a}, hijacker{a}, pusher{a}, receiver{a}
	switch abilities(w) {
	case flushes:
		return struct {
			passer
			flusher
		}{p, f}
	case hijacks:
		return struct {
			passer
			hijacker
		}{p, h}
	case flushes | hijacks:
		return struct {
			passer
			flusher
			hijacker
		}{p, f, h}
	case pushes:
		return struct {
			passer
			pusher
		}{p, u}
	case flushes | pushes:
		return struct {
			passer
			flusher
			pusher
		}{p, f, u}
	case hijacks | pushes:
		return struct {
			passer
			hijacker
			pusher
		}{p, h, u}
	case flushes | hijacks | pushes:
		return struct {
			passer
			flusher
			hijacker
			pusher
		}{p, f, h, u}
	case receives:
		return struct {
			passer
			receiver
		}{p, r}
	case flushes | receives:
		return struct {
			passer
			flusher
			receiver
		}{p, f, r}
	case hijacks | receives:
		return struct {
			passer
			hijacker
			receiver
		}{p, h, r}
	case flushes | hijacks | receives:
		return struct {
			passer
			flusher
			hijacker
			receiver
		}{p, f, h, r}
	case pushes | receives:
		return struct {
			passer
			pusher
			receiver
		}{p, u, r}
	case flushes | pushes | receives:
		return struct {
			passer
			flusher
			pusher
			receiver
		}{p, f, u, r}
	case hijacks | pushes | receives:
		return struct {
			passer
			hijacker
			pusher
			receiver
		}{p, h, u, r}
	case flushes | hijacks | pushes | receives:
		return struct {
			passer
			flusher
			hijacker
			pusher
			receiver
		}{p, f, h, u, r}
	}
	return p
}

// What a writer can do beyond the least.
const (
	flushes = 1 << iota
	hijacks
	pushes
	receives
)

func abilities(w http.ResponseWriter) (all int) {
	if _, ok := w.(http.Flusher); ok {
		all |= flushes
	}
	if _, ok := w.(http.Hijacker); ok {
		all |= hijacks
	}
	if _, ok := w.(http.Pusher); ok {
		all |= pushes
	}
	if _, ok := w.(io.ReaderFrom); ok {
		all |= receives
	}
	return all
}
