package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// told is a Callback that remembers, and does more if it is asked to.
type told struct {
	success func(*posthog.Event)
	failure func(*posthog.Event, error)

	mu        sync.Mutex
	succeeded []*posthog.Event
	failed    []error
}

func (c *told) Success(e posthog.APIMessage) {
	c.mu.Lock()
	c.succeeded = append(c.succeeded, e)
	c.mu.Unlock()
	if c.success != nil {
		c.success(e)
	}
}

func (c *told) Failure(e posthog.APIMessage, err error) {
	c.mu.Lock()
	c.failed = append(c.failed, err)
	c.mu.Unlock()
	if c.failure != nil {
		c.failure(e, err)
	}
}

// counts returns how many successes and failures it was told of.
func (c *told) counts() (succeeded, failed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.succeeded), len(c.failed)
}

// Proves GO-38: every event is told of once, readable, when Flush returns.
func TestCallbackSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		callback := new(told)
		client, server := open(t, posthog.Config{Callback: callback, OnError: func(err error) { t.Errorf("OnError: %v", err) }})
		for _, msg := range everyMessage() {
			enqueue(t, client, msg)
		}
		flush(t, client)
		if succeeded, failed := callback.counts(); succeeded != len(everyMessage()) || failed != 0 {
			t.Fatalf("told of %d successes and %d failures, want %d and 0", succeeded, failed, len(everyMessage()))
		}
		want := make(map[string]wireEvent)
		for _, e := range arrived(t, server) {
			want[e.UUID] = e
		}
		for _, e := range callback.succeeded {
			w := want[e.Uuid]
			if e.Event != w.Event || e.DistinctId != w.DistinctID || e.Timestamp.Format(time.RFC3339Nano) != w.Timestamp {
				t.Errorf("told of %+v, the server has %+v", e, w)
			}
			if got, want := canonical(t, e.Properties), canonical(t, w.Properties); !sameJSON(t, got, want) {
				t.Errorf("told of %s, the server has %s", got, want)
			}
		}
	})
}

// Proves PY-08: a refused request is one OnError and a Failure for each
// event, with everything that is known.
func TestCallbackFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		callback := new(told)
		var lost []error
		client, server := open(t, posthog.Config{Callback: callback, OnError: func(err error) { lost = append(lost, err) }})
		server.Inject(posthogtest.Fault{Status: 400, Body: "bad\nbody"})
		enqueue(t, client, capture("a"), capture("b"))
		flush(t, client)
		if succeeded, failed := callback.counts(); succeeded != 0 || failed != 2 {
			t.Errorf("told of %d successes and %d failures, want 0 and 2", succeeded, failed)
		}
		var e *posthog.DeliveryError
		if len(lost) != 1 || !errors.As(lost[0], &e) || e.Events != 2 || e.UUID != "" {
			t.Fatalf("OnError got %v, want one DeliveryError about 2 events", lost)
		}
		if e.Outcome != posthog.OutcomeRejected || e.Status != 400 || e.Attempts != 1 || !strings.Contains(e.Error(), "status 400") || strings.Contains(e.Error(), "\n") {
			t.Errorf("OnError got %+v (%v), want a rejection with status 400 on one line", e, e)
		}
		if !errors.As(callback.failed[0], &e) || e.Events != 1 || !canonicalUUID.MatchString(e.UUID) || !strings.Contains(e.Error(), e.UUID) {
			t.Errorf("Failure got %+v (%v), want a DeliveryError about one event", e, e)
		}
		if s := requireLedger(t, client); s.Rejected != 2 {
			t.Errorf("got %+v, want 2 rejected", s)
		}
	})
}

// The sentinels that callers branch on are found in the errors of delivery.
func TestDeliveryErrorUnwraps(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	for name, c := range map[string]struct {
		err  *posthog.DeliveryError
		want error
	}{
		"an evicted event":       {&posthog.DeliveryError{Outcome: posthog.OutcomeQueueFull}, posthog.ErrQueueFull},
		"left behind by Close":   {&posthog.DeliveryError{Outcome: posthog.OutcomeShutdown}, posthog.ErrClosed},
		"too large for PostHog":  {&posthog.DeliveryError{Outcome: posthog.OutcomeRejected, Status: 413}, posthog.ErrMessageTooBig},
		"an unanswered request":  {&posthog.DeliveryError{Outcome: posthog.OutcomeUnconfirmed, Err: cause}, cause},
		"both a state and cause": {&posthog.DeliveryError{Outcome: posthog.OutcomeShutdown, Err: cause}, posthog.ErrClosed},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: errors.Is(%v, %v) is false", name, c.err, c.want)
		}
	}
	if err := (&posthog.UndeliveredError{Call: "flush", Events: 3, Err: context.DeadlineExceeded}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "flush: 3 events") {
		t.Errorf("UndeliveredError is %v", err)
	}
}

