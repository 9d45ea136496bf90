package delivery_test

import (
	"sync"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// witness remembers what an observer is told.
type witness struct {
	mu     sync.Mutex
	shown  []string // payloads
	ends   []queue.Outcome
	losses []delivery.Loss
	grown  chan struct{} // closed when something is added; nil if nobody waits
}

// observer returns an Observer that does something first, and then remembers.
func (o *witness) observer(first func()) *delivery.Observer {
	return &delivery.Observer{
		Each: func(r *queue.Record, v delivery.Verdict) {
			first()
			o.add(func() { o.shown, o.ends = append(o.shown, string(r.Payload)), append(o.ends, v.Outcome) })
		},
		Lost: func(l delivery.Loss) {
			first()
			o.add(func() { o.losses = append(o.losses, l) })
		},
	}
}

func (o *witness) add(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
	if o.grown != nil {
		close(o.grown)
		o.grown = nil
	}
}

// counts returns how many events were shown, and how many losses.
func (o *witness) counts() (shown, losses int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.shown), len(o.losses)
}

// waitFor waits until so many events were shown.
func (o *witness) waitFor(events int) {
	for {
		o.mu.Lock()
		if len(o.shown) >= events {
			o.mu.Unlock()
			return
		}
		if o.grown == nil {
			o.grown = make(chan struct{})
		}
		grown := o.grown
		o.mu.Unlock()
		<-grown
	}
}

// boardThat is a board that does something before each line.
func (l *lines) boardThat(first func()) *notice.Board {
	return notice.New(false, func(_ notice.Level, text string) {
		first()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.kept = append(l.kept, text)
	})
}
