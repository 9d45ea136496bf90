// Package posthoggrpc carries who a call is made by through gRPC: a server's
// events know their person, session and method by themselves, and calls to
// other services take the ids along.
//
// # A server
//
// One interceptor for unary calls and one for streams, and events enqueued with
// the context of a call need no distinct id:
//
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(recovery, posthoggrpc.UnaryServerInterceptor(
//			posthog.WithCapturePanics(client),
//			posthog.WithCaptureServerErrors(client),
//		)),
//		grpc.ChainStreamInterceptor(streamRecovery, posthoggrpc.StreamServerInterceptor()),
//	)
//
//	func (s *shop) Pay(ctx context.Context, order *pb.Order) (*pb.Receipt, error) {
//		err := s.client.EnqueueWithContext(ctx, posthog.Capture{Event: "order paid"})
//		…
//	}
//
// The options are those of [posthog.NewRequestContextMiddleware]. To them a call
// is the request of HTTP/2 that it is: a POST to the full method, with the
// metadata as its header, the peer as its remote address, the certificates of a
// TLS connection, and the context of the call. So one function can filter, or
// name the identity of, both kinds of request:
//
//	posthog.WithRequestFilter(func(r *http.Request) bool {
//		return !strings.HasPrefix(r.URL.Path, "/grpc.health.v1.Health/")
//	})
//	posthog.WithRequestIdentity(func(r *http.Request) string {
//		return auth.UserOf(r.Context()) // if authentication stands in front
//	})
//
// Where authentication stands behind the interceptor, it calls
// [posthog.SetDistinctId].
//
// # Panics and errors
//
// gRPC ends the process when a call panics, and an exception that waits in
// memory ends with it. Put an interceptor that recovers in front of this one,
// which reports panics and passes them on as they were, or have a
// [posthog.Config.Spool].
//
// [posthog.WithCaptureServerErrors] reports calls that fail through the
// server's own fault: those that end with Unknown, DeadlineExceeded,
// Unimplemented, Internal, Unavailable, DataLoss, or a code that gRPC does not
// know. An error that has no status counts as Unknown, unless it is that of a
// context. The others are the caller's fault and are not reported. The
// exception is called "gRPC Internal", say, and its text is the message of the
// status, which the caller has read, too.
//
// # A client
//
// The interceptors of a client add the ids of the context of a call to its
// metadata, if the call goes to one of the hosts that they were given:
//
//	conn, err := grpc.NewClient("dns:///billing.example.com:443",
//		grpc.WithChainUnaryInterceptor(posthoggrpc.UnaryClientInterceptor("billing.example.com")),
//		grpc.WithChainStreamInterceptor(posthoggrpc.StreamClientInterceptor("billing.example.com")),
//	)
//
// Everything runs on the goroutines of the calls; the package starts none, and
// keeps nothing of a call that has ended. Its interceptors may be used by any
// number of servers and connections at once.
package posthoggrpc
