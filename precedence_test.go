package posthog_test

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/hedgerow/posthog"
)

// Proves CAP-12, PY-22: each place that a property can come from, against the
// one below it. The same holds when hooks look at the event.
func TestPrecedenceOfProperties(t *testing.T) {
	t.Parallel()
	config := posthog.Config{DefaultEventProperties: posthog.Properties{
		"$os": "default", "level": "default", "default": 1, "$lib": "default", "$groups": map[string]any{"team": "default"},
	}}
	for name, hooks := range map[string][]posthog.Hook{
		"without hooks": nil,
		"with a hook":   {func(e *posthog.Event) *posthog.Event { return e }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := config
			config.Hooks = hooks
			client, server := open(t, config)
			client.Register(posthog.Properties{"level": "registered", "registered": 1, "$go_version": "registered"})
			ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{
				DistinctId: "context", SessionId: "context",
				Properties: posthog.Properties{"level": "parent", "parent": 1, "both": "parent"},
			})
			ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{
				Properties: posthog.Properties{"level": "context", "context": 1, "both": "child", "$lib_version": "context"},
			})
			if err := client.EnqueueWithContext(ctx, posthog.Capture{
				DistinctId: "u", Event: "e",
				Properties: posthog.Properties{
					"level": "caller", "caller": 1, "$lib": "caller", "$session_id": "caller",
					"$groups": map[string]any{"company": "caller"}, "$geoip_disable": false,
				},
				Groups: posthog.Groups{"company": "field"},
			}); err != nil {
				t.Fatal(err)
			}
			e := one(t, client, server)
			if e.DistinctID != "u" {
				t.Errorf("distinct id is %q, want the message's", e.DistinctID)
			}
			requireProperties(t, e, map[string]any{
				"level": "caller", "default": 1, "registered": 1, "parent": 1, "context": 1, "both": "child", "caller": 1,
				"$os": "default", "$go_version": "registered", "$session_id": "caller", "$geoip_disable": false,
				"$groups": map[string]any{"company": "field"}, "$lib": posthog.SDKName, "$lib_version": posthog.Version,
			})
		})
	}
}

// Proves PY-22: every type of message carries the default properties, but for
// what its type owns.
func TestDefaultPropertiesAreOnEveryType(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{DefaultEventProperties: posthog.Properties{
		"service": "shop", "alias": "default", "$group_key": "default", "$exception_type": "default",
	}})
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
	}
	flush(t, client)
	for _, e := range arrived(t, server) {
		requireProperties(t, e, map[string]any{"service": "shop"})
		switch e.Event {
		case "$create_alias":
			requireProperties(t, e, map[string]any{"alias": "u_1"})
		case "$groupidentify":
			requireProperties(t, e, map[string]any{"$group_key": "acme"})
		case "$exception":
			requireProperties(t, e, map[string]any{"$exception_type": "*fs.PathError"})
		}
	}
}

// The client neither writes to the caller's maps nor reads them later.
func TestMapsOfTheCallerAreLeftAlone(t *testing.T) {
	t.Parallel()
	nested := map[string]any{"a": 1}
	defaults := posthog.Properties{"service": "shop", "nested": nested}
	properties := posthog.Properties{"k": "v", "deep": map[string]any{"list": []any{1}}, "$is_server": false, "$groups": map[string]any{"a": "b"}, "$lib": "mine"}
	groups := posthog.Groups{"company": 17}
	hook := func(e *posthog.Event) *posthog.Event {
		if deep, ok := e.Properties["deep"].(map[string]any); ok {
			deep["list"].([]any)[0] = "changed"
			deep["more"] = true
		}
		for k := range e.Properties {
			delete(e.Properties, k)
		}
		e.Properties["hooked"] = true
		return e
	}
	for _, hooks := range [][]posthog.Hook{nil, {hook}} {
		client, server := open(t, posthog.Config{DefaultEventProperties: defaults, Hooks: hooks})
		enqueue(t, client, posthog.Capture{DistinctId: "u", Event: "e", Properties: properties, Groups: groups})
		nested["a"], defaults["late"] = 2, true
		enqueue(t, client, capture("late"))
		flush(t, client)
		for _, e := range arrived(t, server) {
			if hooks == nil {
				requireProperties(t, e, map[string]any{"nested": map[string]any{"a": 1}, "late": absent})
			}
		}
		nested["a"] = 1
		delete(defaults, "late")
		for name, c := range map[string]struct{ got, want any }{
			"DefaultEventProperties": {defaults, posthog.Properties{"service": "shop", "nested": map[string]any{"a": 1}}},
			"Properties":             {properties, posthog.Properties{"k": "v", "deep": map[string]any{"list": []any{1}}, "$is_server": false, "$groups": map[string]any{"a": "b"}, "$lib": "mine"}},
			"Groups":                 {groups, posthog.Groups{"company": 17}},
		} {
			if !reflect.DeepEqual(c.got, c.want) {
				t.Errorf("%s is now %v, want %v", name, c.got, c.want)
			}
		}
	}
}

