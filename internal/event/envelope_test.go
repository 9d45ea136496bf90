package event_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// Proves CAP-2, CAP-9 and CAP-15.
func TestAppendWritesTheWholeEvent(t *testing.T) {
	t.Parallel()
	var e wire.Encoder
	d := complete(event.Draft{Properties: object{"at": "2026-08-22T09:15:04+05:30"}})
	text, tail := event.Append([]byte("before "), &e, d, static(t, nil))
	got := string(text)
	want := `before {"event":"order paid","distinct_id":"user_42","uuid":"0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22",` +
		`"timestamp":"2026-08-22T12:00:00.123456789Z","properties":{"at":"2026-08-22T09:15:04+05:30",` +
		`"$lib":"hedgerow","$lib_version":"1.2.3"}}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if ordinary := `"properties":{"at":"2026-08-22T09:15:04+05:30"`; !strings.HasSuffix(got[len("before "):][:tail], ordinary) {
		t.Errorf("got %s before the special properties, want it to end with %s", got[len("before "):][:tail], ordinary)
	}
}

func TestResetForgetsTheCallers(t *testing.T) {
	t.Parallel()
	d := complete(event.Draft{Properties: object{"a": 1}, Reserved: []string{"b"}, Personless: true})
	secret := object{"c": 2}
	d.Own("d", secret)
	if !d.Owns("d") || !d.Owns("b") || !d.Owns("$lib") || d.Owns("a") {
		t.Errorf("Owns before Reset: got d %v, b %v, $lib %v, a %v, want true, true, true, false",
			d.Owns("d"), d.Owns("b"), d.Owns("$lib"), d.Owns("a"))
	}
	owned := d.Owned
	d.Reset()
	if owned[0] != (event.Field{}) {
		t.Errorf("got %v left in the memory of Owned, want nothing", owned[0])
	}
	if d.Owns("d") || d.Owns("b") || d.Properties != nil || d.Event != "" || d.Personless || cap(d.Owned) == 0 {
		t.Errorf("got draft %+v after Reset, want an empty one that keeps the memory of Owned", d)
	}
}

func TestMapsAreOnlyRead(t *testing.T) {
	t.Parallel()
	draft := func() *event.Draft {
		return complete(event.Draft{
			Properties: object{"a": 1, "$lib": "x", "$is_server": false, "$groups": object{"team": "blue"}},
			Context:    object{"b": 2, "$set": object{"plan": "free"}},
			Groups:     object{"company": 7},
			Set:        object{"plan": "pro"},
			Reserved:   []string{"b"},
			Owned:      []event.Field{{Key: "c", Value: object{"d": 4}}},
			SessionID:  "s_1",
			Personless: true,
		})
	}
	got, s := draft(), static(t, object{"service": "shop"})
	var e wire.Encoder
	event.Append(nil, &e, got, s)
	m := event.Build(got, s)
	m["$groups"].(object)["team"] = "changed by a hook"
	m["$set"].(object)["plan"] = "changed by a hook"
	m["c"].(object)["d"] = "changed by a hook"
	if want := draft(); !reflect.DeepEqual(got, want) {
		t.Errorf("got draft %+v, want %+v", got, want)
	}
}