// Panics of whatever the application brought are contained, and events are
// delivered all the same.
func TestPanicsAreContained(t *testing.T) {
	for name, c := range map[string]struct {
		config posthog.Config
		fault  posthogtest.Fault
		line   string
	}{
		"in Callback.Success": {posthog.Config{Callback: &told{success: func(*posthog.Event) { panic("boom") }}}, posthogtest.Fault{}, "Success panicked"},
		"in Callback.Failure": {posthog.Config{Callback: &told{failure: func(*posthog.Event, error) { panic("boom") }}}, posthogtest.Fault{Status: 400}, "Failure panicked"},
		"in OnError":          {posthog.Config{OnError: func(error) { panic("boom") }}, posthogtest.Fault{Status: 400}, "OnError panicked"},
		"in a nil Callback":   {posthog.Config{Callback: (*told)(nil)}, posthogtest.Fault{}, "panicked"},
		"in RetryAfter":       {posthog.Config{RetryAfter: func(int) time.Duration { panic("boom") }}, posthogtest.Fault{Status: 503}, "RetryAfter panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := new(logLines)
				c.config.Logger = log
				client, server := open(t, c.config)
				server.Inject(c.fault)
				enqueue(t, client, capture("first"))
				flush(t, client)
				enqueue(t, client, capture("second"))
				if err := client.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				server.Recorder(t).Count("second", 1)
				log.requireLine(t, "ERROR", c.line)
				s := requireLedger(t, client)
				if c.fault.Status != 503 && s.CallbackPanics == 0 {
					t.Error("CallbackPanics is 0")
				}
				if s.Pending != 0 {
					t.Errorf("%d events are pending after Close", s.Pending)
				}
			})
		})
	}
}

// A RoundTripper that panics is an attempt that failed, on a sender's goroutine
// as on the caller's.
func TestPanicOfTheTransportIsAnAttempt(t *testing.T) {
	for name, deliver := range map[string]func(*posthog.ServerClient) error{
		"from the queue": func(c *posthog.ServerClient) error {
			return errors.Join(c.Enqueue(capture("e")), c.Flush(context.Background()))
		},
		"by Send": func(c *posthog.ServerClient) error {
			_, err := c.Send(context.Background(), capture("e"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, log := posthogtest.NewServer(t, nil), new(logLines)
				next, calls := server.Transport(), 0
				client := dial(t, server, posthog.Config{Workers: 1, Logger: log, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if calls++; calls == 1 {
						panic("boom")
					}
					return next.RoundTrip(r)
				})})
				if err := deliver(client); err != nil {
					t.Errorf("got %v, want the event delivered by the second attempt", err)
				}
				server.Recorder(t).Count("e", 1)
				if calls != 2 {
					t.Errorf("%d attempts, want 2", calls)
				}
				if lines := log.having("goroutine"); len(lines) > 0 {
					t.Errorf("the panic ended a goroutine: %q", lines)
				}
				requireLedger(t, client)
			})
		})
	}
}

// panicLogger is a Logger that always panics.
type panicLogger struct{}

func (panicLogger) Debugf(string, ...any) { panic("boom") }
func (panicLogger) Logf(string, ...any)   { panic("boom") }
func (panicLogger) Warnf(string, ...any)  { panic("boom") }
func (panicLogger) Errorf(string, ...any) { panic("boom") }

func TestPanicOfTheLoggerIsContained(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{Logger: panicLogger{}, Verbose: true, Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		if e.Event == "dropped" {
			return nil
		}
		return e
	}}})
	server.Inject(posthogtest.Fault{Status: 400})
	_ = client.Enqueue(posthog.Capture{}) // refused, with a warning
	enqueue(t, client, capture("dropped"), capture("lost"))
	flush(t, client)
	enqueue(t, client, capture("e"))
	flush(t, client)
	server.Recorder(t).Count("e", 1)
}

// Proves PY-43: callbacks may call any method, Close included.
func TestCallbacksMayCallTheClient(t *testing.T) {
	for name, fault := range map[string]posthogtest.Fault{"after a success": {}, "after a failure": {Status: 400}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var client *posthog.ServerClient
				closed := make(chan error, 1)
				use := func() {
					client.OptOut()
					_ = client.Stats()
					_ = client.Enqueue(capture("opted out"))
					client.OptIn()
					client.Register(posthog.Properties{"a": 1})
					closed <- client.Close()
				}
				client, server := open(t, posthog.Config{Callback: &told{
					success: func(*posthog.Event) { use() },
					failure: func(*posthog.Event, error) { use() },
				}})
				server.Inject(fault)
				enqueue(t, client, capture("e"))
				if err := <-closed; err != nil {
					t.Errorf("Close in a callback: %v", err)
				}
				if err := client.Enqueue(capture("late")); !errors.Is(err, posthog.ErrClosed) {
					t.Errorf("Enqueue after Close: got %v, want ErrClosed", err)
				}
				requireLedger(t, client)
			})
		})
	}
}

// Proves PY-08, PY-43: OnError may switch the client off.
func TestOnErrorMaySwitchTheClientOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var client *posthog.ServerClient
		client, server := open(t, posthog.Config{OnError: func(error) { client.OptOut() }})
		server.Inject(posthogtest.Fault{Status: 401})
		enqueue(t, client, capture("lost"))
		flush(t, client)
		enqueue(t, client, capture("discarded"))
		flush(t, client)
		if s := requireLedger(t, client); s.Rejected != 1 || s.DroppedBy[posthog.OutcomeOptedOut] != 1 || len(server.Requests()) != 1 {
			t.Errorf("got %+v after %d requests, want one rejection and nothing after it", s, len(server.Requests()))
		}
	})
}

// A Flush from a callback ends.
func TestFlushFromACallbackEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var client *posthog.ServerClient
		flushed := make(chan error, 1)
		client, _ = open(t, posthog.Config{Callback: &told{success: func(*posthog.Event) { flushed <- client.Flush(context.Background()) }}})
		enqueue(t, client, capture("e"))
		if err := <-flushed; err != nil {
			t.Errorf("Flush in a callback: %v", err)
		}
	})
}