// Proves PY-22: Register and Unregister act on the events after them.
func TestRegisterAndUnregister(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{Workers: 1, DefaultEventProperties: posthog.Properties{"service": "shop"}})
	enqueue(t, client, capture("first"))
	props := posthog.Properties{"version": 1, "service": "cart"}
	client.Register(props)
	props["version"] = 2
	enqueue(t, client, capture("second"))
	client.Unregister("version", "service", "unknown")
	enqueue(t, client, capture("third"))
	flush(t, client)
	for i, want := range []map[string]any{
		{"service": "shop", "version": absent}, {"service": "cart", "version": 1}, {"service": absent, "version": absent},
	} {
		requireProperties(t, arrived(t, server)[i], want)
	}
}

func TestRegisterRacesWithEnqueue(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 50 {
				client.Register(posthog.Properties{"a": i, "b": i})
				client.Unregister("b")
			}
		})
		wg.Go(func() {
			for range 50 {
				_ = client.Enqueue(capture("e")) // the ledger below counts them
			}
		})
	}
	wg.Wait()
	flush(t, client)
	server.Recorder(t).Count("e", 200)
}

// What was registered stays as it was, also when more is registered later.
func TestRegisteredPropertiesAreCopied(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	nested := map[string]any{"a": 1}
	client.Register(posthog.Properties{"nested": nested})
	nested["a"] = 2
	client.Register(posthog.Properties{"more": true})
	enqueue(t, client, capture("e"))
	requireProperties(t, one(t, client, server), map[string]any{"nested": map[string]any{"a": 1}, "more": true})
}

// Values that cannot be sent are named once, when they are registered.
func TestRegisterOfAnUnusableValue(t *testing.T) {
	t.Parallel()
	log := new(logLines)
	client, server := open(t, posthog.Config{Logger: log, DefaultEventProperties: posthog.Properties{"bad": make(chan int), "good": 1}})
	log.requireLine(t, "WARN", "bad", "chan")
	enqueue(t, client, capture("e"))
	requireProperties(t, one(t, client, server), map[string]any{"bad": absent, "good": 1})
}

func TestSystemProperties(t *testing.T) {
	t.Parallel()
	requireProperties(t, send(t, posthog.Config{}, capture("e")), map[string]any{"$go_version": runtime.Version(), "$is_server": true})
	requireProperties(t, send(t, posthog.Config{DisableSystemProperties: true}, capture("e")), map[string]any{
		"$go_version": absent, "$os": absent, "$os_version": absent, "$os_distro": absent, "$is_server": true, "$lib": posthog.SDKName,
	})
}

// Changing a Config after the client was made has no effect.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	hooks := []posthog.Hook{func(e *posthog.Event) *posthog.Event { e.Properties["hook"] = "first"; return e }}
	retries, geo := 0, true
	config := posthog.Config{Hooks: hooks, MaxRetries: &retries, DisableGeoIP: &geo}
	client, server := open(t, config)
	hooks[0] = func(*posthog.Event) *posthog.Event { return nil }
	retries, geo = 99, false
	if err := client.EnqueueWithContext(context.Background(), capture("e")); err != nil {
		t.Fatal(err)
	}
	requireProperties(t, one(t, client, server), map[string]any{"hook": "first", "$geoip_disable": true})
}
