package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// pendingEvents is how many events a client has when it is closed with work left.
const pendingEvents = 50

// closings measures how long Close takes for a client that has sent everything, and for one that has events left.
func (b *bench) closings() error {
	b.sayf("Close")
	if err := b.addClosing("Close of an idle client", 0, goal{Text: "< 1 ms", Below: 1}); err != nil {
		return err
	}
	return b.addClosing(fmt.Sprintf("Close with %d events to send", pendingEvents), pendingEvents, goal{})
}

// addClosing measures both libraries with a number of events left to send.
func (b *bench) addClosing(name string, pending int, target goal) error {
	ours, theirs, err := alternate(b.size.rounds, func(c contender) (float64, error) { return b.closing(c, pending) })
	b.add(figure{
		Group: groupClose, Name: name, Unit: "ms", Places: 3, Goal: target, Ours: ours, Theirs: theirs,
	})
	return err
}

// closing closes a number of clients, each after it has sent one event and accepted the pending ones, and returns the
// median in milliseconds. It fails unless every event arrives.
func (b *bench) closing(library contender, pending int) (float64, error) {
	s, err := startSink(b.ctx)
	if err != nil {
		return 0, err
	}
	defer s.Stop() //nolint:errcheck // its tally is all that counts
	runtime.GC()
	took := make([]time.Duration, b.size.closes)
	for i := range took {
		c, err := library.Open(settings{URL: s.URL})
		if err != nil {
			return 0, err
		}
		if _, err := produce(c, 1, 1, small5); err != nil {
			return 0, err
		}
		if err := c.Flush(b.ctx); err != nil {
			return 0, fmt.Errorf("flush: %w", err)
		}
		if _, err := produce(c, 1, pending, small5); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := c.Close(b.ctx); err != nil {
			return 0, fmt.Errorf("close: %w", err)
		}
		took[i] = time.Since(start)
	}
	t, err := s.Tally(b.ctx)
	if err != nil {
		return 0, err
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Nanoseconds()) / 1e6, t.complete(library, len(took)*(1+pending))
}
