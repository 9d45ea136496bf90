package posthoggrpc

import (
	"context"
	"net/http"

	"google.golang.org/grpc"

	"github.com/hedgerow/posthog"
)

// UnaryServerInterceptor returns an interceptor that gives every unary call a
// fresh [posthog.RequestContext]. Events enqueued with the context of the call
// have
//
//   - the distinct id and the session id of its metadata, x-posthog-distinct-id
//     and x-posthog-session-id, cleaned as headers are,
//   - $request_route and $request_path, the full method, such as
//     "/shop.Orders/Pay",
//   - $current_url, $request_method, $user_agent and $ip,
//   - $request_id, if the metadata has an x-request-id.
//
// Every option of [posthog.NewRequestContextMiddleware] works; see the package
// comment for what it sees of a call. Exceptions have $grpc_status_code, such as
// "Internal", in place of $response_status_code, and those of panics that are
// passed on neither, as it is not known how the call will end.
func UnaryServerInterceptor(opts ...posthog.RequestContextOption) grpc.UnaryServerInterceptor {
	s := newServer(opts)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		c := call{Context: ctx, method: info.FullMethod, proceed: func(ctx context.Context) error {
			resp, err = handler(ctx, req)
			return err
		}}
		if s.answer(&c) {
			return resp, err
		}
		return nil, errPanicked
	}
}

// StreamServerInterceptor is [UnaryServerInterceptor] for calls that stream. A
// stream is one request, however many messages it has; [grpc.ServerStream]'s
// Context returns its context.
func StreamServerInterceptor(opts ...posthog.RequestContextOption) grpc.StreamServerInterceptor {
	s := newServer(opts)
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		c := call{Context: ss.Context(), method: info.FullMethod, proceed: func(ctx context.Context) error {
			err = handler(srv, stream{ServerStream: ss, ctx: ctx})
			return err
		}}
		if s.answer(&c) {
			return err
		}
		return errPanicked
	}
}

// stream is a stream within a request context.
type stream struct {
	grpc.ServerStream

	ctx context.Context //nolint:containedctx // this is how a stream has one
}

// Context returns the context of the call.
func (s stream) Context() context.Context { return s.ctx }

// server is what both interceptors have in common.
type server struct {
	middleware http.Handler // of the requests that calls are
	watched    bool         // functions of the application see the requests
	recovers   bool         // panics end here
}

func newServer(opts []posthog.RequestContextOption) *server {
	s := new(server)
	own := make([]posthog.RequestContextOption, 0, len(opts)+1)
	own = append(own, opts...)
	own = append(own, func(o *posthog.RequestContextOptions) { // after the others
		s.watched = o.RequestFilter != nil || o.RequestIdentity != nil || o.RequestProperties != nil ||
			o.ServerError != nil || o.ReportOptions != nil
		s.recovers = o.RecoverPanics
		translate(o)
	})
	s.middleware = posthog.NewRequestContextMiddleware(http.HandlerFunc(proceed), own...)
	return s
}

// answer makes the call within a request context, and reports whether it
// returned: otherwise a panic of it ended here.
func (s *server) answer(c *call) (returned bool) {
	if s.recovers {
		defer func() { _ = recover() }() // of http.ErrAbortHandler, which net/http alone knows
	}
	s.middleware.ServeHTTP(silent{}, c.request(s.watched))
	return c.returned
}

// proceed makes the call that a request is.
func proceed(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	c.err = c.proceed(r.Context())
	c.returned = true
	if serversFault(c.err) {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// silent is the writer of an answer that gRPC writes.
type silent struct{}

func (silent) Header() http.Header            { return http.Header{} }
func (silent) Write(body []byte) (int, error) { return len(body), nil }
func (silent) WriteHeader(int)                {}
