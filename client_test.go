package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// callWithNothing calls every method of v with the zero value of each
// argument: nil contexts, nil messages, no variadic ones.
func callWithNothing(t *testing.T, v any, check func(name string, results []reflect.Value)) {
	t.Helper()
	value := reflect.ValueOf(v)
	for i := range value.NumMethod() {
		method := value.Type().Method(i)
		var args []reflect.Value
		for j := 1; j < method.Type.NumIn(); j++ {
			if !method.Type.IsVariadic() || j < method.Type.NumIn()-1 {
				args = append(args, reflect.Zero(method.Type.In(j)))
			}
		}
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%s of %T panicked: %v", method.Name, v, p)
				}
			}()
			check(method.Name, value.Method(i).Call(args))
		}()
	}
}

// Proves ZIG-44: on a nil client, and on one that no constructor made, every
// method does nothing and reports no error. A new method is covered by itself.
func TestNilClientDoesNothing(t *testing.T) {
	t.Parallel()
	for kind, client := range map[string]*posthog.ServerClient{"nil": nil, "zero": {}} {
		callWithNothing(t, client, func(name string, results []reflect.Value) {
			for _, result := range results {
				if err, ok := result.Interface().(error); ok {
					t.Errorf("%s of a %s client: got %v, want no error", name, kind, err)
				}
			}
		})
	}
	callWithNothing(t, (*posthog.Delivery)(nil), func(name string, results []reflect.Value) {
		if name == "Wait" && !results[0].IsNil() {
			t.Errorf("Wait of a nil Delivery: got %v, want nil", results[0])
		}
	})
	<-(*posthog.Delivery)(nil).Done()
	callWithNothing(t, (*posthog.SendResult)(nil), func(string, []reflect.Value) {})

	var client *posthog.ServerClient
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	delivery, submitErr := client.Submit(ctx, capture("e"))
	result, sendErr := client.Send(ctx, capture("e"))
	if submitErr != nil || sendErr != nil || delivery.Wait(ctx) != nil || result.Persisted() != 0 || client.Close() != nil {
		t.Errorf("a nil client: Submit %v, Send %v, Wait %v, Persisted %d, Close %v, want nothing at all",
			submitErr, sendErr, delivery.Wait(ctx), result.Persisted(), client.Close())
	}
}

// Proves ZIG-43: no method of a client in any mode panics for nil arguments.
func TestMethodsTakeNilArguments(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]posthog.Config{
		"plain": {}, "disabled": {Disabled: true}, "dry run": {DryRun: true}, "synchronous": {SyncMode: true},
		"waiting": {Overflow: posthog.OverflowWait, BatchSubmitTimeout: time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := open(t, config)
			for _, msg := range []posthog.Message{
				nil, (*posthog.Capture)(nil), (*posthog.Identify)(nil), (*posthog.Alias)(nil), (*posthog.GroupIdentify)(nil),
				(*posthog.PersonProperties)(nil), (*posthog.Exception)(nil),
			} {
				err := client.Enqueue(msg)
				if _, sendErr := client.Send(t.Context(), msg); !config.Disabled && (err == nil || sendErr == nil) {
					t.Errorf("Enqueue(%T nil): %v, Send: %v, want errors", msg, err, sendErr)
				}
			}
			delivery, err := client.Submit(nil, capture("e")) //nolint:staticcheck // a nil context must not panic
			if err != nil {
				t.Errorf("Submit without a context: %v", err)
			}
			callWithNothing(t, client, func(string, []reflect.Value) {}) // Close is one of them, so the event is final
			_ = delivery.Wait(nil)                                       //nolint:staticcheck // a nil context must not panic
		})
	}
}

// What waits does so without a context, too: for an outcome, and for room in
// the queue.
func TestWaitingWithoutAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{Workers: 1, BatchSize: 1, MaxQueueSize: 1, Overflow: posthog.OverflowWait})
		server.Inject(posthogtest.Fault{Delay: time.Second, Times: -1})
		begin := time.Now()
		enqueue(t, client, capture("in flight"))
		synctest.Wait()
		enqueue(t, client, capture("queued"))
		delivery, err := client.Submit(nil, capture("waits for room")) //nolint:staticcheck // a nil context must not panic
		if waited := time.Since(begin); err != nil || waited != time.Second {
			t.Fatalf("Submit: %v after %v, want nil after 1s", err, waited)
		}
		if err := delivery.Wait(nil); err != nil || time.Since(begin) != 3*time.Second { //nolint:staticcheck // see above
			t.Errorf("Wait: %v after %v, want nil after 3s", err, time.Since(begin))
		}
	})
}

