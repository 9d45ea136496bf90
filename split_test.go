package posthog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves BAT-5: a batch that is too large arrives in halves, in order, under
// the uuids it had, although the server had stored a part of it.
func TestATooLargeBatchIsHalved(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour, Workers: 1}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 413, Persist: 30})
		w.enqueue(0, 99)
		w.flush()
		requests := w.server.Requests()
		if len(requests) != 3 || len(requests[1].Events) != 50 || len(requests[2].Events) != 49 {
			w.Fatalf("got %d requests, want one of 99 events and then 50 and 49", len(requests))
		}
		if n := len(w.server.Events()); n != 99+30 {
			w.Errorf("the server received %d events, want 129: 30 of them twice", n)
		}
		w.wantRows(99)
		w.wantStats(99, 99)
	})
}

// The halves wait for nothing.
func TestHalvingTakesNoTime(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 413, Times: 3})
		start := time.Now()
		w.enqueue(0, 8)
		w.flush()
		if waited := time.Since(start); waited != 0 {
			w.Errorf("halving took %v, want no wait", waited)
		}
		w.wantRows(8)
	})
}

// A 413 is no attempt: two of them and a failure leave the one retry.
func TestHalvingCostsNoAttempt(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour, MaxRetries: posthog.Ptr(1), Workers: 1}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 413, Times: 2}, posthogtest.Fault{Status: 503})
		w.enqueue(0, 8)
		w.flush()
		w.wantRows(8)
		w.wantStats(8, 8)
	})
}

// One event that is too large by itself is found, and it alone is lost.
func TestThePoisonEventAloneIsRefused(t *testing.T) {
	told := new(outcomes)
	inWorld(t, posthog.Config{Interval: time.Hour, Callback: told, MaxEventBytes: 2 << 20}, func(w *world) {
		w.enqueue(0, 40)
		large := event(40)
		large.Properties["text"] = strings.Repeat("x", 1_010_000)
		delivery, err := w.client.Submit(w.Context(), large)
		if err != nil {
			w.Fatal(err)
		}
		w.enqueue(41, 80)
		w.flush()
		if err := delivery.Wait(w.Context()); !errors.Is(err, posthog.ErrMessageTooBig) {
			w.Errorf("the event above the server's limit: got %v, want ErrMessageTooBig", err)
		}
		if s := requireLedger(w.T, w.client); s.Delivered != 79 || s.Rejected != 1 {
			w.Errorf("got %+v, want 79 delivered and 1 rejected", s)
		}
		if _, failed := told.counts(); failed != 1 || told.failed[large.Event] == nil {
			w.Errorf("the callback was told of %d failures, want that of the large event", failed)
		}
	})
}

// After a 413 batches are smaller, and grow again while they pass.
func TestTheBatchSizeRecovers(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour, BatchSize: 100, FlushAt: 100, Workers: 1}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 413})
		for i := range 60 {
			w.enqueue(i*100, (i+1)*100)
			w.flush()
		}
		requests := w.server.Requests()
		if n := len(requests[3].Events); n != 50 {
			w.Errorf("the batch after the halves has %d events, want 50", n)
		}
		if n := len(requests[len(requests)-1].Events); n != 100 {
			w.Errorf("the last batch has %d events, want 100 again", n)
		}
		w.wantRows(6000)
	})
}
