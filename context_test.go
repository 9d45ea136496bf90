package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/hedgerow/posthog"
)

// enqueueWithin enqueues msg within rc on a client of its own and returns the
// event that arrived.
func enqueueWithin(t *testing.T, rc posthog.RequestContext, msg posthog.Message) wireEvent {
	t.Helper()
	client, server := open(t, posthog.Config{})
	ctx := posthog.WithRequestContext(t.Context(), rc)
	if err := posthog.EnqueueWithContext(ctx, client, msg); err != nil {
		t.Fatalf("EnqueueWithContext(%#v): %v", msg, err)
	}
	return one(t, client, server)
}

// Proves ZIG-35, RS-08: an id of the context goes on captures and exceptions,
// an id of the message wins, and without any the event is personless.
func TestIdentityFromTheRequestContext(t *testing.T) {
	t.Parallel()
	full := posthog.RequestContext{DistinctId: "u_9", SessionId: "s_9", Properties: posthog.Properties{"path": "/"}}
	exception := posthog.Exception{ExceptionList: []posthog.ExceptionItem{{Type: "T"}}}
	for name, c := range map[string]struct {
		rc         posthog.RequestContext
		msg        posthog.Message
		distinct   string // "" means a new UUIDv7
		properties map[string]any
	}{
		"a capture without an id": {full, posthog.Capture{Event: "e"}, "u_9",
			map[string]any{"$session_id": "s_9", "path": "/", "$process_person_profile": absent}},
		"a capture with an id": {full, capture("e"), "u_1",
			map[string]any{"$session_id": "s_9", "path": "/"}},
		"an exception": {full, exception, "u_9", map[string]any{"$session_id": "s_9", "path": "/"}},
		"nobody is known": {posthog.RequestContext{SessionId: "s_9"}, posthog.Capture{Event: "e"}, "",
			map[string]any{"$process_person_profile": false, "$session_id": "s_9"}},
		"nobody is known, and ids are blank": {posthog.RequestContext{DistinctId: " "}, posthog.Capture{Event: "e", DistinctId: "\t"}, "",
			map[string]any{"$process_person_profile": false, "$session_id": absent}},
		"an exception of nobody": {posthog.RequestContext{}, exception, "", map[string]any{"$process_person_profile": false}},
		"the caller wants a person": {posthog.RequestContext{}, posthog.Capture{Event: "e", Properties: posthog.Properties{"$process_person_profile": true}}, "",
			map[string]any{"$process_person_profile": true}},
		"a session id of the caller": {full, posthog.Capture{Event: "e", Properties: posthog.Properties{"$session_id": "mine"}}, "u_9",
			map[string]any{"$session_id": "mine"}},
		"an identify takes nothing": {full, posthog.Identify{DistinctId: "u_1"}, "u_1",
			map[string]any{"$session_id": absent, "path": absent, "$set": map[string]any{}}},
		"a group takes nothing": {full, posthog.GroupIdentify{Type: "company", Key: "acme"}, "$company_acme",
			map[string]any{"$session_id": absent, "path": absent}},
		"person properties take nothing": {full, posthog.PersonProperties{DistinctId: "u_1", Unset: []string{"a"}}, "u_1",
			map[string]any{"$session_id": absent, "path": absent, "$set": absent}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enqueueWithin(t, c.rc, c.msg)
			if c.distinct == "" && !version7.MatchString(e.DistinctID) || c.distinct != "" && e.DistinctID != c.distinct {
				t.Errorf("distinct id is %q, want %q", e.DistinctID, c.distinct)
			}
			requireProperties(t, e, c.properties)
		})
	}
}

// Proves CAP-6, IDN-2: messages that take nothing from the context still need
// an id, and without a context so does a capture.
func TestContextDoesNotReplaceRequiredIds(t *testing.T) {
	t.Parallel()
	client, _ := open(t, posthog.Config{})
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_9"})
	for _, err := range []error{
		client.EnqueueWithContext(ctx, posthog.Identify{}),
		client.EnqueueWithContext(ctx, posthog.Alias{Alias: "u"}),
		client.EnqueueWithContext(t.Context(), posthog.Capture{Event: "e"}),
		client.EnqueueWithContext(nil, posthog.Capture{Event: "e"}), //nolint:staticcheck // a nil context must not panic
	} {
		var invalid posthog.FieldError
		if !errors.As(err, &invalid) {
			t.Errorf("got %v, want a FieldError", err)
		}
	}
}

