package posthog_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// sink is the least that a response writer of net/http's is.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header                       { return s.header }
func (s *sink) Write(p []byte) (int, error)               { return len(p), nil }
func (s *sink) WriteHeader(int)                           {}
func (s *sink) Flush()                                    {}
func (s *sink) ReadFrom(r io.Reader) (n int64, err error) { return io.Copy(io.Discard, r) }

// visit is a request as net/http reads it.
func visit(tb testing.TB) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "/users/42?tab=orders", http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	r.Host, r.RemoteAddr = "shop.example.com", "192.0.2.7:4711"
	r.Header = http.Header{
		"Accept": {"*/*"}, "User-Agent": {"Mozilla/5.0 (X11; Linux x86_64)"}, "X-Posthog-Distinct-Id": {"u_42"},
		"X-Posthog-Session-Id": {"s_9"}, "X-Forwarded-For": {"198.51.100.4"},
	}
	return r
}

// idle answers, and captures nothing.
var idle = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

func BenchmarkMiddlewareWithoutEvents(b *testing.B) {
	client := posthog.New("")
	for name, handler := range map[string]http.Handler{
		"the bare handler": idle,
		"middleware":       posthog.NewRequestContextMiddleware(idle),
		"with captures":    posthog.NewRequestContextMiddleware(idle, posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client)),
	} {
		b.Run(name, func(b *testing.B) {
			w, r := &sink{header: http.Header{}}, visit(b)
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(w, r)
			}
		})
	}
}

// inRequest calls f with the context of a request within the middleware.
func inRequest(tb testing.TB, f func(r *http.Request)) {
	tb.Helper()
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r) })).
		ServeHTTP(&sink{header: http.Header{}}, visit(tb))
}

// The same event, once with the properties of a request as its own, and once
// within the request.
func BenchmarkEnqueueWithin(b *testing.B) {
	inRequest(b, func(r *http.Request) {
		own := scalars(5)
		rc, _ := posthog.RequestContextFromContext(r.Context())
		own.Merge(rc.Properties).Set("$session_id", rc.SessionId)
		plain := &posthog.Capture{DistinctId: rc.DistinctId, Event: "order paid", Properties: own}
		within := &posthog.Capture{Event: "order paid", Properties: scalars(5)}
		b.Run("no request", func(b *testing.B) {
			client := swallowing(b, posthog.Config{})
			benchmark(b, client, func() error { return client.Enqueue(plain) })
		})
		b.Run("a request", func(b *testing.B) {
			client := swallowing(b, posthog.Config{})
			benchmark(b, client, func() error { return client.EnqueueWithContext(r.Context(), within) })
		})
	})
	b.Run("a request that is but an id", func(b *testing.B) {
		client := swallowing(b, posthog.Config{})
		ctx := posthog.WithRequestContext(b.Context(), posthog.RequestContext{DistinctId: "u_1"})
		within := &posthog.Capture{Event: "order paid", Properties: scalars(5)}
		benchmark(b, client, func() error { return client.EnqueueWithContext(ctx, within) })
	})
	b.Run("a request of its own", func(b *testing.B) {
		client := swallowing(b, posthog.Config{})
		within := &posthog.Capture{Event: "order paid", Properties: scalars(5)}
		w, r := &sink{header: http.Header{}}, visit(b)
		handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = client.EnqueueWithContext(r.Context(), within)
		}))
		benchmark(b, client, func() error { handler.ServeHTTP(w, r); return nil })
	})
}
