package delivery_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// aging gives a lane events that may be eight minutes old.
func aging(told *witness) func(*delivery.Config) {
	return func(c *delivery.Config) {
		c.MaxAge, c.Workers, c.FlushAt = 8*time.Minute, 1, 1
		c.Retry.Delay = func(int) time.Duration { return 30 * time.Second }
		if told != nil {
			c.Observer = told.observer(func() {})
		}
	}
}

// putNow enqueues an event that was accepted now, and returns where its
// verdict will be.
func (w *world) putNow(name string) <-chan delivery.Verdict {
	w.Helper()
	verdict := make(chan delivery.Verdict, 1)
	item := &queue.Item{Frame: segment.Frame{Payload: []byte(name), Accepted: time.Now().UnixNano()}, Tag: verdict}
	if err := w.lane.Put(w.Context(), item, false); err != nil {
		w.Fatalf("Put(%q): %v", name, err)
	}
	return verdict
}

// Queued events end when they are too old, within a minute, and those that are
// repeated end with their next failure.
func TestEventsEndWhenTheyAreTooOld(t *testing.T) {
	told := new(witness)
	inWorld(t, aging(told), func(w *world) {
		w.becomes(status(503))
		failing := w.putNow("failing")
		w.pass(time.Minute)
		queued := w.putNow("queued")
		w.pass(3 * time.Minute)
		young := w.putNow("young")
		w.pass(4*time.Minute - time.Second)
		w.wantEnded(queue.Expired, 0)
		w.pass(31 * time.Second)
		w.wantEnded(queue.Expired, 1)
		if v := <-failing; v.Outcome != queue.Expired || v.Attempts != 18 || v.Status != 503 || v.Message == "" {
			w.Errorf("an event that is repeated: got %+v, want expired after 18 attempts with status 503, and why", v)
		}
		w.pass(90 * time.Second)
		w.wantEnded(queue.Expired, 2)
		<-queued
		w.becomes(status(200))
		w.pass(time.Minute)
		if v := <-young; v.Outcome != queue.Delivered {
			w.Errorf("an event that is not too old: got %+v, want delivered", v)
		}
	})
	if len(told.losses) != 2 {
		t.Errorf("the observer was told of %+v, want two losses", told.losses)
	}
}

// A batch keeps those of its events that are not too old.
func TestABatchLosesOnlyWhatIsTooOld(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { aging(nil)(c); c.FlushAt, c.Interval = 3, time.Hour }, func(w *world) {
		w.becomes(status(503))
		old := w.putNow("old")
		w.pass(5 * time.Minute)
		young := w.putNow("young")
		w.putNow("younger")
		w.pass(3*time.Minute + time.Second)
		w.wantEnded(queue.Expired, 0)
		w.pass(30 * time.Second)
		if v := <-old; v.Outcome != queue.Expired {
			w.Errorf("an event that is too old: got %+v, want expired", v)
		}
		w.becomes(status(200))
		w.pass(time.Minute)
		if v := <-young; v.Outcome != queue.Delivered {
			w.Errorf("an event of the same batch: got %+v, want delivered", v)
		}
		if requests := w.requests(); requests[len(requests)-1] != "9m0s young younger" {
			w.Errorf("the last request was %q, want that of the younger ones", requests[len(requests)-1])
		}
	})
}

// What may have arrived is not said to be lost.
func TestATooOldEventThatMayHaveArrivedIsUnconfirmed(t *testing.T) {
	inWorld(t, aging(nil), func(w *world) {
		w.becomes(first(cut, status(503)))
		verdict := w.putNow("a")
		w.pass(9 * time.Minute)
		if v := <-verdict; v.Outcome != queue.Unconfirmed {
			w.Errorf("got %+v, want unconfirmed", v)
		}
	})
}

// A server that asks for a pause gets it, whatever becomes of the events.
func TestTheLastAnswerToATooOldEventIsHeeded(t *testing.T) {
	inWorld(t, aging(nil), func(w *world) {
		w.becomes(first(after(9*time.Minute, pausing(time.Minute)), status(200)))
		old := w.putNow("old")
		w.pass(5 * time.Minute)
		w.putNow("young")
		w.pass(4 * time.Minute)
		if v := <-old; v.Outcome != queue.Expired {
			w.Errorf("got %+v, want expired", v)
		}
		w.pass(2 * time.Minute)
		w.wantRequests("0s old", "10m0s young")
	})
}

// Without a bound on their age, events are kept.
func TestEventsWithoutABoundOnTheirAge(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { aging(nil)(c); c.MaxAge = 0 }, func(w *world) {
		w.becomes(status(503))
		w.putNow("a")
		w.putNow("b")
		w.pass(100 * time.Hour)
		w.becomes(status(200))
		w.pass(time.Minute)
		w.wantEnded(queue.Delivered, 2)
	})
}

// Recovered events that are too old end at once, and are read from nowhere.
func TestRecoveredEventsThatAreTooOld(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = leftBy(t, time.Now().Add(-9*time.Minute), "a", "b", "c", "d", "e")
		onDisk(d, aging(nil))(c)
	}
	inWorld(t, adjust, func(w *world) {
		w.lane.Recover(d.found())
		w.lane.Start()
		w.wantEnded(queue.Expired, 5)
		w.wantClock("they ended", 0)
		w.pass(time.Minute)
		w.wantRequests()
		if left := d.events(); len(left) > 0 {
			w.Errorf("the files still have %q, want nothing", left)
		}
	})
}
