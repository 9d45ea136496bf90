package adapter

import "net/http"

// condition is the answer to /state.
type condition struct {
	Pending   uint64    `json:"pending_events"`
	Captured  uint64    `json:"total_events_captured"`
	Sent      uint64    `json:"total_events_sent"`
	Retries   int       `json:"total_retries"`
	LastError *string   `json:"last_error"`
	Requests  []attempt `json:"requests_made"`
}

// state tells what became of the test's events, from the client's own ledger, and which requests it made for them.
// Without a client, that is nothing.
func (a *Adapter) state(w http.ResponseWriter, r *http.Request) {
	now := condition{Requests: []attempt{}}
	if s := a.sessions.of(testOf(r)); s != nil {
		stats := s.client.Stats()
		now.Pending, now.Captured, now.Sent = stats.Pending, stats.Accepted, stats.Delivered
		now.LastError = s.last.Load()
		now.Requests, now.Retries = s.tap.seen()
	}
	reply(w, now)
}
