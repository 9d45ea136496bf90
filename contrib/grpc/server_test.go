package posthoggrpc_test

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
)

// behind returns a server's options with the interceptors of opts.
func behind(opts ...posthog.RequestContextOption) []grpc.ServerOption {
	return intercepted(
		[]grpc.UnaryServerInterceptor{posthoggrpc.UnaryServerInterceptor(opts...)},
		[]grpc.StreamServerInterceptor{posthoggrpc.StreamServerInterceptor(opts...)},
	)
}

// An event within a call is about whom the metadata names, and has what the
// call says about itself.
func TestEventsWithinACall(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, h.capture, behind()...)
		if err := call(tracing(t.Context(), "x-request-id", "r_7"), conn, method); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		e := h.arrived(t).Event("order paid").DistinctID("u_42").
			Property("$session_id", "s_9").
			Property("$request_id", "r_7").
			Property("$request_route", method).
			Property("$request_path", method).
			Property("$request_method", "POST").
			Property("$current_url", "http://orders.example.com:443"+method).
			Property("$ip", "192.0.2.7").
			NoProperty("$process_person_profile").Event()
		if agent := text(e, "$user_agent"); !strings.HasPrefix(agent, "shop/1.0 grpc-go/") {
			t.Errorf("$user_agent is %q, want that of the client", agent)
		}
	})
}

// A call of nobody gives events of nobody.
func TestACallOfNobody(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, h.capture, behind()...)
		if err := call(t.Context(), conn, method); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		h.arrived(t).Event("order paid").Property("$process_person_profile", false).
			NoProperty("$session_id").NoProperty("$request_id")
	})
}

// The options of the middleware, each by what it changes of an event.
func TestOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		option   posthog.RequestContextOption
		distinct string
		property string
		want     any
	}{
		"no option at all":         {nil, "u_42", "$ip", "192.0.2.7"},
		"a proxy that is trusted":  {posthog.WithTrustedProxies(netip.MustParsePrefix("192.0.2.0/24")), "u_42", "$ip", "198.51.100.4"},
		"the scheme of that proxy": {posthog.WithTrustedProxies(netip.MustParsePrefix("192.0.2.0/24")), "u_42", "$current_url", "https://orders.example.com:443" + unary},
		"a proxy that is not":      {posthog.WithTrustedProxies(netip.MustParsePrefix("10.0.0.0/8")), "u_42", "$ip", "192.0.2.7"},
		"an identity by metadata": {posthog.WithRequestIdentity(func(r *http.Request) string {
			return r.Header.Get("Authorization")
		}), "Bearer ada", "$session_id", "s_9"},
		"an identity by context": {posthog.WithRequestIdentity(func(r *http.Request) string {
			md, _ := metadata.FromIncomingContext(r.Context())
			return md.Get("authorization")[0]
		}), "Bearer ada", "$session_id", "s_9"},
		"properties": {posthog.WithRequestProperties(func(r *http.Request) posthog.Properties {
			return posthog.Properties{"region": r.Header.Get("X-Region")}
		}), "u_42", "region", "eu"},
		"a request id beside properties": {posthog.WithRequestProperties(func(*http.Request) posthog.Properties {
			return posthog.Properties{"region": "eu"}
		}), "u_42", "$request_id", "r_7"},
		"a request id of the program's": {posthog.WithRequestProperties(func(*http.Request) posthog.Properties {
			return posthog.Properties{"$request_id": "mine"}
		}), "u_42", "$request_id", "mine"},
		"a hook that panics": {posthog.WithRequestIdentity(func(*http.Request) string { panic("hook") }), "u_42", "$ip", "192.0.2.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			conn := h.serve(t, h.capture, behind(c.option)...)
			ctx := tracing(t.Context(), "x-forwarded-for", "198.51.100.4", "x-forwarded-proto", "https",
				"authorization", "Bearer ada", "x-region", "eu", "x-request-id", "r_7")
			if err := call(ctx, conn, unary); err != nil {
				t.Fatal(err)
			}
			h.arrived(t).Event("order paid").DistinctID(c.distinct).Property(c.property, c.want)
		})
	}
}

// Metadata that is not to be believed is not.
func TestMetadataCanBeIgnored(t *testing.T) {
	t.Parallel()
	h := build(t)
	conn := h.serve(t, h.capture, behind(posthog.WithCaptureTracingHeaders(false))...)
	if err := call(tracing(t.Context()), conn, unary); err != nil {
		t.Fatal(err)
	}
	h.arrived(t).Event("order paid").NoProperty("$session_id").Property("$process_person_profile", false)
}

// The properties of a hook are the application's.
func TestPropertiesOfAHookStayAsTheyAre(t *testing.T) {
	t.Parallel()
	h := build(t)
	shared := posthog.Properties{"region": "eu"}
	conn := h.serve(t, h.capture, behind(posthog.WithRequestProperties(func(*http.Request) posthog.Properties { return shared }))...)
	if err := call(tracing(t.Context(), "x-request-id", "r_7"), conn, unary); err != nil {
		t.Fatal(err)
	}
	if len(shared) != 1 {
		t.Errorf("the hook's map became %v", shared)
	}
}

// Authentication behind the interceptor says who it is, and the whole call is
// theirs.
func TestAuthenticationBehindTheInterceptor(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, h.capture, intercepted(
			[]grpc.UnaryServerInterceptor{
				posthoggrpc.UnaryServerInterceptor(),
				func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
					posthog.SetDistinctId(ctx, "ada")
					return next(ctx, req)
				},
			},
			[]grpc.StreamServerInterceptor{
				posthoggrpc.StreamServerInterceptor(),
				func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
					posthog.SetDistinctId(ss.Context(), "ada")
					return next(srv, ss)
				},
			},
		)...)
		if err := call(tracing(t.Context()), conn, method); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		h.arrived(t).Event("order paid").DistinctID("ada").Property("$session_id", "s_9")
	})
}

// A call that the filter keeps out has no request context, and no report.
func TestTheFilter(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, func(ctx context.Context) error {
			if rc, ok := posthog.RequestContextFromContext(ctx); ok {
				t.Errorf("%s has the request context %+v, want none", method, rc)
			}
			return context.DeadlineExceeded
		}, behind(posthog.WithCaptureServerErrors(h.client), posthog.WithRequestFilter(func(r *http.Request) bool {
			return r.URL.Path != method
		}))...)
		if err := call(tracing(t.Context()), conn, method); err == nil {
			t.Errorf("%s: got no error, want that of the call", method)
		}
		h.arrived(t).Empty()
	})
}

// Calls at the same time have nothing of one another.
func TestCallsDoNotMeet(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		const calls = 16
		conn := h.serve(t, h.capture, behind()...)
		var wg sync.WaitGroup
		for i := range calls {
			wg.Go(func() {
				id := strconv.Itoa(i)
				ctx := metadata.AppendToOutgoingContext(t.Context(), "x-posthog-distinct-id", "u"+id, "x-posthog-session-id", "s"+id)
				if err := call(ctx, conn, method); err != nil {
					t.Errorf("%s: %v", method, err)
				}
			})
		}
		wg.Wait()
		r := h.arrived(t)
		for i := range calls {
			id := strconv.Itoa(i)
			r.For("u"+id).Event("order paid").Property("$session_id", "s"+id)
		}
	})
}
