package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves BAT-1, ZIG-08, PY-09.
func TestReachingFlushAtSendsOneBatch(t *testing.T) {
	inWorld(t, posthog.Config{FlushAt: 2, Interval: time.Hour}, func(w *world) {
		w.enqueue(0, 1)
		synctest.Wait()
		if n := len(w.server.Requests()); n != 0 {
			w.Errorf("one event of two: got %d requests, want none", n)
		}
		w.enqueue(1, 2)
		synctest.Wait()
		requests := w.server.Requests()
		if len(requests) != 1 || len(requests[0].Events) != 2 {
			w.Fatalf("two events: got %d requests, want one with both events", len(requests))
		}
		w.wantStats(2, 2)
	})
}

// Proves BAT-2, ZIG-07, PY-10.
func TestIntervalSendsWhatIsThere(t *testing.T) {
	inWorld(t, posthog.Config{FlushAt: 100, Interval: 10 * time.Second}, func(w *world) {
		start := time.Now()
		w.enqueue(0, 1)
		if err := w.server.WaitEvents(w.Context(), 1); err != nil {
			w.Fatal(err)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			w.Errorf("the event arrived after %v, want 10s", waited)
		}
	})
}

// The interval starts anew after each batch, so that a full batch does not
// make the next one leave early.
func TestIntervalStartsAgainAfterABatch(t *testing.T) {
	inWorld(t, posthog.Config{FlushAt: 3, Interval: 10 * time.Second}, func(w *world) {
		w.enqueue(0, 1)
		w.pass(9900 * time.Millisecond)
		w.enqueue(1, 3)
		synctest.Wait()
		w.enqueue(3, 4)
		w.pass(9 * time.Second)
		synctest.Wait()
		if n := len(w.server.Requests()); n != 1 {
			w.Errorf("9s after a batch: got %d requests, want 1", n)
		}
		w.pass(2 * time.Second)
		synctest.Wait()
		w.wantRows(4)
	})
}

// Proves BAT-3, BAT-4.
func TestOneWorkerKeepsTheOrderAcrossBatches(t *testing.T) {
	inWorld(t, posthog.Config{Workers: 1, MaxEnqueuedRequests: 8, BatchSize: 7, Interval: time.Second}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: 2}, posthogtest.Fault{Status: 413}, posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse})
		w.enqueue(0, 100)
		w.flush()
		names := w.names()
		if !slices.IsSorted(names) {
			w.Errorf("the events arrived as %q, want the order in which they were enqueued", names)
		}
		for i, r := range w.server.Requests() {
			if len(r.Events) > 7 {
				w.Errorf("request %d has %d events, want at most BatchSize, 7", i, len(r.Events))
			}
		}
		w.wantRows(100)
	})
}

// Proves BAT-6, PY-31.
func TestConcurrentFlushesShareTheWork(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: time.Second, Times: -1})
		w.enqueue(0, 5)
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(w.flush)
		}
		calls.Wait()
		if n := len(w.server.Requests()); n != 1 {
			w.Errorf("100 concurrent flushes of 5 events made %d requests, want 1", n)
		}
		w.wantRows(5)
		for range 100 {
			calls.Go(w.flush)
		}
		calls.Wait()
		w.flush()
		if n := len(w.server.Requests()); n != 1 {
			w.Errorf("flushes of nothing made %d requests, want none", n-1)
		}
	})
}

// Proves FLU-1, ZIG-15, HV0-5.
func TestFlushDeliversAndLeavesTheClientUsable(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.enqueue(0, 5)
		w.flush()
		w.wantRows(5)
		if n := len(w.server.Requests()); n != 1 {
			w.Errorf("5 events and a flush: got %d requests, want 1", n)
		}
		w.enqueue(5, 7)
		w.flush()
		w.wantRows(7)
		w.wantStats(7, 7)
	})
}

// Proves FLU-2.
func TestFlushOfNothingMakesNoRequest(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.flush()
		if n := len(w.server.Requests()); n != 0 {
			w.Errorf("a flush of nothing made %d requests", n)
		}
	})
}

