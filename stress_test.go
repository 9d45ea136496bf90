package posthog_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// heap is the live heap, collected.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A million events at full speed against a server that answers nothing: the
// memory stays within the configured bytes and a tenth, the goroutines stay as
// many as they were, and every event has its place in the ledger.
func TestAMillionEventsAgainstAHangingServer(t *testing.T) {
	const megabytes = 64
	config := posthog.Config{MaxQueueSize: 1 << 20, MaxQueueBytes: megabytes << 20}
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		w.enqueue(0, 1)
		w.flushWithin(time.Second)
		before, goroutines := heap(), runtime.NumGoroutine()
		capture := event(1)
		accepted, refused := 1, 0
		for range 1_000_000 {
			switch err := w.client.Enqueue(capture); {
			case err == nil:
				accepted++
			case errors.Is(err, posthog.ErrQueueFull):
				refused++
			default:
				w.Fatalf("Enqueue: %v", err)
			}
		}
		synctest.Wait()
		if grown := int64(heap()) - int64(before); grown > megabytes<<20*11/10 {
			w.Errorf("the heap grew by %d bytes with MaxQueueBytes %d", grown, megabytes<<20)
		}
		if n := runtime.NumGoroutine(); n > goroutines+20 {
			w.Errorf("%d goroutines run, %d did before", n, goroutines)
		}
		s := requireLedger(w.T, w.client)
		if int(s.Accepted) != accepted || int(s.RefusedBy[posthog.RefusalQueueFull]) != refused || int(s.Pending) != accepted {
			w.Errorf("got %+v, want %d accepted and pending, %d refused", s, accepted, refused)
		}
		if s.QueueBytes > megabytes<<20 {
			w.Errorf("the queue takes %d bytes, want at most MaxQueueBytes, %d", s.QueueBytes, megabytes<<20)
		}
	})
}

// Only errors for ever, and a hundred thousand events: the bounds hold, and
// once the server recovers everything that was accepted arrives.
func TestErrorsForEverKeepTheBounds(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		accepted := 0
		for i := range 100_000 {
			if w.client.Enqueue(event(i)) == nil {
				accepted++
			}
			if i%1000 == 0 {
				w.pass(100 * time.Millisecond)
			}
		}
		s := requireLedger(w.T, w.client)
		if most := posthog.DefaultMaxQueueSize + 4*posthog.DefaultWorkers*posthog.DefaultBatchSize; accepted > most {
			w.Errorf("%d events were accepted, want at most %d: the queue and the requests", accepted, most)
		}
		if s.QueueBytes > posthog.DefaultMaxQueueBytes {
			w.Errorf("the queue takes %d bytes, want at most %d", s.QueueBytes, posthog.DefaultMaxQueueBytes)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantStats(uint64(accepted), uint64(accepted))
	})
}

// Proves PY-46: the ledger adds up at every instant, whatever happens
// meanwhile: while events pour in, and during the minute in which they end.
func TestTheLedgerAddsUpAtEveryInstant(t *testing.T) {
	config := posthog.Config{BatchSize: 50, MaxQueueSize: 200, Overflow: posthog.OverflowDropOldest, MaxRetries: posthog.Ptr(1)}
	inWorld(t, config, func(w *world) {
		for range 20 {
			w.server.Inject(
				posthogtest.Fault{Delay: 20 * time.Millisecond}, posthogtest.Fault{Status: 503, Times: 2},
				posthogtest.Fault{Status: 400}, posthogtest.Fault{Status: 413}, posthogtest.Fault{Reset: posthogtest.ResetMidBody, Persist: 3},
			)
		}
		stop := make(chan struct{})
		var watching, producing sync.WaitGroup
		watching.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					requireLedger(w.T, w.client)
					runtime.Gosched()
				}
			}
		})
		for p := range 4 {
			producing.Go(func() {
				for i := range 2000 {
					_ = w.client.Enqueue(event(p*2000 + i))
				}
			})
		}
		producing.Wait()
		close(stop)
		watching.Wait()
		// The one above never rests, so for it no time passes. Here it does: for
		// half a minute with new events, and for half a minute without.
		for i := range 6000 {
			if i < 3000 {
				_ = w.client.Enqueue(event(8000 + i))
			}
			w.pass(10 * time.Millisecond)
			requireLedger(w.T, w.client)
		}
		if n := len(w.server.Requests()); n < 60 {
			w.Errorf("the ledger was watched over %d requests, want at least the 60 of 3,000 events", n)
		}
		w.close()
		if s := requireLedger(w.T, w.client); s.Pending != 0 || s.Accepted != 11000 {
			w.Errorf("got %+v, want 11,000 events, all of them final", s)
		}
	})
}

// Everyone who is told of outcomes is told the same. Proves ZIG-45.
func TestTheLedgerCallbackAndDeliveryAgree(t *testing.T) {
	told := new(outcomes)
	lost := 0
	config := posthog.Config{
		BatchSize: 10, Callback: told, MaxRetries: posthog.Ptr(0), FlushTimeout: time.Hour,
		OnError: func(err error) {
			var failure *posthog.DeliveryError
			if errors.As(err, &failure) {
				lost += failure.Events
			}
		},
	}
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 400}, posthogtest.Fault{Status: 503}, posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse})
		var deliveries []*posthog.Delivery
		for i := range 100 {
			d, err := w.client.Submit(w.Context(), event(i))
			if err != nil {
				w.Fatal(err)
			}
			deliveries = append(deliveries, d)
		}
		w.flush()
		failed := 0
		for _, d := range deliveries {
			if d.Wait(w.Context()) != nil {
				failed++
			}
		}
		s := requireLedger(w.T, w.client)
		succeeded, callbackFailed := told.counts()
		if failed != 30 || lost != 30 || callbackFailed != 30 || s.Accepted-s.Delivered != 30 || succeeded != 70 {
			w.Errorf("lost events: deliveries say %d, OnError %d, Callback %d, Stats %d; want 30 of each, and 70 successes, got %d",
				failed, lost, callbackFailed, s.Accepted-s.Delivered, succeeded)
		}
	})
}
