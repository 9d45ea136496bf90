package delivery_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// The observer is shown every event, in order, and told once of all that ended
// in the same way.
func TestTheObserverIsToldOfEverything(t *testing.T) {
	told := new(witness)
	adjust := func(c *delivery.Config) {
		c.Workers, c.Observer = 1, told.observer(func() {})
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(answers(200, 400, 401))
		w.put("a", "b", "c")
		_, _ = w.flush(time.Second)
		w.put("d", "e", "f")
		_, _ = w.flush(time.Second)
		item := queue.Item{Frame: segment.Frame{Payload: []byte("g"), UUID: [16]byte{7}}}
		if _, err := w.lane.Send(w.Context(), []queue.Item{item}); err != nil {
			w.Errorf("Send: %v", err)
		}
		w.lane.Report(delivery.Verdict{Outcome: queue.HookFailed})
		_, _ = w.flush(time.Second)
		if want := []string{"a", "b", "c", "d", "e", "f", "g"}; !slices.Equal(told.shown, want) {
			w.Errorf("shown %q, want %q", told.shown, want)
		}
		const delivered, rejected = queue.Delivered, queue.Rejected
		if want := []queue.Outcome{delivered, delivered, delivered, rejected, rejected, rejected, rejected}; !slices.Equal(told.ends, want) {
			w.Errorf("shown %v, want %v", told.ends, want)
		}
		type loss struct {
			outcome        queue.Outcome
			status, events int
			known          bool
		}
		var got []loss
		for _, l := range told.losses {
			got = append(got, loss{l.Outcome, l.Status, l.Events, l.UUID == item.UUID})
		}
		if want := []loss{{rejected, 400, 3, false}, {rejected, 401, 1, true}, {queue.HookFailed, 0, 1, false}}; !slices.Equal(got, want) {
			w.Errorf("told of the losses %+v, want %+v", got, want)
		}
	})
}

// Without an observer there is nobody to tell.
func TestNoObserver(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(status(400))
		w.put("a")
		w.lane.Report(delivery.Verdict{Outcome: queue.HookFailed})
		_, _ = w.flush(time.Second)
		if got := w.lane.NotShown(); got != 0 {
			w.Errorf("%d events were not shown, want 0", got)
		}
	})
}

// While the observer hangs, equal losses are one, and different ones are not.
func TestLossesThatWaitAreMerged(t *testing.T) {
	told := new(witness)
	var free chan struct{}
	adjust := func(c *delivery.Config) {
		free = make(chan struct{})
		c.Observer = told.observer(func() { <-free })
		c.Observer.Each = nil
	}
	inWorld(t, adjust, func(w *world) {
		report := func(o queue.Outcome, text string) {
			w.lane.Report(delivery.Verdict{Outcome: o, Err: errors.New(text)})
		}
		report(queue.HookFailed, "x")
		synctest.Wait() // the observer has it
		for range 1000 {
			report(queue.HookFailed, "x")
		}
		for range 3 { // deliveries, which are no news for this observer
			w.put("a", "b", "c")
			synctest.Wait()
			report(queue.HookFailed, "x")
		}
		report(queue.HookFailed, "y")
		report(queue.Exhausted, "y")
		close(free)
		_, _ = w.flush(time.Second)
		var events []int
		for _, l := range told.losses {
			events = append(events, l.Events)
		}
		if want := []int{1, 1003, 1, 1}; !slices.Equal(events, want) {
			w.Errorf("told of %v events at a time, want %v", events, want)
		}
	})
}

