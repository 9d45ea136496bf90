package posthoggrpc_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
	"github.com/hedgerow/posthog/posthogtest"
)

// check ends an example that cannot go on.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// sandbox returns a PostHog in memory, a client of it, and how both end.
func sandbox() (*posthog.ServerClient, *posthogtest.Server, func()) {
	server, err := posthogtest.Start(posthogtest.Config{})
	check(err)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	check(err)
	return client, server, func() {
		client.Close()
		server.Close()
	}
}

// run answers calls in memory, and returns a connection and how both end.
func run(server *grpc.Server, s pb.TestServiceServer, opts ...grpc.DialOption) (*grpc.ClientConn, func()) {
	pb.RegisterTestServiceServer(server, s)
	listener := bufconn.Listen(1 << 16)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///orders.example.com", append(opts,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(network{listener}.dial))...)
	check(err)
	return conn, func() {
		conn.Close()
		server.Stop()
		<-served
	}
}

// A server whose events know whom they are about, and by which method. Health
// checks stay out of it.
func ExampleUnaryServerInterceptor() {
	client, posthogServer, end := sandbox()
	defer end()

	server := grpc.NewServer(grpc.ChainUnaryInterceptor(posthoggrpc.UnaryServerInterceptor(
		posthog.WithRequestFilter(func(r *http.Request) bool {
			return !strings.HasPrefix(r.URL.Path, "/grpc.health.v1.Health/")
		}),
	)))
	conn, stop := run(server, &service{work: func(ctx context.Context) error {
		return client.EnqueueWithContext(ctx, posthog.Capture{Event: "order paid"})
	}})
	defer stop()

	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-posthog-distinct-id", "u_42")
	check(call(ctx, conn, unary))
	check(client.Close())
	e := posthogServer.Events()[0]
	fmt.Println(e.Name, "by", e.DistinctID, "in", e.Properties["$request_route"])
	// Output: order paid by u_42 in /grpc.testing.TestService/UnaryCall
}

// A call that panics ends, and the process does not.
func ExampleUnaryServerInterceptor_recovery() {
	client, posthogServer, end := sandbox()
	defer end()

	server := grpc.NewServer(grpc.ChainUnaryInterceptor(posthoggrpc.UnaryServerInterceptor(
		posthog.WithCapturePanics(client),
		posthog.WithRecoverPanics(),
	)))
	conn, stop := run(server, &service{work: func(context.Context) error {
		panic("the printer is on fire")
	}})
	defer stop()

	fmt.Println(call(context.Background(), conn, unary))
	check(client.Close())
	e := posthogServer.Events()[0]
	fmt.Println(e.Name, "by", e.Properties["$exception_source"])
	for _, exception := range e.Exceptions() {
		fmt.Println(exception.Type, "/", exception.Value)
	}
	// Output:
	// rpc error: code = Internal desc = internal error
	// $exception by go.grpc_recover_interceptor
	// panic / the printer is on fire
}

// A stream that breaks through the server's own fault is an exception of
// whoever it was for.
func ExampleStreamServerInterceptor() {
	client, posthogServer, end := sandbox()
	defer end()

	server := grpc.NewServer(grpc.ChainStreamInterceptor(posthoggrpc.StreamServerInterceptor(
		posthog.WithCapturePanics(client),
		posthog.WithCaptureServerErrors(client),
	)))
	conn, stop := run(server, &service{work: func(context.Context) error {
		return status.Error(codes.Internal, "the ledger is torn")
	}})
	defer stop()

	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-posthog-distinct-id", "u_42")
	fmt.Println(call(ctx, conn, stream))
	check(client.Close())
	e := posthogServer.Events()[0]
	fmt.Println(e.Name, "of", e.DistinctID+":", e.Properties["$exception_type"], "/", e.Properties["$exception_message"])
	// Output:
	// rpc error: code = Internal desc = the ledger is torn
	// $exception of u_42: gRPC Internal / the ledger is torn
}

// A service takes the ids of its own callers along to the service behind, and
// to no other.
func ExampleUnaryClientInterceptor() {
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(posthoggrpc.UnaryServerInterceptor()))
	conn, stop := run(server, &service{work: func(ctx context.Context) error {
		rc, _ := posthog.RequestContextFromContext(ctx)
		fmt.Println(rc.DistinctId, rc.SessionId)
		return nil
	}}, grpc.WithChainUnaryInterceptor(posthoggrpc.UnaryClientInterceptor("orders.example.com")))
	defer stop()

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"})
	check(call(ctx, conn, unary))
	// Output: u_42 s_9
}

// Streams take the ids along as well.
func ExampleStreamClientInterceptor() {
	server := grpc.NewServer(grpc.ChainStreamInterceptor(posthoggrpc.StreamServerInterceptor()))
	conn, stop := run(server, &service{work: func(ctx context.Context) error {
		rc, _ := posthog.RequestContextFromContext(ctx)
		fmt.Println(rc.DistinctId)
		return nil
	}}, grpc.WithChainStreamInterceptor(posthoggrpc.StreamClientInterceptor("orders.example.com")))
	defer stop()

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	check(call(ctx, conn, stream))
	// Output: u_42
}
