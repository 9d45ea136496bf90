package request_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/request"
)

// journal is the least that a writer is, and writes down how it is used.
type journal struct{ calls []string }

func (j *journal) note(format string, args ...any) {
	j.calls = append(j.calls, fmt.Sprintf(format, args...))
}

func (j *journal) Header() http.Header { return http.Header{} }

func (j *journal) WriteHeader(status int) { j.note("status %d", status) }

func (j *journal) Write(body []byte) (int, error) {
	j.note("body %s", body)
	return len(body), nil
}

// What a writer may be able to do besides.
type (
	flusher  struct{ *journal }
	hijacker struct{ *journal }
	pusher   struct{ *journal }
	receiver struct{ *journal }
)

func (f flusher) Flush() { f.note("flush") }

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.note("hijack")
	return nil, nil, nil
}

func (p pusher) Push(target string, _ *http.PushOptions) error {
	p.note("push %s", target)
	return nil
}

func (r receiver) ReadFrom(from io.Reader) (int64, error) {
	r.note("receive")
	return io.Copy(io.Discard, from)
}

// writers are one of each kind.
func writers(j *journal) map[string]http.ResponseWriter {
	f, h, p, r := flusher{j}, hijacker{j}, pusher{j}, receiver{j}
	type (
		w = http.ResponseWriter
		F = http.Flusher
		H = http.Hijacker
		P = http.Pusher
		R = io.ReaderFrom
	)
	return map[string]http.ResponseWriter{
		"": j, "F": struct {
			w
			F
		}{j, f}, "H": struct {
			w
			H
		}{j, h}, "FH": struct {
			w
			F
			H
		}{j, f, h}, "P": struct {
			w
			P
		}{j, p}, "FP": struct {
			w
			F
			P
		}{j, f, p}, "HP": struct {
			w
			H
			P
		}{j, h, p}, "FHP": struct {
			w
			F
			H
			P
		}{j, f, h, p}, "R": struct {
			w
			R
		}{j, r}, "FR": struct {
			w
			F
			R
		}{j, f, r}, "HR": struct {
			w
			H
			R
		}{j, h, r}, "FHR": struct {
			w
			F
			H
			R
		}{j, f, h, r}, "PR": struct {
			w
			P
			R
		}{j, p, r}, "FPR": struct {
			w
			F
			P
			R
		}{j, f, p, r}, "HPR": struct {
			w
			H
			P
			R
		}{j, h, p, r}, "FHPR": struct {
			w
			F
			H
			P
			R
		}{j, f, h, p, r},
	}
}

// use does all that w can do, and says what that is.
func use(w http.ResponseWriter) (able string) {
	w.WriteHeader(http.StatusAccepted)
	if f, ok := w.(http.Flusher); ok {
		able += "F"
		f.Flush()
	}
	if h, ok := w.(http.Hijacker); ok {
		able += "H"
		_, _, _ = h.Hijack()
	}
	if p, ok := w.(http.Pusher); ok {
		able += "P"
		_ = p.Push("/style.css", nil)
	}
	if r, ok := w.(io.ReaderFrom); ok {
		able += "R"
		_, _ = r.ReadFrom(strings.NewReader("text"))
	}
	_, _ = io.WriteString(w, "text")
	return able
}

// A watched writer can do what the one behind it can, and nothing else, and all
// of it is done by that.
func TestAWatchedWriterIsWhatItWas(t *testing.T) {
	t.Parallel()
	for kind := range writers(new(journal)) {
		plain, watched := new(journal), new(journal)
		use(writers(plain)[kind])
		var answer request.Answer
		w := request.Watch(&answer, writers(watched)[kind])
		if able := use(w); able != kind {
			t.Errorf("a writer that can %q: watched it can %q", kind, able)
		}
		if got, want := strings.Join(watched.calls, ", "), strings.Join(plain.calls, ", "); got != want {
			t.Errorf("a writer that can %q: watched it was used as %q, otherwise as %q", kind, got, want)
		}
		hijacked := strings.Contains(kind, "H")
		if want := http.StatusAccepted; answer.Hijacked() != hijacked || !hijacked && answer.Status() != want || hijacked && answer.Status() != 0 {
			t.Errorf("a writer that can %q: got status %d, taken over %v; want %d, %v", kind, answer.Status(), answer.Hijacked(), want, hijacked)
		}
		if err := http.NewResponseController(w).Flush(); !strings.Contains(kind, "F") != errors.Is(err, http.ErrNotSupported) {
			t.Errorf("a writer that can %q: a controller's Flush says %v", kind, err)
		}
	}
}

// A writer that somebody kept does nothing when the request has ended.
func TestAWatchedWriterEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	for kind := range writers(new(journal)) {
		j := new(journal)
		var answer request.Answer
		w := request.Watch(&answer, writers(j)[kind])
		answer.End()
		if able := use(w); able != kind {
			t.Errorf("a writer that can %q: at the end it can %q", kind, able)
		}
		if n, err := io.WriteString(w, "text"); n != 0 || err == nil {
			t.Errorf("a writer that can %q: at the end it wrote %d bytes, %v; want none, and an error", kind, n, err)
		}
		if len(j.calls) != 0 {
			t.Errorf("a writer that can %q: at the end it was used as %q", kind, j.calls)
		}
	}
}

// leaver is a writer that says when the client leaves.
type leaver struct {
	journal

	left chan bool
}

func (l *leaver) CloseNotify() <-chan bool { return l.left }

// Old programs ask the writer when the client leaves, and some without looking
// whether it knows.
func TestAWatchedWriterSaysWhenTheClientLeaves(t *testing.T) {
	t.Parallel()
	l := &leaver{left: make(chan bool, 1)}
	l.left <- true
	var answer, other request.Answer
	if !<-request.Watch(&answer, l).(http.CloseNotifier).CloseNotify() { //nolint:staticcheck // what old programs use
		t.Error("the client left, and the writer did not say so")
	}
	select {
	case <-request.Watch(&other, new(journal)).(http.CloseNotifier).CloseNotify(): //nolint:staticcheck // as above
		t.Error("a writer that does not know says that the client left")
	default:
	}
}
