package posthog_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// answering is a transport that answers every request with a status.
func answering(status int) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
}

// slow is a Logger that takes a tenth of a second for each line.
type slow struct{ silent }

func (slow) Errorf(string, ...any) {
	timer := time.NewTimer(100 * time.Millisecond)
	<-timer.C
}

// When Flush returns, whoever follows the events knows of their end, however
// slow the logger is.
func TestFlushIsTheLastToKnow(t *testing.T) {
	told := new(outcomes)
	inWorld(t, posthog.Config{Logger: slow{}, Callback: told}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 400})
		delivery, err := w.client.Submit(w.Context(), event(0))
		if err != nil {
			w.Fatal(err)
		}
		w.flush()
		select {
		case <-delivery.Done():
		default:
			w.Error("Flush has returned, and the Delivery is not done")
		}
		if _, failed := told.counts(); failed != 1 {
			w.Errorf("Flush has returned, and the callback was told of %d failures, want 1", failed)
		}
		w.pass(time.Second) // for the logger
	})
}

// A Callback that hangs fills the queue, and not the memory, however small the
// events are.
func TestAHangingCallbackKeepsTheBounds(t *testing.T) {
	const megabytes = 16
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		client, _ := open(t, posthog.Config{
			MaxQueueBytes: megabytes << 20, MaxQueueSize: 1 << 20, DisableSystemProperties: true, Transport: answering(200),
			Callback: &told{success: func(*posthog.Event) { <-free }},
		})
		before := heap()
		small := posthog.Capture{DistinctId: "u", Event: "e"}
		for range 20 {
			for client.Enqueue(small) == nil {
			}
			synctest.Wait()
		}
		const beside = 8 << 20 // the bodies of requests
		if grown := int64(heap()) - int64(before); grown > megabytes<<20*11/10+beside {
			t.Errorf("the heap grew by %d bytes with MaxQueueBytes %d", grown, megabytes<<20)
		}
		requireLedger(t, client)
		close(free)
	})
}

// An OnError that hangs costs nothing for each event that is lost meanwhile.
func TestAHangingOnErrorKeepsTheBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		server := posthogtest.NewServer(t, nil)
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		client := connect(t, server, posthog.Config{
			MaxQueueSize: 1000, BatchSize: 100, Overflow: posthog.OverflowDropOldest, OnError: func(error) { <-free },
		})
		capture := event(1)
		fill := func(events int) {
			for range events {
				if err := client.Enqueue(capture); err != nil {
					t.Fatalf("Enqueue: %v", err)
				}
			}
			synctest.Wait()
		}
		fill(10_000)
		before := heap()
		fill(60_000)
		const beside = 4 << 20 // a note for each loss would be more
		if grown := int64(heap()) - int64(before); grown > beside {
			t.Errorf("the heap grew by %d bytes in 60,000 evictions, want less than %d", grown, beside)
		}
		close(free)
		closeNow(t, client)
		requireLedger(t, client)
	})
}

// What a Callback that hangs is not shown of SyncMode's events is counted.
func TestCallbacksMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		callback := &told{success: func(*posthog.Event) { <-free }}
		client, _ := open(t, posthog.Config{SyncMode: true, Transport: answering(200), Callback: callback, Compression: posthog.CompressionNone})
		large := capture("e")
		large.Properties = posthog.Properties{"text": string(make([]byte, 100_000))} // 600,000 bytes on the wire
		for range 30 {
			enqueue(t, client, large)
		}
		s := requireLedger(t, client)
		if s.CallbacksMissed == 0 || s.CallbacksMissed >= 30 {
			t.Errorf("CallbacksMissed is %d of 30 events of 600 kB, want what exceeds 8 MB", s.CallbacksMissed)
		}
		close(free)
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if succeeded, _ := callback.counts(); uint64(succeeded)+s.CallbacksMissed != 30 {
			t.Errorf("%d events were shown and %d missed, want 30 in all", succeeded, s.CallbacksMissed)
		}
	})
}

// What Close cuts off of a Send says so, and is one of those that Close names.
func TestSendThatCloseCutsOff(t *testing.T) {
	inWorld(t, posthog.Config{ShutdownTimeout: time.Second}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1, Header: http.Header{"Retry-After": {"60"}}})
		sent := make(chan error, 1)
		go func() {
			_, err := w.client.Send(w.Context(), event(0))
			sent <- err
		}()
		synctest.Wait()
		var undelivered *posthog.UndeliveredError
		if err := w.client.Close(); !errors.As(err, &undelivered) || undelivered.Events != 1 {
			w.Errorf("Close: got %v, want an *UndeliveredError of 1 event", err)
		}
		if err := <-sent; !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("Send: got %v, want ErrClosed", err)
		}
		if s := requireLedger(w.T, w.client); s.DroppedBy[posthog.OutcomeShutdown] != 1 {
			w.Errorf("got %+v, want 1 event dropped at shutdown", s)
		}
	})
}