func TestRequestContextInherits(t *testing.T) {
	t.Parallel()
	props := posthog.Properties{"a": "parent", "b": "parent", "nested": map[string]any{"k": 1}}
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "parent", SessionId: "parent", Properties: props})
	props["a"] = "changed"
	props["nested"].(map[string]any)["k"] = 2
	child := posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "child", Properties: posthog.Properties{"b": "child"}})
	fresh := posthog.WithFreshRequestContext(ctx, posthog.RequestContext{SessionId: "fresh"})
	nested := map[string]any{"k": 1}
	for name, c := range map[string]struct {
		ctx  context.Context
		want posthog.RequestContext
	}{
		"the parent":      {ctx, posthog.RequestContext{DistinctId: "parent", SessionId: "parent", Properties: posthog.Properties{"a": "parent", "b": "parent", "nested": nested}}},
		"the child":       {child, posthog.RequestContext{DistinctId: "child", SessionId: "parent", Properties: posthog.Properties{"a": "parent", "b": "child", "nested": nested}}},
		"the fresh child": {fresh, posthog.RequestContext{SessionId: "fresh", Properties: posthog.Properties{}}},
	} {
		got, ok := posthog.RequestContextFromContext(c.ctx)
		if !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, ok, c.want)
		}
	}
	if rc, ok := posthog.RequestContextFromContext(t.Context()); ok {
		t.Errorf("a plain context carries %+v", rc)
	}
	if rc, ok := posthog.RequestContextFromContext(nil); ok { //nolint:staticcheck // a nil context must not panic
		t.Errorf("a nil context carries %+v", rc)
	}
	if _, ok := posthog.RequestContextFromContext(posthog.WithRequestContext(nil, posthog.RequestContext{})); !ok { //nolint:staticcheck // see above
		t.Error("WithRequestContext of a nil context carries nothing")
	}
}

// What RequestContextFromContext returns is the caller's: whatever becomes of
// it, the request stays as it was.
func TestTheRequestContextIsACopy(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	inRequest(t, func(r *http.Request) {
		ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{Properties: posthog.Properties{"nested": map[string]any{"k": 1}}})
		rc, _ := posthog.RequestContextFromContext(ctx)
		rc.Properties["nested"].(map[string]any)["k"] = 2
		rc.Properties["$ip"], rc.Properties["added"] = "changed", true
		// With a property of the request's, too, it is needed as a map.
		err := client.EnqueueWithContext(ctx, posthog.Capture{Event: "e", Properties: posthog.Properties{"$request_path": "mine"}})
		if err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
	})
	requireProperties(t, one(t, client, server), map[string]any{"$ip": "192.0.2.7", "added": absent, "nested": map[string]any{"k": 1}})
}

// Nor does the request change with what a hook makes of one of its events.
func TestHooksDoNotChangeTheRequest(t *testing.T) {
	t.Parallel()
	spoil := func(p posthog.Properties) {
		p["nested"].(map[string]any)["k"], p["list"].([]any)[0], p["$ip"] = "spoilt", "spoilt", "spoilt"
	}
	for name, config := range map[string]posthog.Config{
		"a hook": {Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			spoil(e.Properties)
			return e
		}}},
		"BeforeSend": {BeforeSend: func(msg posthog.Message) posthog.Message {
			spoil(msg.(posthog.Capture).Properties)
			return msg
		}},
	} {
		spoiling, _ := open(t, config)
		client, server := open(t, posthog.Config{})
		inRequest(t, func(r *http.Request) {
			ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{
				Properties: posthog.Properties{"nested": map[string]any{"k": 1}, "list": []any{1}},
			})
			for _, c := range []*posthog.ServerClient{spoiling, client} {
				// With a property of the request's, too, it is needed as a map.
				msg := posthog.Capture{Event: "e", Properties: posthog.Properties{"$request_path": "mine"}}
				if err := c.EnqueueWithContext(ctx, msg); err != nil {
					t.Errorf("%s: EnqueueWithContext: %v", name, err)
				}
			}
		})
		requireProperties(t, one(t, client, server), map[string]any{"nested": map[string]any{"k": 1}, "list": []any{1}, "$ip": "192.0.2.7"})
	}
}

// A blank id is none, wherever it comes from: the one that is known stays.
func TestABlankIdTakesNobodysPlace(t *testing.T) {
	t.Parallel()
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		posthog.SetDistinctId(r.Context(), " \t")
		ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{DistinctId: " ", SessionId: "\n", WindowId: " ", DeviceId: " "})
		if rc, _ := posthog.RequestContextFromContext(ctx); rc.DistinctId != "u_42" || rc.SessionId != "s_9" || rc.WindowId != "" || rc.DeviceId != "" {
			t.Errorf("got %+v, want the ids of the headers", rc)
		}
	}), posthog.WithRequestIdentity(func(*http.Request) string { return " " })).ServeHTTP(&sink{header: http.Header{}}, visit(t))
}

// plainClient is a client that somebody wrote for a test.
type plainClient struct{ got []posthog.Message }

func (c *plainClient) Enqueue(msg posthog.Message) error {
	c.got = append(c.got, msg)
	return nil
}

// The package function works with any client, and without one.
func TestEnqueueWithContextOfOtherClients(t *testing.T) {
	t.Parallel()
	other := new(plainClient)
	for name, client := range map[string]posthog.EnqueueClient{
		"a client of somebody else": other, "no client": nil, "a nil client": (*posthog.ServerClient)(nil),
	} {
		if err := posthog.EnqueueWithContext(t.Context(), client, capture("e")); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
	if len(other.got) != 1 {
		t.Errorf("the other client got %d messages, want 1", len(other.got))
	}
}
