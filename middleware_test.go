package posthog_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// captureWithin captures msg within a request to url with headers, and returns
// the event that arrived.
func captureWithin(t *testing.T, msg posthog.Message, url string, headers map[string]string, opts ...posthog.RequestContextOption) wireEvent {
	t.Helper()
	client, server := open(t, posthog.Config{})
	http := serve(t, posthog.NewRequestContextMiddleware(capturing(t, client, msg), opts...))
	if status, _ := get(t, http, url, headers); status != 200 {
		t.Fatalf("got status %d, want 200", status)
	}
	return one(t, client, server)
}

// tracing are the headers of a browser that knows who it is.
var tracing = map[string]string{"X-POSTHOG-DISTINCT-ID": "u_42", "x-posthog-session-id": "s_9"}

// Proves TRC-1, RS-07: an event within a request is about whom the headers name,
// and has what the request says about itself.
func TestTheMiddlewareIdentifiesEvents(t *testing.T) {
	t.Parallel()
	e := captureWithin(t, posthog.Capture{Event: "e"}, "http://ada:secret@shop.example.com:8080/a%2Fb%20c?card=4711#top",
		map[string]string{"X-POSTHOG-DISTINCT-ID": "u_42", "x-posthog-session-id": "s_9", "User-Agent": "browser/1.0"})
	if e.DistinctID != "u_42" {
		t.Errorf("distinct id is %q, want u_42", e.DistinctID)
	}
	requireProperties(t, e, map[string]any{
		"$session_id": "s_9", "$current_url": "http://shop.example.com:8080/a%2Fb%20c", "$request_method": "GET",
		"$request_path": "/a/b c", "$user_agent": "browser/1.0", "$ip": "192.0.2.7", "$request_route": absent,
		"$process_person_profile": absent,
	})
}

// Proves TRC-2.
func TestExplicitValuesBeatHeaders(t *testing.T) {
	t.Parallel()
	e := captureWithin(t, posthog.Capture{Event: "e", DistinctId: "mine", Properties: posthog.Properties{
		"$session_id": "my session", "$ip": "hidden", "$current_url": "https://example.com/mine",
	}}, "http://example.com/", tracing)
	if e.DistinctID != "mine" {
		t.Errorf("distinct id is %q, want mine", e.DistinctID)
	}
	requireProperties(t, e, map[string]any{"$session_id": "my session", "$ip": "hidden", "$current_url": "https://example.com/mine"})
}

// Proves TRC-3, TRC-4: without an id the event has one of its own and no person
// profile, unless the caller says otherwise, and the session is kept.
func TestARequestOfNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given, want any
	}{
		"the caller says nothing":          {absent, false},
		"the caller wants a profile":       {true, true},
		"the caller wants none":            {false, false},
		"the caller leaves it to somebody": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg := posthog.Capture{Event: "e", Properties: posthog.Properties{}}
			if c.given != absent {
				msg.Properties["$process_person_profile"] = c.given
			}
			e := captureWithin(t, msg, "http://example.com/", map[string]string{posthog.HeaderPostHogSessionID: "s_9"})
			if !version7.MatchString(e.DistinctID) {
				t.Errorf("distinct id is %q, want a new UUIDv7", e.DistinctID)
			}
			requireProperties(t, e, map[string]any{"$session_id": "s_9", "$process_person_profile": c.want})
		})
	}
}

// Proves TRC-6: what of a header is kept. The server refuses some of these
// before the middleware sees them, so they do not travel here.
func TestHeadersAreCleaned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers  http.Header
		distinct string
		session  string
	}{
		"none":                             {http.Header{}, "", ""},
		"white space and controls":         {http.Header{"X-Posthog-Distinct-Id": {"\u00a0 u\r\n\x00\x7f\u0085_1\t "}}, "u_1", ""},
		"nothing but white space":          {http.Header{"X-Posthog-Session-Id": {" \t\u2003 "}}, "", ""},
		"too long":                         {http.Header{"X-Posthog-Distinct-Id": {strings.Repeat("ü", 1001)}}, strings.Repeat("ü", 1000), ""},
		"a cut that leaves a space":        {http.Header{"X-Posthog-Session-Id": {strings.Repeat("a", 999) + " b"}}, "", strings.Repeat("a", 999)},
		"no UTF-8":                         {http.Header{"X-Posthog-Distinct-Id": {"a\xffb"}}, "a\ufffdb", ""},
		"the first of several that is one": {http.Header{"X-Posthog-Distinct-Id": {" ", "\x00", "u_2", "u_3"}}, "u_2", ""},
		"a spelling of somebody's own":     {http.Header{"x-POSTHOG-distinct-id": {"u_4"}}, "u_4", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := visit(t)
			r.Header = c.headers
			rc := posthog.ExtractRequestContext(r, true)
			if rc.DistinctId != c.distinct || rc.SessionId != c.session {
				t.Errorf("of %q: got distinct id %q and session id %q, want %q and %q", c.headers, rc.DistinctId, rc.SessionId, c.distinct, c.session)
			}
		})
	}
}

