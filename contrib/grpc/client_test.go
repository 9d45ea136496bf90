package posthoggrpc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
)

// taking are the options of a connection that takes ids to hosts.
func taking(hosts ...string) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(posthoggrpc.UnaryClientInterceptor(hosts...)),
		grpc.WithChainStreamInterceptor(posthoggrpc.StreamClientInterceptor(hosts...)),
	}
}

// The person and the session of a browser's request are those of the service
// behind the service.
func TestIdentityFollowsTheCall(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		h.serve(t, h.capture, behind()...)
		conn := h.dial(t, "passthrough:///orders.example.com:443", taking("orders.example.com")...)
		front := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			posthog.SetDistinctId(r.Context(), "ada")
			if err := call(r.Context(), conn, method); err != nil {
				t.Errorf("%s: %v", method, err)
			}
		}))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://shop.example.com/", http.NoBody)
		r.Header.Set(posthog.HeaderPostHogSessionID, "s_9")
		front.ServeHTTP(httptest.NewRecorder(), r)
		h.arrived(t).Event("order paid").DistinctID("ada").Property("$session_id", "s_9").Property("$request_path", method)
	})
}

// sent returns the metadata that a call takes along.
func sent(t *testing.T, ctx context.Context, target string, hosts ...string) metadata.MD { //nolint:revive // t comes first in tests
	t.Helper()
	conn := build(t).dial(t, target)
	var calls []metadata.MD
	err := posthoggrpc.UnaryClientInterceptor(hosts...)(ctx, unary, nil, nil, conn,
		func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
			md, _ := metadata.FromOutgoingContext(ctx)
			calls = append(calls, md)
			return nil
		})
	if err != nil {
		t.Errorf("unary: %v", err)
	}
	_, err = posthoggrpc.StreamClientInterceptor(hosts...)(ctx, &grpc.StreamDesc{}, conn, stream,
		func(ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
			md, _ := metadata.FromOutgoingContext(ctx)
			calls = append(calls, md)
			return nil, nil
		})
	if err != nil {
		t.Errorf("stream: %v", err)
	}
	if len(calls) != 2 || !reflect.DeepEqual(calls[0], calls[1]) {
		t.Fatalf("a unary call and a stream take along %v, want twice the same", calls)
	}
	return calls[0]
}

// Ids go to named hosts alone, however the target is written.
func TestIdsGoToNamedHostsAlone(t *testing.T) {
	t.Parallel()
	named := []string{" Orders.Example.com. ", "::1", "", "192.0.2.1"}
	for name, c := range map[string]struct {
		target string
		hosts  []string
		want   bool
	}{
		"a named host":                     {"dns:///orders.example.com:443", named, true},
		"without a port":                   {"dns:///orders.example.com", named, true},
		"without a scheme":                 {"orders.example.com:443", named, true},
		"in another case, with a dot":      {"passthrough:///ORDERS.example.com.:443", named, true},
		"with a resolver":                  {"dns://192.0.2.53/orders.example.com:443", named, true},
		"an address":                       {"passthrough:///192.0.2.1:443", named, true},
		"an address of version 6":          {"passthrough:///[::1]:443", named, true},
		"that address without a port":      {"passthrough:///[::1]", named, true},
		"another host":                     {"dns:///example.com:443", named, false},
		"a host below":                     {"dns:///eu.orders.example.com:443", named, false},
		"a host that ends the same":        {"dns:///evilorders.example.com:443", named, false},
		"a host that begins the same":      {"dns:///orders.example.com.evil.example:443", named, false},
		"the name as that of the resolver": {"dns://orders.example.com/example.com:443", named, false},
		"a socket":                         {"unix:///run/orders.example.com", named, false},
		"no hosts":                         {"dns:///orders.example.com:443", nil, false},
		"nothing but an empty host":        {"passthrough:///", []string{"", " ", "."}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"})
			var want metadata.MD
			if c.want {
				want = metadata.Pairs("x-posthog-distinct-id", "u_42", "x-posthog-session-id", "s_9")
			}
			if got := sent(t, ctx, c.target, c.hosts...); !reflect.DeepEqual(got, want) {
				t.Errorf("to %s, with the hosts %q: got %v, want %v", c.target, c.hosts, got, want)
			}
		})
	}
}