// Proves FLU-3, RTQ-1, RTQ-2.
func TestFlushOfAFailingServerKeepsTheEvents(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		w.enqueue(0, 3)
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		err := w.client.Flush(ctx)
		var undelivered *posthog.UndeliveredError
		if !errors.As(err, &undelivered) || undelivered.Events != 3 || !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("Flush: got %v, want an *UndeliveredError of 3 events for the deadline", err)
		}
		if s := requireLedger(w.T, w.client); s.Pending != 3 {
			w.Errorf("after the flush %d events are pending, want 3", s.Pending)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantRows(3)
		w.wantStats(3, 3)
	})
}

// Proves FLU-4.
func TestFlushEndsWithItsDeadline(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		w.enqueue(0, 1)
		start := time.Now()
		ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
		defer cancel()
		if err := w.client.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("Flush: got %v, want the deadline", err)
		}
		if waited := time.Since(start); waited != 50*time.Millisecond {
			w.Errorf("Flush returned after %v, want 50ms", waited)
		}
	})
}

// Without a deadline FlushTimeout applies.
func TestFlushTimeout(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: 3 * time.Second}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		w.enqueue(0, 1)
		start := time.Now()
		if err := w.client.Flush(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("Flush: got %v, want the deadline", err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			w.Errorf("Flush returned after %v, want 3s", waited)
		}
	})
}

// Proves RTQ-6.
func TestFlushDoesNotShortenRetryAfter(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Header: http.Header{"Retry-After": {"100"}}})
		w.enqueue(0, 1)
		w.flush()
		if gaps := w.gaps(); len(gaps) != 1 || gaps[0] < 100*time.Second {
			w.Errorf("the requests are %v apart, want at least 100s", gaps)
		}
	})
}

// A flush waits for what was accepted before it, and for nothing else.
func TestFlushDoesNotWaitForLaterEvents(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour, Workers: 2}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: time.Second}, posthogtest.Fault{Hang: true, Times: -1})
		w.enqueue(0, 1)
		flushed := make(chan error)
		go func() { flushed <- w.client.Flush(w.Context()) }()
		synctest.Wait()
		w.enqueue(1, 200) // fills a batch, which hangs
		if err := <-flushed; err != nil {
			w.Errorf("Flush: %v", err)
		}
	})
}

// After Close a flush says so.
func TestFlushAfterClose(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.enqueue(0, 1)
		w.close()
		if err := w.client.Flush(w.Context()); !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("Flush after Close: got %v, want ErrClosed", err)
		}
	})
}

// Proves GO-01, ZIG-01, ZIG-02: enqueueing takes no time although nobody
// answers, and what was accepted leaves in batches, for /batch/ alone.
func TestTenThousandEventsWaitForNobody(t *testing.T) {
	inWorld(t, posthog.Config{BatchSize: 100, Workers: 1, Interval: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true})
		start := time.Now()
		w.enqueue(0, 10000)
		if waited := time.Since(start); waited != 0 {
			w.Errorf("10,000 events took %v to enqueue, want no time", waited)
		}
		w.flush()
		w.wantRows(10000)
		requests := w.server.Requests()
		if len(requests) != 101 {
			w.Errorf("got %d requests, want 100 batches of 100, one of them twice", len(requests))
		}
		for _, r := range requests {
			if r.Path != "/batch/" {
				w.Errorf("a request went to %q, want /batch/", r.Path)
			}
		}
	})
}

// Proves ZIG-19: what is wrong with one event is told to its caller, and the
// others of its batch arrive.
func TestOneBadEventSinksNobody(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.enqueue(0, 5)
		odd := event(5)
		odd.Properties = posthog.Properties{"i": func() {}, "fine": true}
		if err := w.client.Enqueue(odd); err != nil {
			w.Errorf("an event with a value that cannot be sent: got %v, want nil", err)
		}
		if err := w.client.Enqueue(posthog.Capture{DistinctId: "user"}); err == nil {
			w.Error("an event without a name: got no error")
		}
		w.enqueue(6, 10)
		w.flush()
		w.wantRows(10)
	})
}
