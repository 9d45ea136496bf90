package posthog_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// marking returns a hook that sets a property.
func marking(name string, value any) posthog.Hook {
	return func(e *posthog.Event) *posthog.Event {
		e.Properties[name] = value
		return e
	}
}

// Proves BSH-1, PY-27: hooks run in order, each on what the one before it
// returned.
func TestHooksChangeTheEvent(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{Hooks: []posthog.Hook{
		marking("first", 1),
		func(e *posthog.Event) *posthog.Event {
			return &posthog.Event{
				Uuid: "0198F2C4-7A10-7C3E-9D54-3B0F6F0A1C22", Event: e.Event + "!", DistinctId: "u_2",
				Timestamp:  time.Date(2020, 1, 1, 5, 30, 0, 0, time.FixedZone("IST", 5*3600+1800)),
				Properties: posthog.Properties{"kept": e.Properties["first"], "$lib": "forged", "$is_server": false},
			}
		},
		marking("last", true),
	}}, capture("e"))
	want := wireEvent{Event: "e!", DistinctID: "u_2", UUID: "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22", Timestamp: "2020-01-01T00:00:00Z"}
	if e.Event != want.Event || e.DistinctID != want.DistinctID || e.UUID != want.UUID || e.Timestamp != want.Timestamp {
		t.Errorf("got %+v, want %+v", e, want)
	}
	requireProperties(t, e, map[string]any{
		"first": absent, "kept": 1, "last": true, "$geoip_disable": absent,
		"$is_server": absent, "$lib": posthog.SDKName, "$lib_version": posthog.Version,
	})
}

// Proves BSH-2.
func TestHookThatReturnsNilDropsTheEvent(t *testing.T) {
	t.Parallel()
	var ran atomic.Int32
	log := new(logLines)
	client, server := open(t, posthog.Config{Logger: log, Hooks: []posthog.Hook{
		func(*posthog.Event) *posthog.Event { return nil },
		func(e *posthog.Event) *posthog.Event { ran.Add(1); return e },
	}})
	enqueue(t, client, capture("e"))
	flush(t, client)
	server.Recorder(t).Empty()
	if ran.Load() != 0 || len(log.all()) != 0 {
		t.Errorf("the next hook ran %d times, and the log is %q, want neither", ran.Load(), log.all())
	}
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeHookDropped] != 1 || s.Accepted != 1 {
		t.Errorf("got %+v, want one accepted and dropped by a hook", s)
	}
}

// Proves BSH-3, BSH-4: also with SyncMode and Send.
func TestHookThatPanicsDropsTheEvent(t *testing.T) {
	t.Parallel()
	for _, sync := range []bool{false, true} {
		var ran atomic.Int32
		log := new(logLines)
		lost := make(chan error, 3)
		client, server := open(t, posthog.Config{
			Logger: log, SyncMode: sync,
			OnError: func(err error) { lost <- err },
			Hooks: []posthog.Hook{
				marking("secret", "value"),
				func(*posthog.Event) *posthog.Event { panic("broken hook") },
				func(e *posthog.Event) *posthog.Event { ran.Add(1); return e },
			},
		})
		enqueue(t, client, capture("e"))
		delivery, err := client.Submit(t.Context(), capture("e"))
		if err != nil {
			t.Fatalf("Submit: %v", err)
		}
		var failed *posthog.DeliveryError
		if err := delivery.Wait(t.Context()); !errors.As(err, &failed) || failed.Outcome != posthog.OutcomeHookFailed {
			t.Errorf("Wait: got %v, want hook_failed", err)
		}
		result, err := client.Send(t.Context(), capture("e"))
		if err != nil || result.Events[0].Verdict != posthog.VerdictDiscarded {
			t.Errorf("Send: got %+v, %v, want a discarded event", result, err)
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if len(server.Requests()) != 0 || ran.Load() != 0 {
			t.Errorf("%d requests, the third hook ran %d times, want 0 and 0", len(server.Requests()), ran.Load())
		}
		log.requireLine(t, "WARN", "Hooks[1]", "broken hook")
		if err := <-lost; !errors.As(err, &failed) || failed.Outcome != posthog.OutcomeHookFailed {
			t.Errorf("OnError got %v, want hook_failed", err)
		}
		if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeHookFailed] != 3 {
			t.Errorf("DroppedBy is %v, want 3 hook_failed", s.DroppedBy)
		}
	}
}

