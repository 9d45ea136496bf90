package delivery

import (
	"fmt"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// pause is the time until which the server asked the lane to send nothing.
// The zero value is no pause. It is safe for concurrent use.
type pause struct {
	mu  sync.Mutex
	end time.Time
}

// until returns the end of the pause, which may have passed.
func (p *pause) until() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end
}

// extend moves the end of the pause to at, unless it is later already.
func (p *pause) extend(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.After(p.end) {
		p.end = at
	}
}

// Reason says in a few words why the events ended, or the attempt failed, the
// way it did.
func (v Verdict) Reason() string {
	switch {
	case v.Status != 0 && v.Message != "":
		return fmt.Sprintf("status %d: %s", v.Status, v.Message)
	case v.Status != 0:
		return fmt.Sprintf("status %d", v.Status)
	case v.Err != nil:
		return v.Err.Error()
	case v.Message != "":
		return v.Message
	case v.Outcome == queue.Shutdown:
		return "the client was closed before they could be sent"
	default:
		return v.Outcome.String()
	}
}
