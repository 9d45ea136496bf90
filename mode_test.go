package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-07, PY-13, PY-18, PY-41, CAP-17: Disabled beats DryRun beats
// SyncMode, for Enqueue, Submit and Send alike.
func TestModes(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		config := posthog.Config{Disabled: i&4 != 0, DryRun: i&2 != 0, SyncMode: i&1 != 0}
		t.Run(fmt.Sprintf("Disabled %v, DryRun %v, SyncMode %v", config.Disabled, config.DryRun, config.SyncMode), func(t *testing.T) {
			t.Parallel()
			hooked := 0
			config.Hooks = []posthog.Hook{func(e *posthog.Event) *posthog.Event { hooked++; return e }}
			client, server := open(t, config)
			enqueue(t, client, capture("e"))
			if got, want := len(server.Requests()), 0; config.SyncMode && !config.DryRun && !config.Disabled && got != want+1 {
				t.Errorf("%d requests when Enqueue has returned, want 1", got)
			}
			delivery, err := client.Submit(t.Context(), capture("e"))
			if err != nil {
				t.Fatalf("Submit: %v", err)
			}
			result, err := client.Send(t.Context(), capture("e"))
			if err != nil {
				t.Fatalf("Send: %v", err)
			}
			flush(t, client)
			err = delivery.Wait(t.Context())

			s := requireLedger(t, client)
			var failed *posthog.DeliveryError
			switch {
			case config.Disabled:
				if s.DroppedBy[posthog.OutcomeDisabled] != 3 || hooked != 0 || delivery.UUID != "" {
					t.Errorf("got %+v, %d hooks, uuid %q, want 3 disabled events and nothing done", s, hooked, delivery.UUID)
				}
				if !errors.As(err, &failed) || failed.Outcome != posthog.OutcomeDisabled {
					t.Errorf("Wait: got %v, want disabled", err)
				}
			case config.DryRun:
				if s.DroppedBy[posthog.OutcomeDryRun] != 3 || hooked != 3 || delivery.UUID != "" || result.Events[0].UUID != "" {
					t.Errorf("got %+v, %d hooks, uuids %q and %q, want 3 events that only lack the network, and no uuid because nothing travels",
						s, hooked, delivery.UUID, result.Events[0].UUID)
				}
				if !errors.As(err, &failed) || failed.Outcome != posthog.OutcomeDryRun {
					t.Errorf("Wait: got %v, want dry_run", err)
				}
				var invalid posthog.FieldError
				if err := client.Enqueue(posthog.Capture{}); !errors.As(err, &invalid) {
					t.Errorf("Enqueue of an invalid message: got %v, want a FieldError", err)
				}
			default:
				if s.Delivered != 3 || hooked != 3 || err != nil || result.Persisted() != 1 {
					t.Errorf("got %+v, %d hooks, Wait %v, %+v, want 3 delivered", s, hooked, err, result)
				}
			}
			if config.Disabled || config.DryRun {
				if result.Events[0].Verdict != posthog.VerdictDiscarded || len(server.Requests()) != 0 {
					t.Errorf("verdict %q, %d requests, want a discarded event and none", result.Events[0].Verdict, len(server.Requests()))
				}
			}
		})
	}
}

// Proves RS-05, PY-13: with SyncMode Enqueue returns when the server has
// answered, with what it answered.
func TestSyncMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{SyncMode: true, MaxRetries: posthog.Ptr(0)})
		server.Inject(posthogtest.Fault{Delay: 40 * time.Millisecond}, posthogtest.Fault{Status: 400}, posthogtest.Fault{Status: 503})
		begin := time.Now()
		enqueue(t, client, capture("e"))
		if took := time.Since(begin); took != 40*time.Millisecond {
			t.Errorf("Enqueue took %v, the server 40ms", took)
		}
		server.Recorder(t).Count("e", 1)
		for _, c := range []struct {
			outcome posthog.Outcome
			status  int
		}{{posthog.OutcomeRejected, 400}, {posthog.OutcomeRetriesExhausted, 503}} {
			var failed *posthog.DeliveryError
			if err := client.Enqueue(capture("lost")); !errors.As(err, &failed) || failed.Outcome != c.outcome || failed.Status != c.status || failed.UUID == "" {
				t.Errorf("Enqueue: got %v (%+v), want %s with status %d", err, failed, c.outcome, c.status)
			}
		}
		requireLedger(t, client)
	})
}

