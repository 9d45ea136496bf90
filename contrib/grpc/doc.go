// Package posthoggrpc carries who a call is made by through gRPC: a server's
// events know their person, session and method by themselves, and calls to
// other services take the ids along.
//
// # A server
//
// One interceptor for unary calls and one for streams, and events enqueued with
// the context of a call need no distinct id:
//
//	opts := []posthog.RequestContextOption{
//		posthog.WithCapturePanics(client),
//		posthog.WithCaptureServerErrors(client),
//		posthog.WithRecoverPanics(),
//	}
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(posthoggrpc.UnaryServerInterceptor(opts...)),
//		grpc.ChainStreamInterceptor(posthoggrpc.StreamServerInterceptor(opts...)),
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
// # Panics
//
// gRPC does not recover: a panic of one call ends the process, and an exception
// that waits in memory ends with it. Let the interceptor end panics:
//
//	posthoggrpc.UnaryServerInterceptor(
//		posthog.WithCapturePanics(client),
//		posthog.WithRecoverPanics(),
//	)
//
// The call then ends with Internal and the text "internal error", which tells
// the caller nothing, and the exception counts as handled. Calls that the filter
// keeps out are not reported, but their panics end as well. Where another
// interceptor recovers, it belongs in front of this one, which without
// [posthog.WithRecoverPanics] passes panics on as they were. Where nobody does,
// [posthog.Config.Spool] keeps the report, and [posthog.Config.Crash] makes one of
// its own: with both there are two.
//
// The exception has the stack of the panic and the source
// go.grpc_recover_interceptor. [http.ErrAbortHandler], which net/http ends
// requests by, is not reported here either; it ends or goes on as any other.
//
// # Errors
//
// [posthog.WithCaptureServerErrors] reports calls that fail through the
// server's own fault: those that end with Unknown, DeadlineExceeded,
// Unimplemented, Internal, Unavailable, DataLoss, or a code that gRPC does not
// know. An error that has no status counts as Unknown, unless it is that of a
// context. The others are the caller's fault and are not reported.
//
// What is reported is the error that the call returned: its type, its text, the
// errors that it wraps, and the stack if it brought one along. An error that was
// captured within the call, or that wraps nothing but errors that were, is not
// reported again. An error that is nothing but a status is called "gRPC
// Internal", say, and its text is the message of the status; it is not reported
// if the call captured an error before. The source is go.grpc_interceptor.
//
// status.Errorf loses the error whose text it takes, and whoever calls reads the
// text of any error that is returned. To report more and tell less, return an
// error with the methods GRPCStatus, for the caller, and Unwrap, for the report.
//
// [posthog.WithServerError] names another error, and [posthog.WithReportOptions]
// adds to reports, such as a fingerprint. The limits of
// [posthog.ErrorTrackingConfig] hold for all of it.
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