// Proves ZIG-29, GO-04: Close repeats its result, and what comes after it is
// refused.
func TestUseAfterClose(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	enqueue(t, client, capture("e"))
	for range 3 {
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	_, submitErr := client.Submit(t.Context(), capture("late"))
	_, sendErr := client.Send(t.Context(), capture("late"))
	for name, err := range map[string]error{
		"Enqueue": client.Enqueue(capture("late")), "EnqueueWithContext": client.EnqueueWithContext(t.Context(), capture("late")),
		"Submit": submitErr, "Send": sendErr, "Flush": client.Flush(t.Context()),
	} {
		if !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("%s after Close: got %v, want ErrClosed", name, err)
		}
	}
	client.Register(posthog.Properties{"a": 1})
	client.Unregister("a")
	server.Recorder(t).Exactly([]posthogtest.Want{{Name: "e"}})
	if s := requireLedger(t, client); s.Accepted != 1 || s.Delivered != 1 || s.RefusedBy[posthog.RefusalClosed] != 4 {
		t.Errorf("got %+v, want one delivered and 4 refused", s)
	}
}

// A closed client refuses also what it would not have sent.
func TestDiscardedEventsAfterClose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.Config
		want   error
	}{
		"dry run":        {posthog.Config{DryRun: true}, posthog.ErrClosed},
		"a hook":         {posthog.Config{Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event { return nil }}}, posthog.ErrClosed},
		"synchronous":    {posthog.Config{SyncMode: true}, posthog.ErrClosed},
		"disabled":       {posthog.Config{Disabled: true}, nil},
		"also opted out": {posthog.Config{}, posthog.ErrClosed},
	} {
		client, _ := open(t, c.config)
		if err := client.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
		if name == "also opted out" {
			client.OptOut()
		}
		_, submitErr := client.Submit(t.Context(), capture("late"))
		_, sendErr := client.Send(t.Context(), capture("late"))
		for call, err := range map[string]error{"Enqueue": client.Enqueue(capture("late")), "Submit": submitErr, "Send": sendErr} {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %s after Close: got %v, want %v", name, call, err, c.want)
			}
		}
		if s := requireLedger(t, client); c.want != nil && s.Accepted != 0 {
			t.Errorf("%s: accepted %d after Close, want 0", name, s.Accepted)
		}
	}
}

// Proves PY-52: with Close in the middle, each event is delivered or refused,
// and the caller knows which.
func TestCloseRacesWithEnqueue(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	var accepted atomic.Int64
	var producers sync.WaitGroup
	begun := make(chan struct{}, 5)
	for range 5 {
		producers.Go(func() {
			begun <- struct{}{}
			for range 100 {
				switch err := client.Enqueue(capture("e")); {
				case err == nil:
					accepted.Add(1)
				case !errors.Is(err, posthog.ErrClosed):
					t.Errorf("Enqueue: got %v, want nil or ErrClosed", err)
				}
			}
		})
	}
	<-begun
	if err := client.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	producers.Wait()
	if got := int64(len(server.Events())); got != accepted.Load() {
		t.Errorf("%d events arrived, %d were accepted", got, accepted.Load())
	}
	requireLedger(t, client)
}

// Proves PY-52, RS-06: five workers, a hundred events, one client, with and
// without SyncMode.
func TestManyGoroutinesShareAClient(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{false, true} {
		client, server := open(t, posthog.Config{SyncMode: mode})
		var producers sync.WaitGroup
		for range 5 {
			producers.Go(func() {
				for range 20 {
					if err := client.Enqueue(capture("e")); err != nil {
						t.Errorf("SyncMode %v: %v", mode, err)
					}
				}
			})
		}
		producers.Wait()
		flush(t, client)
		server.Recorder(t).Count("e", 100)
	}
}