// Proves GDI-1: nobody is made up, not even after an event of nobody.
func TestNoIdIsMadeUp(t *testing.T) {
	t.Parallel()
	if rc, ok := posthog.RequestContextFromContext(t.Context()); ok || rc.DistinctId != "" {
		t.Errorf("outside of a request: got %+v, %v, want nothing", rc, ok)
	}
	client, _ := open(t, posthog.Config{})
	if err := client.EnqueueWithContext(t.Context(), posthog.Capture{Event: "e"}); err == nil {
		t.Error("outside of a request: a capture of nobody was accepted")
	}
	inRequest(t, func(r *http.Request) {
		ctx := posthog.WithFreshRequestContext(r.Context(), posthog.RequestContext{})
		if err := client.EnqueueWithContext(ctx, posthog.Capture{Event: "e"}); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
		if rc, ok := posthog.RequestContextFromContext(ctx); !ok || rc.DistinctId != "" {
			t.Errorf("within a request of nobody: got %+v, %v, want no distinct id", rc, ok)
		}
	})
}

// The options of the middleware, each by what it changes of an event.
func TestTheOptionsOfTheMiddleware(t *testing.T) {
	t.Parallel()
	proxy := netip.MustParsePrefix("192.0.2.0/24")
	forwarded := map[string]string{"X-Forwarded-For": "203.0.113.9, 198.51.100.4", "X-Forwarded-Proto": "https", posthog.HeaderPostHogDistinctID: "u_42"}
	for name, c := range map[string]struct {
		option   posthog.RequestContextOption
		distinct string
		want     map[string]any
	}{
		"none":                   {nil, "u_42", map[string]any{"$ip": "192.0.2.7", "$current_url": "http://example.com/users/7"}},
		"without headers":        {posthog.WithCaptureTracingHeaders(false), "", map[string]any{"$request_method": "GET", "$process_person_profile": false}},
		"behind a trusted proxy": {posthog.WithTrustedProxies(proxy), "u_42", map[string]any{"$ip": "198.51.100.4", "$current_url": "https://example.com/users/7"}},
		"a sanitiser of URLs": {posthog.WithURLSanitizer(func(u *url.URL) string { return u.Host + "?" + u.RawQuery }), "u_42",
			map[string]any{"$current_url": "example.com?tab=1"}},
		"a sanitiser that tells nothing": {posthog.WithURLSanitizer(func(*url.URL) string { return "" }), "u_42", map[string]any{"$current_url": absent}},
		"a sanitiser that panics": {posthog.WithURLSanitizer(func(*url.URL) string { panic("sanitiser") }), "u_42",
			map[string]any{"$current_url": absent, "$request_method": "GET"}},
		"an identity":            {posthog.WithRequestIdentity(func(*http.Request) string { return "ada" }), "ada", nil},
		"an identity of nobody":  {posthog.WithRequestIdentity(func(*http.Request) string { return "" }), "u_42", nil},
		"an identity that fails": {posthog.WithRequestIdentity(func(*http.Request) string { panic("identity") }), "u_42", nil},
		"further properties": {posthog.WithRequestProperties(func(r *http.Request) posthog.Properties {
			return posthog.Properties{"tenant": r.Host, "$ip": "hidden"}
		}), "u_42", map[string]any{"tenant": "example.com", "$ip": "hidden"}},
		"further properties that fail": {posthog.WithRequestProperties(func(*http.Request) posthog.Properties { panic("properties") }), "u_42",
			map[string]any{"$ip": "192.0.2.7"}},
		"a filter that keeps": {posthog.WithRequestFilter(func(*http.Request) bool { return true }), "u_42", map[string]any{"$ip": "192.0.2.7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := captureWithin(t, posthog.Capture{Event: "e"}, "http://example.com/users/7?tab=1", forwarded, c.option)
			if c.distinct != "" && e.DistinctID != c.distinct || c.distinct == "" && !version7.MatchString(e.DistinctID) {
				t.Errorf("distinct id is %q, want %q", e.DistinctID, c.distinct)
			}
			requireProperties(t, e, c.want)
		})
	}
}

// A request that the filter keeps out has no context, so that a capture needs an
// id.
func TestTheFilterKeepsRequestsOut(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]func(*http.Request) bool{
		"by its word": func(r *http.Request) bool { return r.URL.Path != "/health" }, "by its panic": func(*http.Request) bool { panic("filter") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if rc, ok := posthog.RequestContextFromContext(r.Context()); ok {
					t.Errorf("the request has the context %+v, want none", rc)
				}
			}), posthog.WithRequestFilter(filter)))
			if status, _ := get(t, client, "http://example.com/health", tracing); status != 200 {
				t.Errorf("got status %d, want 200", status)
			}
		})
	}
}