// What the observer has yet to see takes its place in the queue, records and
// all, so that one that hangs fills the queue and not the memory.
func TestAnObserverThatHangsFillsTheQueue(t *testing.T) {
	var free chan struct{}
	adjust := func(c *delivery.Config) {
		free = make(chan struct{})
		c.Queue = newQueue(queue.Config{MaxBytes: 1 << 16, SegmentSize: 1 << 12, RecordBytes: queue.RecordBytes})
		c.Observer = new(witness).observer(func() { <-free })
	}
	inWorld(t, adjust, func(w *world) {
		fill := func() (accepted int) {
			for w.lane.Put(w.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte("a")}}, false) == nil {
				accepted++
				synctest.Wait()
			}
			return accepted
		}
		accepted := fill()
		if most := 1 << 16 / queue.RecordBytes; accepted == 0 || accepted > most {
			w.Errorf("%d events were accepted, want at most %d, for whom there is room", accepted, most)
		}
		w.wantEnded(queue.Delivered, uint64(accepted/3*3))
		close(free)
		if _, err := w.flush(time.Minute); err != nil {
			w.Errorf("Flush: %v", err)
		}
		for range 10 * accepted {
			w.put("a")
			synctest.Wait()
		}
	})
}

// The same for an observer that only hears of losses: it holds no event.
func TestAnObserverOfLossesHoldsNothing(t *testing.T) {
	var free chan struct{}
	adjust := func(c *delivery.Config) {
		free = make(chan struct{})
		c.Queue = newQueue(queue.Config{MaxBytes: 1 << 13, SegmentSize: 1 << 12, RecordBytes: queue.RecordBytes})
		c.Observer = new(witness).observer(func() { <-free })
		c.Observer.Each = nil
	}
	inWorld(t, adjust, func(w *world) {
		defer close(free)
		w.becomes(status(400))
		for range 1000 {
			w.put("a", "b", "c")
			synctest.Wait()
		}
		w.wantEnded(queue.Rejected, 3000)
	})
}

// Events of Send, which no queue accounts for, are kept up to eight megabytes,
// and those beyond are counted.
func TestAnObserverThatHangsAndSend(t *testing.T) {
	told := new(witness)
	var free chan struct{}
	adjust := func(c *delivery.Config) {
		free = make(chan struct{})
		c.Observer = told.observer(func() { <-free })
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(status(400))
		megabyte := items(strings.Repeat("x", 1<<20))
		megabyte[0].UUID = [16]byte{7}
		for range 11 {
			if _, err := w.lane.Send(w.Context(), megabyte); err != nil {
				w.Errorf("Send: %v", err)
			}
		}
		if got := w.lane.NotShown(); got != 3 {
			w.Errorf("%d events were not shown, want 3 of 11", got)
		}
		close(free)
		_, _ = w.flush(time.Second)
		if shown, _ := told.counts(); shown != 8 {
			w.Errorf("%d events were shown, want 8", shown)
		}
		for i, l := range told.losses {
			if known := l.UUID != [16]byte{}; i < 8 && (l.Events != 1 || !known) || i >= 8 && (l.Events != 3 || known) {
				w.Errorf("loss %d is about %d events, uuid %v; want eight about one event, and one about three and no uuid", i, l.Events, l.UUID)
			}
		}
		_, _ = w.lane.Send(w.Context(), megabyte)
		_, _ = w.flush(time.Second)
		if shown, _ := told.counts(); shown != 9 || w.lane.NotShown() != 3 {
			w.Errorf("%d events were shown and %d not, want 9 and 3: the room is free again", shown, w.lane.NotShown())
		}
	})
}

// A callback that ends its goroutine, as a failing test does, costs itself,
// and others are told all the same.
func TestACallbackThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){
		"by Goexit":  runtime.Goexit,
		"by a panic": func() { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			adjust := func(c *delivery.Config) {
				c.Observer = &delivery.Observer{Each: func(*queue.Record, delivery.Verdict) { calls++; end() }}
			}
			inWorld(t, adjust, func(w *world) {
				for range 3 {
					w.put("a")
					if _, err := w.flush(time.Minute); err != nil {
						w.Errorf("Flush: %v", err)
					}
				}
				w.put("b")
				w.close(time.Minute)
				if calls != 4 {
					w.Errorf("the observer was called %d times, want 4", calls)
				}
				w.wantClock("Close returned", 0)
				if got := w.queue.Snapshot().Bytes; got > 1<<16 {
					w.Errorf("the queue still holds %d bytes", got)
				}
			})
		})
	}
}