// Proves CAP-7, HTT-3, ZIG-03, RS-03: Enqueue returns while the server says
// nothing at all, or only trouble.
func TestEnqueueDoesNotWaitForTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{FlushAt: 1})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		begin := time.Now()
		for range 100 {
			enqueue(t, client, capture("e"))
		}
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("Enqueue waited %v of virtual time for a hanging server", waited)
		}
		synctest.Wait()
		if s := requireLedger(t, client); s.Accepted != 100 || s.Pending != 100 {
			t.Errorf("got %+v, want 100 accepted and pending", s)
		}
		server.ClearFaults()
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		server.Recorder(t).Count("e", 100)
	})
}

// Proves ZIG-28, PY-48: beyond the bound Enqueue refuses; what was accepted is
// delivered.
func TestFullQueueRefusesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logLines)
		client, server := open(t, posthog.Config{Logger: log, Workers: 1, BatchSize: 10, MaxQueueSize: 1000})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for range 10 { // go into the one request that may be made
			enqueue(t, client, capture("in flight"))
		}
		synctest.Wait()
		for range 1000 {
			enqueue(t, client, capture("queued"))
		}
		if err := client.Enqueue(capture("refused")); !errors.Is(err, posthog.ErrQueueFull) {
			t.Errorf("Enqueue into a full queue: got %v, want ErrQueueFull", err)
		}
		if s := requireLedger(t, client); s.Queued != 1000 || s.InFlight != 1 || s.RefusedBy[posthog.RefusalQueueFull] != 1 || s.QueueBytes == 0 {
			t.Errorf("got %+v, want 1000 queued, one request and one refusal", s)
		}
		log.requireLine(t, "WARN", "queue is full", "MaxQueueSize")
		elapse(3 * time.Second)
		if age := client.Stats().OldestAge; age != 3*time.Second {
			t.Errorf("OldestAge is %v, want 3s", age)
		}
		server.ClearFaults()
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		server.Recorder(t).Count("in flight", 10)
		server.Recorder(t).Count("queued", 1000)
		server.Recorder(t).None("refused")
	})
}

// Proves ZIG-07, ZIG-08.
func TestFlushAtAndInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{FlushAt: 20, Interval: time.Hour})
		for i := range 20 {
			synctest.Wait()
			if got := len(server.Requests()); got != 0 {
				t.Fatalf("%d requests after %d events, want none before the 20th", got, i)
			}
			enqueue(t, client, capture("e"))
		}
		synctest.Wait()
		if got := server.Requests(); len(got) != 1 || len(got[0].Events) != 20 {
			t.Errorf("%d requests after 20 events, want one with all of them", len(got))
		}
		enqueue(t, client, capture("e"))
		elapse(time.Hour - 1)
		if got := len(server.Requests()); got != 1 {
			t.Errorf("%d requests before the Interval, want 1", got)
		}
		elapse(1)
		if got := len(server.Requests()); got != 2 {
			t.Errorf("%d requests after the Interval, want 2", got)
		}
	})
}

// Proves ZIG-39, PY-01: no default is a nil client, and swapping is race-free.
// It is the only test that touches the default.
func TestDefaultClient(t *testing.T) {
	t.Parallel()
	if err := posthog.Default().Enqueue(capture("nowhere")); posthog.Default() != nil || err != nil {
		t.Errorf("without a default: got %v, %v, want a nil client that does nothing", posthog.Default(), err)
	}
	client, server := open(t, posthog.Config{})
	var swaps sync.WaitGroup
	for range 4 {
		swaps.Go(func() {
			posthog.SetDefault(client)
			enqueue(t, posthog.Default(), capture("e"))
		})
	}
	swaps.Wait()
	posthog.SetDefault(nil)
	flush(t, client)
	server.Recorder(t).Count("e", 4)
}

// A response of any 2xx is a delivery. Proves HTT-2.
func TestAnySuccessIsADelivery(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent} {
		client, server := open(t, posthog.Config{})
		server.Inject(posthogtest.Fault{Status: status, Persist: -1})
		enqueue(t, client, capture("e"))
		flush(t, client)
		if s := requireLedger(t, client); s.Delivered != 1 || len(server.Requests()) != 1 {
			t.Errorf("status %d: %+v after %d requests, want one delivery", status, s, len(server.Requests()))
		}
	}
}