// The route is known wherever the middleware can ask for it, or is told.
func TestTheRouteIsAProperty(t *testing.T) {
	t.Parallel()
	const route, onHost = "GET /users/{id}", "GET example.com/users/{id}"
	for name, c := range map[string]struct {
		wrap func(*http.ServeMux, http.Handler) http.Handler
		want any
	}{
		"in front of the mux": {func(mux *http.ServeMux, h http.Handler) http.Handler {
			mux.Handle(route, h)
			return posthog.NewRequestContextMiddleware(mux)
		}, route},
		"in front of a mux with hosts": {func(mux *http.ServeMux, h http.Handler) http.Handler {
			mux.Handle(route, http.NotFoundHandler())
			mux.Handle(onHost, h)
			return posthog.NewRequestContextMiddleware(mux)
		}, onHost},
		"behind it": {func(mux *http.ServeMux, h http.Handler) http.Handler {
			mux.Handle(route, posthog.NewRequestContextMiddleware(h))
			return mux
		}, route},
		"in front of something that has a mux": {func(mux *http.ServeMux, h http.Handler) http.Handler {
			mux.Handle(route, h)
			return posthog.NewRequestContextMiddleware(http.HandlerFunc(mux.ServeHTTP))
		}, absent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			get(t, serve(t, c.wrap(http.NewServeMux(), capturing(t, client, posthog.Capture{Event: "e"}))), "http://example.com/users/7", tracing)
			requireProperties(t, one(t, client, server), map[string]any{"$request_route": c.want, "$request_path": "/users/7"})
		})
	}
}

// An id that becomes known below the middleware is that of all later events of
// the request, but not of a part of it that has one of its own.
func TestSetDistinctId(t *testing.T) {
	t.Parallel()
	if posthog.SetDistinctId(t.Context(), "u_1") {
		t.Error("SetDistinctId outside of a request: got true, want false")
	}
	inRequest(t, func(r *http.Request) {
		below := posthog.WithRequestContext(r.Context(), posthog.RequestContext{SessionId: "s_2"})
		part := posthog.WithRequestContext(r.Context(), posthog.RequestContext{DistinctId: "job_1"})
		deeper := posthog.WithRequestContext(part, posthog.RequestContext{})
		want := func(when string, ids ...string) {
			t.Helper()
			for i, ctx := range []context.Context{r.Context(), below, part, deeper} {
				if rc, _ := posthog.RequestContextFromContext(ctx); rc.DistinctId != ids[i] {
					t.Errorf("%s, context %d: got distinct id %q, want %q", when, i, rc.DistinctId, ids[i])
				}
			}
		}
		want("before", "u_42", "u_42", "job_1", "job_1")
		if !posthog.SetDistinctId(below, "ada") {
			t.Error("SetDistinctId within a request: got false, want true")
		}
		want("after", "ada", "ada", "job_1", "job_1")
		posthog.SetDistinctId(r.Context(), "")
		want("taken back", "u_42", "u_42", "job_1", "job_1")
	})
}

// Ids and properties are inherited one by one, and all of them reach the event.
func TestEveryFieldOfARequestContextIsInherited(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	inRequest(t, func(r *http.Request) {
		ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{WindowId: "w_1", Properties: posthog.Properties{"a": 1, "$ip": "hidden"}})
		ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{DeviceId: "d_1"})
		ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{Properties: posthog.Properties{"a": 2, "b": 3}})
		if err := client.EnqueueWithContext(ctx, posthog.Capture{Event: "e"}); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
	})
	requireProperties(t, one(t, client, server), map[string]any{
		"$window_id": "w_1", "$device_id": "d_1", "$session_id": "s_9", "a": 2, "b": 3, "$ip": "hidden", "$request_method": "GET",
	})
}

// Whatever is missing, there is no panic.
func TestRequestsThatLackEverything(t *testing.T) {
	t.Parallel()
	if rc := posthog.ExtractRequestContext(nil, true); rc.DistinctId != "" || rc.Properties != nil {
		t.Errorf("of no request: got %+v, want nothing", rc)
	}
	rc := posthog.ExtractRequestContext(new(http.Request), true)
	if rc.DistinctId != "" || rc.Properties["$ip"] != nil {
		t.Errorf("of an empty request: got %+v, want neither id nor address", rc)
	}
	posthog.NewRequestContextMiddleware(nil, nil, posthog.WithCapturePanics(nil), posthog.WithCaptureServerErrors(nil)).
		ServeHTTP(&sink{header: http.Header{}}, visit(t)) // http.DefaultServeMux says that there is nothing
}
