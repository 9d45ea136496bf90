package posthog_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/hedgerow/posthog"
)

// Proves TRC-7: of a thousand requests at once, each with work that goes on in
// the background, none has anything of another.
func TestRequestsDoNotMeet(t *testing.T) {
	t.Parallel()
	const requests = 1000
	client, server := open(t, posthog.Config{})
	var background, visitors sync.WaitGroup
	var started sync.WaitGroup
	started.Add(requests)
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		started.Done()
		started.Wait() // until all are here
		n := r.URL.Query().Get("n")
		if n[len(n)-1] == '7' { // some are known only now
			posthog.SetDistinctId(r.Context(), "user "+n)
		}
		for _, event := range []string{"first", "second"} {
			background.Go(func() {
				ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{Properties: posthog.Properties{"n": n}})
				if err := client.EnqueueWithContext(ctx, posthog.Capture{Event: event}); err != nil {
					t.Errorf("EnqueueWithContext: %v", err)
				}
			})
		}
		r.Header.Set("User-Agent", "changed") // the handler's own affair
		r.URL.Path = "/changed"
	}))
	for i := range requests {
		visitors.Go(func() {
			n := fmt.Sprint(i)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/pages/"+n+"?n="+n, http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header = http.Header{"X-Posthog-Session-Id": {"session " + n}, "User-Agent": {"agent " + n}}
			if n[len(n)-1] != '7' {
				r.Header["X-Posthog-Distinct-Id"] = []string{"user " + n}
			}
			handler.ServeHTTP(&sink{header: http.Header{}}, r)
		})
	}
	visitors.Wait()
	background.Wait()
	flush(t, client)
	events := arrived(t, server)
	if len(events) != 2*requests {
		t.Fatalf("got %d events, want two of each of %d requests", len(events), requests)
	}
	for _, e := range events {
		n := fmt.Sprint(e.Properties["n"])
		if e.DistinctID != "user "+n || e.Properties["$session_id"] != "session "+n ||
			e.Properties["$user_agent"] != "agent "+n || e.Properties["$request_path"] != "/pages/"+n {
			t.Errorf("the request %s has the event %+v, want everything to be of it", n, e)
		}
	}
}

// Work that goes on after its request keeps the identity, and not the
// connection, whose buffers are large.
func TestAContextThatIsKeptKeepsNoConnection(t *testing.T) {
	t.Parallel()
	var kept context.Context
	answer := func() weak.Pointer[sink] {
		w := &sink{header: http.Header{}}
		watched(func(_ http.ResponseWriter, r *http.Request) { kept = context.WithoutCancel(r.Context()) }).ServeHTTP(w, visit(t))
		return weak.Make(w)
	}
	writer := answer()
	runtime.GC()
	if writer.Value() != nil {
		t.Error("the context of a request that has ended holds on to its writer")
	}
	if rc, _ := posthog.RequestContextFromContext(kept); rc.DistinctId != "u_42" {
		t.Errorf("the context that was kept carries %+v, want u_42", rc)
	}
}
