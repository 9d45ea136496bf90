package posthog_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// Ids go from one process to another in the headers of a message, whatever
// carries those, and nothing else goes with them.
func TestIdsTravelWithMessages(t *testing.T) {
	t.Parallel()
	from := posthog.WithRequestContext(t.Context(), posthog.RequestContext{
		DistinctId: "u_42", SessionId: "s_9", WindowId: "w_1", Properties: posthog.Properties{"secret": true},
	})
	for name, carrier := range map[string]posthog.Carrier{"a map": posthog.MapCarrier{}, "headers": http.Header{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posthog.Inject(from, carrier)
			outer := posthog.WithRequestContext(t.Context(), posthog.RequestContext{SessionId: "the worker's", Properties: posthog.Properties{"a": 1}})
			got, ok := posthog.RequestContextFromContext(posthog.Extract(outer, carrier))
			if !ok || got.DistinctId != "u_42" || got.SessionId != "s_9" || got.WindowId != "" || len(got.Properties) != 0 {
				t.Errorf("got %+v, want the two ids and nothing else", got)
			}
		})
	}
}

// An id that became known within the request is the one that travels, without
// what no header may hold.
func TestTheIdThatTravelsIsTheLatest(t *testing.T) {
	t.Parallel()
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "anonymous_1"})
	posthog.SetDistinctId(ctx, "ada\r\nCookie: none")
	carrier := posthog.MapCarrier{"X-POSTHOG-DISTINCT-ID": "stale", "x-posthog-session-id": "kept", "other": "kept"}
	posthog.Inject(ctx, carrier)
	want := posthog.MapCarrier{posthog.HeaderPostHogDistinctID: "adaCookie: none", "x-posthog-session-id": "kept", "other": "kept"}
	if !maps.Equal(carrier, want) {
		t.Errorf("got %v, want %v", carrier, want)
	}
}

// What a message says is cleaned as a request's headers are.
func TestIdsOfMessagesAreCleaned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		carrier           posthog.Carrier
		distinct, session string
	}{
		"in any case":           {posthog.MapCarrier{"x-posthog-distinct-id": "u_1", "X-POSTHOG-SESSION-ID": "s_1"}, "u_1", "s_1"},
		"in several":            {posthog.MapCarrier{"x-posthog-distinct-id": "u_1", "X-POSTHOG-DISTINCT-ID": "u_2"}, "u_2", ""},
		"dirty":                 {posthog.MapCarrier{posthog.HeaderPostHogDistinctID: " \x00u_1\n", posthog.HeaderPostHogSessionID: "\u0085"}, "u_1", ""},
		"long":                  {posthog.MapCarrier{posthog.HeaderPostHogDistinctID: strings.Repeat("x", 1<<20)}, strings.Repeat("x", 1000), ""},
		"no carrier":            {nil, "", ""},
		"a nil map":             {posthog.MapCarrier(nil), "", ""},
		"nil headers":           {http.Header(nil), "", ""},
		"a carrier that breaks": {broken{}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rc, ok := posthog.RequestContextFromContext(posthog.Extract(t.Context(), c.carrier))
			if !ok || rc.DistinctId != c.distinct || rc.SessionId != c.session {
				t.Errorf("got distinct id %.20q and session id %.20q, want %.20q and %.20q", rc.DistinctId, rc.SessionId, c.distinct, c.session)
			}
			within := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u", SessionId: "s"})
			posthog.Inject(within, c.carrier)      // does not panic
			posthog.Inject(t.Context(), c.carrier) // nor does it without ids
		})
	}
}

// broken is a carrier that cannot be used.
type broken struct{}

func (broken) Get(string) string  { panic("get") }
func (broken) Set(string, string) { panic("set") }

// The ids go to the hosts that were named, and to no other.
func TestOutgoingRequestsToNamedHostsHaveTheIds(t *testing.T) {
	t.Parallel()
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"})
	nobody := posthog.WithRequestContext(t.Context(), posthog.RequestContext{SessionId: "s_9"})
	const stale = "stale"
	for name, c := range map[string]struct {
		ctx               context.Context
		url               string
		distinct, session string
	}{
		"a named host":            {ctx, "https://billing.example.com/", "u_42", "s_9"},
		"another port":            {ctx, "http://billing.example.com:8080/", "u_42", "s_9"},
		"another case":            {ctx, "https://BILLING.example.com/", "u_42", "s_9"},
		"a final dot":             {ctx, "https://billing.example.com./", "u_42", "s_9"},
		"a name in capitals":      {ctx, "https://stock.example.com/", "u_42", "s_9"},
		"an address":              {ctx, "http://[2001:db8::1]:80/", "u_42", "s_9"},
		"nobody is known":         {nobody, "https://billing.example.com/", stale, "s_9"},
		"no request":              {t.Context(), "https://billing.example.com/", stale, stale},
		"another host":            {ctx, "https://example.com/", stale, stale},
		"a host below":            {ctx, "https://eu.billing.example.com/", stale, stale},
		"a host that looks alike": {ctx, "https://billing.example.com.evil.example/", stale, stale},
		"a user that looks alike": {ctx, "https://billing.example.com@evil.example/", stale, stale},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent http.Header
			transport := posthog.NewRequestContextTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
				sent = r.Header
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
			}), "billing.example.com", " STOCK.example.com. ", "2001:db8::1", "")
			r, err := http.NewRequestWithContext(c.ctx, http.MethodGet, c.url, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set(posthog.HeaderPostHogDistinctID, stale)
			r.Header.Set(posthog.HeaderPostHogSessionID, stale)
			if _, err := transport.RoundTrip(r); err != nil {
				t.Fatal(err)
			}
			distinct, session := sent.Get(posthog.HeaderPostHogDistinctID), sent.Get(posthog.HeaderPostHogSessionID)
			if distinct != c.distinct || session != c.session {
				t.Errorf("sent distinct id %q and session id %q, want %q and %q", distinct, session, c.distinct, c.session)
			}
			if r.Header.Get(posthog.HeaderPostHogDistinctID) != stale || r.Header.Get(posthog.HeaderPostHogSessionID) != stale {
				t.Errorf("the caller's request has the headers %v, want them as they were", r.Header)
			}
		})
	}
}

// From a browser to a service to the service behind it: one person, one
// session. A redirect to somebody else takes nothing along.
func TestIdentityFollowsTheRequest(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	behind := serve(t, posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := client.EnqueueWithContext(r.Context(), posthog.Capture{Event: r.Host}); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
		if r.Host == "billing.example.com" {
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		}
	})))
	behind.Transport = posthog.NewRequestContextTransport(behind.Transport, "billing.example.com")
	front := serve(t, posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		call, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://billing.example.com/", http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := behind.Do(call)
		if err != nil {
			t.Error(err)
			return
		}
		_ = answer.Body.Close()
	})))
	get(t, front, "http://shop.example.com/", tracing)
	behind.CloseIdleConnections()
	flush(t, client)
	events := arrived(t, server)
	if len(events) != 2 {
		t.Fatalf("got %d events, want one of each host: %v", len(events), events)
	}
	if events[0].Event != "billing.example.com" || events[0].DistinctID != "u_42" || events[0].Properties["$session_id"] != "s_9" {
		t.Errorf("got %+v, want the event of the service behind, with both ids", events[0])
	}
	if events[1].Event != "elsewhere.example" || events[1].DistinctID == "u_42" {
		t.Errorf("got %+v, want the event of somebody else, without the id", events[1])
	}
	requireProperties(t, events[1], map[string]any{"$session_id": absent})
}