// Whoever is told of outcomes is told of those, too, that a call returns.
func TestCallsThatReturnTheOutcomeTellEveryone(t *testing.T) {
	t.Parallel()
	callback := new(told)
	var losses []error
	client, server := open(t, posthog.Config{SyncMode: true, Callback: callback, OnError: func(err error) { losses = append(losses, err) }})
	server.Inject(posthogtest.Fault{Status: 400})
	if err := client.Enqueue(capture("lost")); err == nil {
		t.Error("Enqueue: got nil for a rejected event")
	}
	enqueue(t, client, capture("e"))
	if _, err := client.Send(t.Context(), capture("sent")); err != nil {
		t.Errorf("Send: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if succeeded, failed := callback.counts(); succeeded != 2 || failed != 1 || len(losses) != 1 {
		t.Errorf("told of %d successes and %d failures, OnError of %v; want 2, 1 and that one", succeeded, failed, losses)
	}
}

// SyncMode without a deadline ends with FlushTimeout.
func TestSyncModeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{SyncMode: true, FlushTimeout: time.Second})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		begin := time.Now()
		err := client.Enqueue(capture("e"))
		if took := time.Since(begin); err == nil || took != time.Second {
			t.Errorf("Enqueue: got %v after %v, want an error after 1s", err, took)
		}
		requireLedger(t, client)
	})
}

// Proves RS-12: one request, a verdict for each message in order, and none for
// nothing.
func TestSend(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		if e.Event == "private" {
			return nil
		}
		return e
	}}})
	if result, err := client.Send(t.Context()); err != nil || len(result.Events) != 0 || len(server.Requests()) != 0 {
		t.Errorf("Send of nothing: got %+v, %v and %d requests", result, err, len(server.Requests()))
	}
	result, err := client.Send(t.Context(), capture("a"), capture("private"), &posthog.Identify{DistinctId: "u"}, capture("b"))
	if err != nil {
		t.Fatalf("Send: %v", err)
	}
	want := []posthog.Verdict{posthog.VerdictPersisted, posthog.VerdictDiscarded, posthog.VerdictPersisted, posthog.VerdictPersisted}
	for i, e := range result.Events {
		if e.Verdict != want[i] {
			t.Errorf("event %d is %q, want %q", i, e.Verdict, want[i])
		}
	}
	if len(server.Requests()) != 1 || result.Persisted() != 3 || result.Events[0].Status != 200 {
		t.Errorf("%d requests, %+v, want one request and 3 persisted", len(server.Requests()), result)
	}
	events := arrived(t, server)
	if events[0].UUID != result.Events[0].UUID || events[2].UUID != result.Events[3].UUID {
		t.Errorf("the uuids on the wire are %v, Send says %+v", events, result.Events)
	}
	server.Recorder(t).Order("a", "$identify", "b")
}

// The verdicts of Send tell what can be done about an event.
func TestSendVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		fault posthogtest.Fault
		want  posthog.Verdict
	}{
		"refused":                        {posthogtest.Fault{Status: 400}, posthog.VerdictRejected},
		"not taken":                      {posthogtest.Fault{Status: 503, Times: -1}, posthog.VerdictRetryable},
		"taken, and the answer was lost": {posthogtest.Fault{Reset: posthogtest.ResetMidBody, Persist: -1, Times: -1}, posthog.VerdictUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := open(t, posthog.Config{MaxRetries: posthog.Ptr(1)})
				server.Inject(c.fault)
				result, err := client.Send(t.Context(), capture("a"), capture("b"))
				var failed *posthog.DeliveryError
				if !errors.As(err, &failed) || len(result.Events) != 2 {
					t.Fatalf("Send: got %+v, %v, want two events and a DeliveryError", result, err)
				}
				for _, e := range result.Events {
					if e.Verdict != c.want || e.Err == nil {
						t.Errorf("got %+v, want %q and an error", e, c.want)
					}
				}
				requireLedger(t, client)
			})
		})
	}
}

// A context that has ended sends nothing.
func TestSendWithAnEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client, server := open(t, posthog.Config{})
	result, err := client.Send(ctx, capture("e"))
	if err == nil || result.Events[0].Verdict != posthog.VerdictRetryable || len(server.Requests()) != 0 {
		t.Errorf("Send: got %+v, %v and %d requests, want a retryable event and none", result, err, len(server.Requests()))
	}
	requireLedger(t, client)
}
