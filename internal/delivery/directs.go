package delivery

import (
	"context"
	"sync"
)

// directs counts the Send calls in progress. Unlike a sync.WaitGroup it may
// be entered while somebody waits.
type directs struct {
	mu      sync.Mutex
	running int
	idle    chan struct{} // closed when running reaches zero; nil if nobody waits
}

func (d *directs) enter() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running++
}

func (d *directs) exit() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running--; d.running == 0 && d.idle != nil {
		close(d.idle)
		d.idle = nil
	}
}

// wait returns whether none is running before ctx ends.
func (d *directs) wait(ctx context.Context) bool {
	d.mu.Lock()
	if d.running == 0 {
		d.mu.Unlock()
		return true
	}
	if d.idle == nil {
		d.idle = make(chan struct{})
	}
	idle := d.idle
	d.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-ctx.Done():
		return false
	}
}

// joinDirects waits for the Send calls in progress, and cancels them when ctx
// ends.
func (l *Lane) joinDirects(ctx context.Context) {
	if l.directs.wait(ctx) {
		return
	}
	l.cancel()
	grace, cancel := context.WithTimeout(context.Background(), cancelGrace)
	defer cancel()
	l.directs.wait(grace)
}