// Proves BSH-5: identity, defaults, context and the library's own properties
// are there when the hook runs.
func TestHookSeesTheFinalEvent(t *testing.T) {
	t.Parallel()
	var seen posthog.Event
	client, server := open(t, posthog.Config{
		DefaultEventProperties: posthog.Properties{"service": "shop"},
		Hooks:                  []posthog.Hook{func(e *posthog.Event) *posthog.Event { seen = *e; return e }},
	})
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_9", SessionId: "s_9", Properties: posthog.Properties{"path": "/"}})
	if err := client.EnqueueWithContext(ctx, posthog.Capture{Event: "e", Properties: posthog.Properties{"a": 1, "$is_server": false}, Groups: posthog.Groups{"company": 7}}); err != nil {
		t.Fatal(err)
	}
	e := one(t, client, server)
	if seen.Uuid != e.UUID || seen.Event != e.Event || seen.DistinctId != "u_9" || seen.Timestamp.Format(time.RFC3339Nano) != e.Timestamp {
		t.Errorf("the hook saw %+v, the server %+v", seen, e)
	}
	if got, want := canonical(t, seen.Properties), canonical(t, e.Properties); got != want {
		t.Errorf("the hook saw %s, the server %s", got, want)
	}
	requireProperties(t, e, map[string]any{"service": "shop", "path": "/", "$session_id": "s_9", "a": 1, "$groups": map[string]any{"company": "7"}})
}

// Proves BSH-6: the hook sees every type, complete, and what it changes
// travels.
func TestHooksRunForEveryType(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		e.Properties["hooked"] = e.Event
		return e
	}}})
	plain, plainServer := open(t, posthog.Config{})
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
		enqueue(t, plain, msg)
	}
	flush(t, client)
	flush(t, plain)
	want := make(map[string]map[string]any)
	for _, e := range arrived(t, plainServer) {
		want[e.Event] = e.Properties
	}
	for _, e := range arrived(t, server) {
		requireProperties(t, e, map[string]any{"hooked": e.Event})
		delete(e.Properties, "hooked")
		if got, want := canonical(t, e.Properties), canonical(t, want[e.Event]); got != want {
			t.Errorf("%s that a hook saw is %s, without hooks it is %s", e.Event, got, want)
		}
	}
	if got := len(server.Events()); got != len(everyMessage()) {
		t.Errorf("got %d events, want %d", got, len(everyMessage()))
	}
}

// What a hook returns is checked again.
func TestHookThatBreaksTheEventDropsIt(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]posthog.Hook{
		"by taking its name":          func(e *posthog.Event) *posthog.Event { e.Event = ""; return e },
		"by taking its distinct id":   func(e *posthog.Event) *posthog.Event { e.DistinctId = " "; return e },
		"by returning an empty event": func(*posthog.Event) *posthog.Event { return new(posthog.Event) },
		"by asserting the wrong type": func(e *posthog.Event) *posthog.Event { e.Event = e.Properties["missing"].(string); return e },
		"by panicking with nil":       func(*posthog.Event) *posthog.Event { panic(nil) }, //nolint:govet // what must be coped with
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			client, server := open(t, posthog.Config{Logger: log, Hooks: []posthog.Hook{hook}})
			enqueue(t, client, capture("e"))
			flush(t, client)
			server.Recorder(t).Empty()
			log.requireLine(t, "WARN", "dropped")
			if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeHookFailed] != 1 {
				t.Errorf("DroppedBy is %v, want one hook_failed", s.DroppedBy)
			}
		})
	}
}

// A hook may leave out what the client can fill in, and its bad uuid is
// replaced.
func TestHookMayLeaveUuidAndTimeToTheClient(t *testing.T) {
	t.Parallel()
	for _, uuid := range []string{"", "garbage"} {
		client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event {
			return &posthog.Event{Uuid: uuid, Event: "made", DistinctId: "u"}
		}}})
		delivery, err := client.Submit(t.Context(), capture("e"))
		if err != nil {
			t.Fatal(err)
		}
		e := one(t, client, server)
		if !version7.MatchString(e.UUID) || delivery.UUID != e.UUID {
			t.Errorf("uuid %q of a hook travels as %q, Submit says %q, want a new UUIDv7", uuid, e.UUID, delivery.UUID)
		}
	}
}

// A hook may close the client, and enqueue other events through it.
func TestHookMayCallTheClient(t *testing.T) {
	t.Parallel()
	var client *posthog.ServerClient
	client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		switch e.Event {
		case "outer":
			_ = client.Enqueue(capture("inner"))
			client.Register(posthog.Properties{"later": true})
		case "last":
			_ = client.Close()
		}
		return e
	}}})
	enqueue(t, client, capture("outer"))
	if err := client.Enqueue(capture("last")); !errors.Is(err, posthog.ErrClosed) {
		t.Errorf("Enqueue whose hook closed the client: got %v, want ErrClosed", err)
	}
	server.Recorder(t).Count("inner", 1)
	server.Recorder(t).Count("outer", 1)
	requireLedger(t, client)
}
