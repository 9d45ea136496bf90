package posthoggrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// The full methods of the service that answers.
const (
	unary  = "/grpc.testing.TestService/UnaryCall"
	stream = "/grpc.testing.TestService/FullDuplexCall"
)

// service does the same in a unary call and in a stream.
type service struct {
	pb.UnimplementedTestServiceServer

	work func(ctx context.Context) error
}

func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	if err := s.work(ctx); err != nil {
		return nil, err
	}
	return &pb.SimpleResponse{Username: "done"}, nil
}

// FullDuplexCall answers every message, and works before the last answer.
func (s *service) FullDuplexCall(ss pb.TestService_FullDuplexCallServer) error {
	for range 2 {
		if _, err := ss.Recv(); err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if err := ss.Send(&pb.StreamingOutputCallResponse{}); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	if _, err := ss.Recv(); err == nil {
		return errors.New("a third message came")
	}
	if err := s.work(ss.Context()); err != nil {
		return err
	}
	return ss.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: []byte("done")}})
}

// visitor is where calls come from.
var visitor = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711}

// network is one within the process, whose connections come from the visitor.
type network struct{ *bufconn.Listener }

func (n network) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return located{conn}, nil
}

func (n network) dial(ctx context.Context, _ string) (net.Conn, error) { return n.DialContext(ctx) }

type located struct{ net.Conn }

func (located) RemoteAddr() net.Addr { return visitor }

// recovered keeps what interceptors of panics have recovered.
type recovered struct{ values chan any }

func (r recovered) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer r.keep(&err)
	return next(ctx, req)
}

func (r recovered) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer r.keep(&err)
	return next(srv, ss)
}

func (r recovered) keep(err *error) {
	if value := recover(); value != nil {
		r.values <- value
		*err = errors.New("recovered")
	}
}

// house is a gRPC server, and a PostHog that hears of it.
type house struct {
	posthog   *posthogtest.Server
	client    *posthog.ServerClient
	recovered recovered
	network   network
}

// build starts a PostHog, and a client of it.
func build(t *testing.T, changes ...func(*posthog.Config)) *house {
	t.Helper()
	h := &house{
		posthog:   posthogtest.NewServer(t, nil),
		recovered: recovered{values: make(chan any, 1)},
		network:   network{bufconn.Listen(1 << 16)},
	}
	config := posthog.Config{Endpoint: h.posthog.URL(), Transport: h.posthog.Transport()}
	for _, change := range changes {
		change(&config)
	}
	var err error
	h.client, err = posthog.NewWithConfig("phc_test", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.client.Close() })
	return h
}

// arrived delivers what was enqueued, and returns what to say of it.
func (h *house) arrived(t *testing.T) *posthogtest.Recorder {
	t.Helper()
	if err := h.client.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return h.posthog.Recorder(t)
}

// capture enqueues an event within ctx.
func (h *house) capture(ctx context.Context) error {
	return h.client.EnqueueWithContext(ctx, posthog.Capture{Event: "order paid"})
}

// serve answers calls with work until the test ends, behind interceptors that
// recover and what opts bring, and returns a connection to it.
func (h *house) serve(t *testing.T, work func(context.Context) error, opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(append([]grpc.ServerOption{
		grpc.ChainUnaryInterceptor(h.recovered.unary), grpc.ChainStreamInterceptor(h.recovered.stream),
	}, opts...)...)
	pb.RegisterTestServiceServer(server, &service{work: work})
	served := make(chan error, 1)
	go func() { served <- server.Serve(h.network) }()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return h.dial(t, "passthrough:///orders.example.com:443")
}

// dial returns a connection to the server.
func (h *house) dial(t *testing.T, target string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(target, append(opts, grpc.WithContextDialer(h.network.dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithUserAgent("shop/1.0"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// call calls a method, and returns how the call ended.
func call(ctx context.Context, conn *grpc.ClientConn, method string) error {
	client := pb.NewTestServiceClient(conn)
	if method == unary {
		_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
		return err
	}
	s, err := client.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for range 2 {
		if err := s.Send(&pb.StreamingOutputCallRequest{}); err != nil {
			return err
		}
		if _, err := s.Recv(); err != nil {
			return err
		}
	}
	if err := s.CloseSend(); err != nil {
		return err
	}
	_, err = s.Recv()
	return err
}

// inBoth runs a test with each kind of call.
func inBoth(t *testing.T, test func(t *testing.T, method string)) {
	t.Helper()
	for name, method := range map[string]string{"a unary call": unary, "a stream": stream} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, method)
		})
	}
}

// intercepted is a server's options with both interceptors.
func intercepted(unaries []grpc.UnaryServerInterceptor, streams []grpc.StreamServerInterceptor) []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(unaries...), grpc.ChainStreamInterceptor(streams...)}
}

// tracing is a context of a call with the ids of a browser.
func tracing(ctx context.Context, more ...string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, append([]string{"x-posthog-distinct-id", "u_42", "x-posthog-session-id", "s_9"}, more...)...)
}

// text is what a property holds, as text.
func text(e posthogtest.Event, name string) string {
	value, _ := e.Properties[name].(string)
	return strings.TrimSpace(value)
}
