package posthog_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// full returns a world whose queue holds three events and whose server hangs
// on everything.
func full(t *testing.T, config posthog.Config, test func(w *world)) {
	t.Helper()
	config.Workers, config.BatchSize, config.MaxQueueSize = 1, 1, 3
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: time.Second, Times: -1})
		w.enqueue(0, 1)
		synctest.Wait() // event 0 is in flight
		w.enqueue(1, 4)
		test(w)
	})
}

// Proves RTQ-3, ZIG-28, PY-06: the newest event is refused, and says so.
func TestAFullQueueRefusesTheNewest(t *testing.T) {
	logged := new(logLines)
	full(t, posthog.Config{Logger: logged}, func(w *world) {
		if err := w.client.Enqueue(event(4)); !errors.Is(err, posthog.ErrQueueFull) {
			w.Errorf("Enqueue into a full queue: got %v, want ErrQueueFull", err)
		}
		if n := len(logged.having("queue is full")); n != 1 {
			w.Errorf("a full queue was logged %d times, want once", n)
		}
		w.flush()
		w.wantRows(4)
		if s := requireLedger(w.T, w.client); s.Accepted != 4 || s.RefusedBy[posthog.RefusalQueueFull] != 1 {
			w.Errorf("got %+v, want 4 accepted and 1 refused", s)
		}
	})
}

// The oldest event makes room, and everyone hears of it.
func TestAFullQueueEvictsTheOldest(t *testing.T) {
	told := new(outcomes)
	full(t, posthog.Config{Overflow: posthog.OverflowDropOldest, Callback: told}, func(w *world) {
		w.enqueue(4, 6)
		w.flush()
		if _, failed := told.counts(); failed != 2 || !errors.Is(told.failed[event(1).Event], posthog.ErrQueueFull) || !errors.Is(told.failed[event(2).Event], posthog.ErrQueueFull) {
			w.Errorf("the callback was told of %v, want events 1 and 2 as ErrQueueFull", told.failed)
		}
		if s := requireLedger(w.T, w.client); s.DroppedBy[posthog.OutcomeQueueFull] != 2 || s.Delivered != 4 {
			w.Errorf("got %+v, want 2 dropped and 4 delivered", s)
		}
	})
}

// A caller that waits gets room as soon as a request leaves.
func TestAFullQueueWaits(t *testing.T) {
	full(t, posthog.Config{Overflow: posthog.OverflowWait, BatchSubmitTimeout: 300 * time.Millisecond}, func(w *world) {
		start := time.Now()
		if err := w.client.Enqueue(event(4)); !errors.Is(err, posthog.ErrQueueFull) {
			w.Errorf("Enqueue into a full queue: got %v, want ErrQueueFull", err)
		}
		if waited := time.Since(start); waited != 300*time.Millisecond {
			w.Errorf("Enqueue waited %v, want BatchSubmitTimeout, 300ms", waited)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		if err := w.client.EnqueueWithContext(ctx, event(4)); err != nil {
			w.Errorf("EnqueueWithContext: %v", err)
		}
		if waited := time.Since(start); waited != time.Second {
			w.Errorf("room appeared after %v, want 1s, when the first request ended", waited)
		}
		w.flush()
		w.wantRows(5)
	})
}

// A caller that waits for room learns of Close.
func TestCloseWakesWhoWaitsForRoom(t *testing.T) {
	full(t, posthog.Config{Overflow: posthog.OverflowWait}, func(w *world) {
		refused := make(chan error)
		go func() { refused <- w.client.EnqueueWithContext(context.Background(), event(4)) }()
		synctest.Wait()
		go func() { _ = w.client.Close() }()
		if err := <-refused; !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("EnqueueWithContext during Close: got %v, want ErrClosed", err)
		}
	})
}
