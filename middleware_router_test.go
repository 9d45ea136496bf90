package posthog_test

import (
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// signpost is a router that is no [http.ServeMux], but can be asked like one.
type signpost struct{ http.HandlerFunc }

func (s signpost) Handler(r *http.Request) (http.Handler, string) {
	if r.URL.Path == "/odd" {
		panic("a router of somebody else's")
	}
	return s, "/orders/:id of " + r.Method
}

// A router that can be asked for the route is asked. One that panics costs the
// route.
func TestRoutersTellTheRoute(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]any{"/orders/7": "/orders/:id of GET", "/odd": absent} {
		client, server := open(t, posthog.Config{})
		http := serve(t, posthog.NewRequestContextMiddleware(signpost{capturing(t, client, posthog.Capture{Event: "e"}).ServeHTTP}))
		if status, _ := get(t, http, "http://example.com"+path, nil); status != 200 {
			t.Errorf("%s: got status %d, want 200", path, status)
		}
		requireProperties(t, one(t, client, server), map[string]any{"$request_route": want})
	}
}
