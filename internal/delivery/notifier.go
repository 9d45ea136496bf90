package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/queue"
)

// Observer is called back about settlements, on a goroutine that does nothing
// else. Its functions may take their time and may call anything.
type Observer struct {
	// Settled is called for each settlement. Nil is not called.
	Settled func(Settlement)
	// Each is called for each record of a settlement. Nil is not called.
	Each func(*queue.Record, Verdict)
}

// notifier calls an Observer. Its goroutine exists while there is something
// to tell. Until a record has been told of, it keeps its memory: an
// application that cannot follow fills the queue, and learns of that from
// Enqueue.
type notifier struct {
	queue    *queue.Queue
	observer *Observer
	life     *life.Group
	name     string

	mu      sync.Mutex
	backlog []Settlement
	running bool
	step    chan struct{} // closed at the end of the next call; nil if nobody waits
}

// callGrace is how long Flush and Close wait for a single callback. One that
// takes longer may be waiting for them.
const callGrace = time.Second

// push queues a settlement for the observer.
func (n *notifier) push(s Settlement) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.backlog = append(n.backlog, s)
	if !n.running {
		n.running = true
		n.life.Go(n.name+" notifier", n.run)
	}
}

// run tells the observer everything and ends.
func (n *notifier) run() {
	for {
		n.mu.Lock()
		if len(n.backlog) == 0 {
			n.running = false
			n.stepped()
			n.mu.Unlock()
			return
		}
		s := n.backlog[0]
		n.backlog[0] = Settlement{}
		n.backlog = n.backlog[1:]
		n.mu.Unlock()
		n.tell(s)
		n.queue.Release(s.Records)
	}
}

func (n *notifier) tell(s Settlement) {
	if n.observer.Settled != nil {
		n.observer.Settled(s)
		n.called()
	}
	if n.observer.Each == nil {
		return
	}
	for i := range s.Records {
		n.observer.Each(&s.Records[i], s.Verdict)
		n.called()
	}
}

// called notes that a callback returned.
func (n *notifier) called() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stepped()
}

func (n *notifier) stepped() {
	if n.step != nil {
		close(n.step)
		n.step = nil
	}
}

// wait returns when everything has been told, when a single callback takes
// longer than callGrace, or when ctx ends and a callback takes longer than
// cancelGrace. A nil notifier has nothing to tell.
func (n *notifier) wait(ctx context.Context) {
	if n == nil {
		return
	}
	timer := time.NewTimer(callGrace)
	defer timer.Stop()
	canceled := ctx.Done()
	grace := callGrace
	for {
		n.mu.Lock()
		if !n.running {
			n.mu.Unlock()
			return
		}
		if n.step == nil {
			n.step = make(chan struct{})
		}
		step := n.step
		n.mu.Unlock()
		timer.Reset(grace)
		select {
		case <-step:
		case <-timer.C:
			return
		case <-canceled:
			canceled, grace = nil, cancelGrace
		}
	}
}
