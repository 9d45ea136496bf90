package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/queue"
)

// Crew serves any number of lanes with a fixed number of goroutines: the pilot,
// which takes all their decisions, a few senders, and one notifier while there
// is something to tell. They start with the first record of any lane and end
// with Stop. Its methods are safe for concurrent use.
type Crew struct {
	desk     *desk
	notifier *notifier // of all lanes
	pilot    func()    // its goroutine

	once  sync.Once
	bell  chan struct{} // capacity 1; wake sends, the pilot receives
	stop  chan struct{} // closed by Stop
	ended chan struct{} // closed when the pilot has ended

	mu    sync.Mutex // guards woken
	woken []*seat    // that the pilot has to look at
}

// NewCrew returns a crew that has not started a goroutine yet. The name labels
// its goroutines, and newExchange is called once for each sender.
func NewCrew(name string, senders int, newExchange func() Exchange, group *life.Group) *Crew {
	c := &Crew{
		desk:     newDesk(name, senders, newExchange, group),
		notifier: &notifier{life: group, name: name},
		bell:     make(chan struct{}, 1),
		stop:     make(chan struct{}),
		ended:    make(chan struct{}),
	}
	c.pilot = newPilot(c).run // made here, so that programs without a crew contain no pilot
	return c
}

// start starts the goroutines, unless they have been started.
func (c *Crew) start() {
	c.once.Do(func() {
		c.desk.open()
		c.desk.life.Go(c.desk.name+" pilot", c.pilot)
	})
}

// wake has the pilot look at a lane. It never waits.
func (c *Crew) wake(s *seat) {
	if s.woken.Swap(true) {
		return // the pilot has yet to look because of an earlier call
	}
	c.mu.Lock()
	c.woken = append(c.woken, s)
	c.mu.Unlock()
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

// news returns the seats that were woken since the last call, in the order in
// which they were. It appends them to dst.
func (c *Crew) news(dst []*seat) []*seat {
	c.mu.Lock()
	defer c.mu.Unlock()
	dst = append(dst, c.woken...)
	clear(c.woken)
	c.woken = c.woken[:0]
	for _, s := range dst {
		s.woken.Store(false)
	}
	return dst
}

// Flush is [Lane.Flush] for several lanes at the same time.
func (c *Crew) Flush(ctx context.Context, lanes []*Lane) (left int, err error) {
	barriers := make([]*queue.Barrier, len(lanes))
	for i, l := range lanes {
		barriers[i] = l.hasten()
	}
	for i, l := range lanes {
		n, why := l.awaitBarrier(ctx, barriers[i])
		left += n
		if err == nil {
			err = why
		}
	}
	if left == 0 {
		c.notifier.wait(ctx, lanes...)
	}
	return left, err
}

// Close is [Lane.Close] for several lanes at the same time: their drains share
// ctx, and what follows its end. It returns how many events each of them
// leaves.
func (c *Crew) Close(ctx context.Context, lanes []*Lane) (left []int) {
	started := make([]bool, len(lanes))
	for i, l := range lanes {
		started[i] = l.beginClose(ctx)
	}
	late := false
	for i, l := range lanes {
		late = late || started[i] && !l.pumpEnds(ctx.Done())
	}
	if late {
		for i, l := range lanes {
			if started[i] {
				l.cancel()
				l.wake()
			}
		}
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*cancelGrace)
	defer cancel()
	left = make([]int, len(lanes))
	for i, l := range lanes {
		if started[i] && !l.pumpEnds(grace.Done()) {
			left[i] = int(l.queue.Snapshot().Pending)
		}
	}
	c.joinDirects(ctx, lanes)
	c.notifier.wait(ctx, lanes...)
	for i, l := range lanes {
		l.cancel()
		if left[i] == 0 {
			left[i] = int(l.left.Load())
		}
	}
	return left
}

// joinDirects waits for the Send calls in progress, and cancels them when ctx
// ends.
func (c *Crew) joinDirects(ctx context.Context, lanes []*Lane) {
	late := false
	for _, l := range lanes {
		late = !l.directs.wait(ctx) || late
	}
	if !late {
		return
	}
	for _, l := range lanes {
		l.cancel()
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	for _, l := range lanes {
		l.directs.wait(grace)
	}
}

// Stop ends the crew's goroutines and waits for them, the notifier and senders
// whose request does not return apart. All lanes must have been closed. It must
// be called once. Like Close it is late only if the application's logger or
// backoff do not return, and then gives up soon after the end of ctx.
func (c *Crew) Stop(ctx context.Context) {
	started := true
	c.once.Do(func() { started = false })
	close(c.stop)
	if !started {
		return
	}
	select {
	case <-c.ended:
		return
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	select {
	case <-c.ended:
	case <-grace.Done():
	}
}

// pumpEnds reports whether the pump ends before done is closed.
func (l *Lane) pumpEnds(done <-chan struct{}) bool {
	select {
	case <-l.pumped:
		return true
	default:
	}
	select {
	case <-l.pumped:
		return true
	case <-done:
		return false
	}
}

// Idle reports whether the lane is settled and has no promise to keep to the
// server, so that nobody would notice if it were made anew.
func (l *Lane) Idle(now time.Time) bool { return l.Settled() && now.After(l.pause.until()) }

// Settled reports whether the lane has nothing to do and nothing to tell: its
// counts do not change by themselves.
func (l *Lane) Settled() bool {
	s := l.queue.Snapshot()
	return s.Pending == 0 && s.Bytes == 0 && l.inFlight.Load() == 0 && l.notifier.toldAll(l)
}
