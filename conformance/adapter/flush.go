package adapter

import (
	"errors"
	"net/http"

	"github.com/hedgerow/posthog"
)

// flushed is the answer to /flush.
type flushed struct {
	Success bool   `json:"success"`
	Events  uint64 `json:"events_flushed"` // that PostHog confirmed meanwhile
}

// flush waits until every event that was captured before has met its fate, retries included, or the library's time limit
// for a flush has passed. Events that are left then stay queued: the call succeeds, and /state tells.
func (a *Adapter) flush(w http.ResponseWriter, r *http.Request) {
	s := a.current(w, r)
	if s == nil {
		return
	}
	before := s.client.Stats().Delivered
	if err := s.client.Flush(r.Context()); err != nil {
		if errors.Is(err, posthog.ErrClosed) {
			refuse(w, http.StatusConflict, err.Error())
			return
		}
		s.note(err)
	}
	reply(w, flushed{Success: true, Events: s.client.Stats().Delivered - before})
}
