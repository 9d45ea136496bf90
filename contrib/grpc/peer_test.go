package posthoggrpc_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
)

// What is known of whoever calls, by what gRPC knows of them.
func TestPeers(t *testing.T) {
	t.Parallel()
	here := metadata.Pairs(":authority", "orders.example.com")
	for name, c := range map[string]struct {
		peer     *peer.Peer
		metadata metadata.MD
		ip, url  string
	}{
		"no peer, no metadata": {nil, nil, "", ""},
		"a peer over TLS": {
			&peer.Peer{Addr: visitor, AuthInfo: credentials.TLSInfo{State: tls.ConnectionState{ServerName: "orders.example.com"}}},
			here, "192.0.2.7", "https://orders.example.com" + unary,
		},
		"a peer without an address":    {&peer.Peer{}, here, "", "http://orders.example.com" + unary},
		"a peer on this machine":       {&peer.Peer{Addr: &net.UnixAddr{Name: "@", Net: "unix"}}, here, "", "http://orders.example.com" + unary},
		"an authority without a value": {nil, metadata.MD{":authority": nil}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if c.peer != nil {
				ctx = peer.NewContext(ctx, c.peer)
			}
			if c.metadata != nil {
				ctx = metadata.NewIncomingContext(ctx, c.metadata)
			}
			server := ""
			intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithRequestIdentity(func(r *http.Request) string {
				if r.TLS != nil {
					server = r.TLS.ServerName
				}
				return ""
			}))
			_, err := intercept(ctx, nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(ctx context.Context, _ any) (any, error) {
				rc, _ := posthog.RequestContextFromContext(ctx)
				ip, _ := rc.Properties["$ip"].(string)
				url, _ := rc.Properties["$current_url"].(string)
				if ip != c.ip || c.url != "" && url != c.url {
					t.Errorf("of %+v: got address %q at %q, want %q at %q", c.peer, ip, url, c.ip, c.url)
				}
				return nil, nil
			})
			if err != nil {
				t.Error(err)
			}
			if secure := c.peer != nil && c.peer.AuthInfo != nil; secure != (server == "orders.example.com") {
				t.Errorf("of %+v: the identity hook sees a TLS connection to %q", c.peer, server)
			}
		})
	}
}

// The answer of a call is the answer of the call, with an error or without.
func TestAnswersPass(t *testing.T) {
	t.Parallel()
	intercept := posthoggrpc.UnaryServerInterceptor()
	for _, want := range []error{nil, context.Canceled} {
		got, err := intercept(t.Context(), "ask", &grpc.UnaryServerInfo{FullMethod: unary}, func(_ context.Context, req any) (any, error) {
			return []any{req, "answer"}, want
		})
		if all, ok := got.([]any); !ok || len(all) != 2 || all[0] != "ask" || all[1] != "answer" || err != want {
			t.Errorf("got %v, %v, want [ask answer], %v", got, err, want)
		}
	}
}

// BenchmarkUnaryServerInterceptor is a call without an event.
func BenchmarkUnaryServerInterceptor(b *testing.B) {
	ctx := peer.NewContext(b.Context(), &peer.Peer{Addr: visitor})
	ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(":authority", "orders.example.com", "content-type", "application/grpc",
		"user-agent", "grpc-go/1.85.0", "x-posthog-distinct-id", "u_42", "x-posthog-session-id", "s_9", "authorization", "Bearer ada"))
	info := &grpc.UnaryServerInfo{FullMethod: unary}
	handler := func(context.Context, any) (any, error) { return nil, nil }
	for name, opts := range map[string][]posthog.RequestContextOption{
		"plain":   nil,
		"reports": {posthog.WithCapturePanics(plain{}), posthog.WithCaptureServerErrors(plain{})},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			intercept := posthoggrpc.UnaryServerInterceptor(opts...)
			for b.Loop() {
				_, _ = intercept(ctx, nil, info, handler)
			}
		})
	}
}