// What the metadata becomes, by what it was and what the context has.
func TestIdsInMetadata(t *testing.T) {
	t.Parallel()
	both := posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9", Properties: posthog.Properties{"secret": 1}}
	for name, c := range map[string]struct {
		rc           *posthog.RequestContext
		before, want metadata.MD
	}{
		"no request":                       {nil, metadata.Pairs("a", "1"), metadata.Pairs("a", "1")},
		"a request of nobody":              {&posthog.RequestContext{}, nil, nil},
		"other metadata":                   {&both, metadata.Pairs("a", "1"), metadata.Pairs("a", "1", "x-posthog-distinct-id", "u_42", "x-posthog-session-id", "s_9")},
		"ids of an earlier call":           {&both, metadata.Pairs("x-posthog-distinct-id", "u_1", "X-PostHog-Distinct-Id", "u_2"), metadata.Pairs("x-posthog-distinct-id", "u_42", "x-posthog-session-id", "s_9")},
		"an id that the context lacks":     {&posthog.RequestContext{SessionId: "s_9"}, metadata.Pairs("x-posthog-distinct-id", "u_1"), metadata.Pairs("x-posthog-distinct-id", "u_1", "x-posthog-session-id", "s_9")},
		"an id that cannot be sent":        {&posthog.RequestContext{DistinctId: "größe", SessionId: "s_9"}, nil, metadata.Pairs("x-posthog-session-id", "s_9")},
		"that, in place of an earlier one": {&posthog.RequestContext{DistinctId: "größe"}, metadata.Pairs("x-posthog-distinct-id", "u_1"), metadata.MD{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if c.before != nil {
				ctx = metadata.NewOutgoingContext(ctx, c.before)
			}
			kept := c.before.Copy()
			if c.rc != nil {
				ctx = posthog.WithRequestContext(ctx, *c.rc)
			}
			if got := sent(t, ctx, "passthrough:///orders.example.com", "orders.example.com"); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v within %+v: got %v, want %v", c.before, c.rc, got, c.want)
			}
			if !reflect.DeepEqual(c.before, kept) && len(kept) > 0 {
				t.Errorf("the caller's metadata became %v, and was %v", c.before, kept)
			}
		})
	}
}

// Whatever an id is, gRPC does not fail a call because of it.
func FuzzIdsCanBeSent(f *testing.F) {
	for _, seed := range []string{"", "u_42", "größe", " \x00\x7f~", "a\xffb", "100%"} {
		f.Add(seed)
	}
	h := &house{}
	f.Fuzz(func(t *testing.T, id string) {
		conn := h.dial(t, "passthrough:///orders.example.com")
		ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: id})
		err := posthoggrpc.UnaryClientInterceptor("orders.example.com")(ctx, unary, nil, nil, conn,
			func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
				md, _ := metadata.FromOutgoingContext(ctx)
				for _, value := range md.Get("x-posthog-distinct-id") {
					for i := range len(value) {
						if value[i] < 0x20 || value[i] > 0x7e {
							t.Errorf("of %q: %q was sent", id, value)
						}
					}
				}
				return nil
			})
		if err != nil {
			t.Error(err)
		}
	})
}

// A call with an id that metadata cannot have is made, without it.
func TestCallsWithOddIdsAreMade(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.serve(t, h.capture, behind()...)
	conn := h.dial(t, "passthrough:///orders.example.com", taking("orders.example.com")...)
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "größe", SessionId: "s_9"})
	if err := call(ctx, conn, unary); err != nil {
		t.Fatal(err)
	}
	h.arrived(t).Event("order paid").Property("$session_id", "s_9").Property("$process_person_profile", false)
}
