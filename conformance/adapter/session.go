package adapter

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/hedgerow/posthog"
)

// session is the client of one test, and what the harness may ask about it.
type session struct {
	client *posthog.ServerClient
	tap    *tap
	last   atomic.Pointer[string] // the latest error; stored by the client's OnError and by flush
}

// start returns a session whose requests go through t.
func start(key string, config posthog.Config, t *tap) (*session, error) {
	s := &session{tap: t}
	config.Transport = t
	config.OnError = s.note
	var err error
	s.client, err = posthog.NewWithConfig(key, config)
	return s, err
}

// note keeps err for /state.
func (s *session) note(err error) {
	text := err.Error()
	s.last.Store(&text)
}

// stop ends the client hard: requests are canceled, waits for retries end, and what is queued is lost. It returns when
// the client's goroutines have ended.
func (s *session) stop() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.client.CloseWithContext(ctx) // it says what is lost, which is the purpose
}

// current returns the session of the test that r belongs to. If there is none, it answers, and returns nil.
func (a *Adapter) current(w http.ResponseWriter, r *http.Request) *session {
	s := a.sessions.of(testOf(r))
	if s == nil {
		refuse(w, http.StatusConflict, "there is no client; call /init first")
	}
	return s
}
