package posthogtest

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// success is the body of every good answer.
const success = `{"status":"Ok"}`

// overrule plays a fault on a request; visit is nil where nothing is recorded.
// It reports whether the request is over.
func (s *Server) overrule(w http.ResponseWriter, r *http.Request, f Fault, v *visit) (over bool) {
	switch {
	case v == nil:
		_, _ = io.Copy(io.Discard, r.Body) // else the client's departure goes unnoticed
	case f.answers():
		s.persist(v, f.Persist)
	}
	if !s.pause(r, f.Delay) {
		abort(w)
		return true
	}
	maps.Copy(w.Header(), f.Header)
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		abort(w)
	case f.Reset == ResetBeforeResponse:
		abort(w)
	case f.answers():
		s.playAnswer(w, f, v)
	default:
		return false
	}
	return true
}

// persist stores the first n acceptable events of a request, all if negative.
func (s *Server) persist(v *visit, n int) {
	if n < 0 || n > len(v.items) {
		n = len(v.items)
	}
	for _, it := range v.items[:n] {
		s.keep(v, it)
	}
}

// pause waits and reports whether there is still someone to answer.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// playAnswer sends a fault's answer, or the first half of it.
func (s *Server) playAnswer(w http.ResponseWriter, f Fault, v *visit) {
	status, body, reason := cmp.Or(f.Status, http.StatusOK), f.Body, "an injected fault"
	analytics := v != nil && v.analytics()
	if body == "" && v != nil && v.asked != nil {
		body = v.asked.faultBody(status)
	}
	h := w.Header()
	switch {
	case body != "":
		reason += ", " + quote(body)
	case analytics && status/100 == 2:
		body = string(s.approve(v))
	case analytics && errs(status):
		setError(h, status)
		body = string(errorBody(status, "", http.StatusText(status)))
	case status/100 == 2:
		body = success
	default:
		body = http.StatusText(status)
	}
	if h.Get("Content-Type") == "" {
		ctype := contentType(status)
		if (analytics || (v != nil && v.asked != nil)) && json.Valid([]byte(body)) {
			ctype = contentType(http.StatusOK)
		}
		h.Set("Content-Type", ctype)
	}
	switch {
	case v == nil:
	case v.asked != nil:
		s.record.told(v.asked, status, 0)
	default:
		s.record.answered(v.entry, status, reason)
	}
	if f.Reset == ResetMidBody {
		h.Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body[:(len(body)+1)/2])
		_ = http.NewResponseController(w).Flush()
		hangUp(w, false) // a reset might overtake the half on a real network
		return
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // net/http drops it where the status has none
}

func contentType(status int) string {
	if status/100 == 2 {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// abort cuts the connection without a word.
func abort(w http.ResponseWriter) { hangUp(w, true) }

// hangUp closes the connection: with a reset if asked and the connection
// knows one, otherwise with an end that comes too soon.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if c, ok := conn.(interface{ SetLinger(seconds int) error }); ok && reset {
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}
