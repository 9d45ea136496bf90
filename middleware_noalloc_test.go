//go:build !race

package posthog_test

// The race detector makes sync.Pool forget at random; see noalloc_test.go.

import (
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// The gate of the middleware: a request without events costs two allocations,
// and a third one where somebody looks at the answer.
func TestMiddlewareNoAlloc(t *testing.T) {
	client, _ := open(t, posthog.Config{})
	for name, c := range map[string]struct {
		handler http.Handler
		most    float64
	}{
		"without captures": {posthog.NewRequestContextMiddleware(idle), 2},
		"with captures": {posthog.NewRequestContextMiddleware(idle,
			posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client)), 3},
	} {
		w, r := &sink{header: http.Header{}}, visit(t)
		if got := testing.AllocsPerRun(1000, func() { c.handler.ServeHTTP(w, r) }); got > c.most {
			t.Errorf("a request %s allocates %v times, want %v at most", name, got, c.most)
		}
	}
}

// All events of a request but the first cost no allocation.
func TestEnqueueWithContextNoAlloc(t *testing.T) {
	client := roomy(t, posthog.OverflowReject)
	msg := posthog.Capture{Event: "order paid", Properties: scalars(5)}
	inRequest(t, func(r *http.Request) {
		got := testing.AllocsPerRun(1000, func() {
			if err := client.EnqueueWithContext(r.Context(), &msg); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("EnqueueWithContext within a request allocates %v times, want 0", got)
		}
	})
}
