package delivery

import (
	"sync"
	"time"
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
