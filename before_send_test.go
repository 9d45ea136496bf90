package posthog_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// Proves BSH-1, BSH-5, PY-42: BeforeSend sees a value of the message's type,
// with everything the client adds.
func TestBeforeSendChangesCapture(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{
		DefaultEventProperties: posthog.Properties{"service": "shop"},
		BeforeSend: func(msg posthog.Message) posthog.Message {
			m := msg.(posthog.Capture)
			if m.Properties["service"] != "shop" || m.Properties["$lib"] != posthog.SDKName || m.Groups["company"] != "7" || m.Uuid == "" {
				t.Errorf("BeforeSend saw %+v", m)
			}
			delete(m.Properties, "email")
			m.Event = "renamed"
			m.Properties["checked"] = true
			m.Groups["team"] = "red"
			return m
		},
	}, posthog.Capture{DistinctId: "u", Event: "e", Properties: posthog.Properties{"email": "a@example.com"}, Groups: posthog.Groups{"company": 7}})
	if e.Event != "renamed" {
		t.Errorf("got %q, want %q", e.Event, "renamed")
	}
	requireProperties(t, e, map[string]any{
		"email": absent, "checked": true, "service": "shop", "$groups": map[string]any{"company": "7", "team": "red"},
		"$lib": posthog.SDKName, "$is_server": true,
	})
}

// Proves BSH-6, PY-27: every type goes in as a value and comes out unharmed,
// returned as a value or as a pointer.
func TestBeforeSendOfEveryType(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	client, server := open(t, posthog.Config{Workers: 1, BeforeSend: func(msg posthog.Message) posthog.Message {
		v := reflect.ValueOf(msg)
		seen[v.Type().Name()] = true
		if v.Kind() == reflect.Pointer {
			t.Errorf("BeforeSend received %T, want a value", msg)
			return msg
		}
		if len(seen)%2 == 0 { // every other one comes back as a pointer
			p := reflect.New(v.Type())
			p.Elem().Set(v)
			return p.Interface().(posthog.Message)
		}
		return msg
	}})
	plain, plainServer := open(t, posthog.Config{})
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
		enqueue(t, plain, msg)
	}
	flush(t, client)
	flush(t, plain)
	want := make(map[string]wireEvent)
	for _, e := range arrived(t, plainServer) {
		want[e.Event] = e
	}
	for _, e := range arrived(t, server) {
		if got, want := canonical(t, e.Properties), canonical(t, want[e.Event].Properties); got != want || e.DistinctID == "" {
			t.Errorf("%s through BeforeSend is %s, without it %s", e.Event, got, want)
		}
	}
	if len(seen) != len(everyMessage()) || len(server.Events()) != len(everyMessage()) {
		t.Errorf("BeforeSend saw %v, and %d events arrived, want %d of each", seen, len(server.Events()), len(everyMessage()))
	}
}

// Each field that BeforeSend can see, it can change.
func TestBeforeSendChangesEveryType(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	client, server := open(t, posthog.Config{Workers: 1, BeforeSend: func(msg posthog.Message) posthog.Message {
		switch m := msg.(type) {
		case posthog.Identify:
			m.Properties["plan"], m.SetOnce, m.Timestamp = "pro", posthog.Properties{"first": 1}, at
			return m
		case posthog.Alias:
			m.Alias, m.DistinctId = "u_2", "anon_2"
			return m
		case posthog.GroupIdentify:
			m.Key = "umbrella"
			return m
		case posthog.PersonProperties:
			m.Set, m.Unset = nil, []string{"plan"}
			return m
		case posthog.Exception:
			m.Level, m.ExceptionFingerprint = posthog.LevelFatal, posthog.Ptr("one")
			m.ExceptionList[0].Value = "redacted"
			return m
		}
		return msg
	}})
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
	}
	flush(t, client)
	for _, e := range arrived(t, server) {
		switch e.Event {
		case "$identify":
			requireProperties(t, e, map[string]any{"$set": map[string]any{"plan": "pro"}, "$set_once": map[string]any{"first": 1}})
			if e.Timestamp != "2020-01-01T00:00:00Z" {
				t.Errorf("timestamp is %q", e.Timestamp)
			}
		case "$create_alias":
			requireProperties(t, e, map[string]any{"alias": "u_2", "distinct_id": "anon_2"})
		case "$groupidentify":
			requireProperties(t, e, map[string]any{"$group_key": "umbrella"})
		case "$set":
			requireProperties(t, e, map[string]any{"$set": absent, "$unset": []string{"plan"}})
		case "$exception":
			requireProperties(t, e, map[string]any{
				"$exception_level": "fatal", "$exception_fingerprint": "one", "$exception_message": "redacted",
				"$exception_list": []any{map[string]any{"type": "*fs.PathError", "value": "redacted", "mechanism": map[string]any{"exception_id": 0}}},
			})
		}
	}
}

// Proves BSH-2, BSH-3, PY-27.
func TestBeforeSendDropsTheEvent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hook    posthog.BeforeSendFunc
		outcome posthog.Outcome
		warns   bool
	}{
		"by returning nil":               {func(posthog.Message) posthog.Message { return nil }, posthog.OutcomeHookDropped, false},
		"by returning a nil pointer":     {func(posthog.Message) posthog.Message { return (*posthog.Capture)(nil) }, posthog.OutcomeHookDropped, false},
		"by panicking":                   {func(posthog.Message) posthog.Message { panic("broken") }, posthog.OutcomeHookFailed, true},
		"by returning another type":      {func(posthog.Message) posthog.Message { return posthog.Identify{DistinctId: "u"} }, posthog.OutcomeHookFailed, true},
		"by returning an empty message":  {func(posthog.Message) posthog.Message { return posthog.Capture{} }, posthog.OutcomeHookFailed, true},
		"by returning an empty name":     {func(posthog.Message) posthog.Message { return posthog.Capture{DistinctId: "u"} }, posthog.OutcomeHookFailed, true},
		"by returning an empty id":       {func(posthog.Message) posthog.Message { return posthog.Capture{Event: "e"} }, posthog.OutcomeHookFailed, true},
		"by asserting the wrong type":    {func(m posthog.Message) posthog.Message { return m.(posthog.Alias) }, posthog.OutcomeHookFailed, true},
		"by returning a pointer to none": {func(posthog.Message) posthog.Message { return &posthog.Capture{} }, posthog.OutcomeHookFailed, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			next := func(e *posthog.Event) *posthog.Event {
				t.Error("a hook ran after BeforeSend had dropped the event")
				return e
			}
			client, server := open(t, posthog.Config{Logger: log, BeforeSend: c.hook, Hooks: []posthog.Hook{next}})
			enqueue(t, client, capture("e"))
			flush(t, client)
			server.Recorder(t).Empty()
			if s := requireLedger(t, client); s.DroppedBy[c.outcome] != 1 {
				t.Errorf("DroppedBy is %v, want one %s", s.DroppedBy, c.outcome)
			}
			if warned := len(log.having("WARN")) > 0; warned != c.warns {
				t.Errorf("warned: %v, want %v; log %q", warned, c.warns, log.all())
			}
		})
	}
}

// BeforeSend runs first, then the hooks.
func TestBeforeSendRunsBeforeHooks(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{
		BeforeSend: func(msg posthog.Message) posthog.Message {
			m := msg.(posthog.Capture)
			m.Properties["order"] = "before"
			return m
		},
		Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			e.Properties["order"] = e.Properties["order"].(string) + ", hook"
			return e
		}},
	}, capture("e"))
	requireProperties(t, e, map[string]any{"order": "before, hook"})
}
