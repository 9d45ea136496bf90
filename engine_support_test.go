package posthog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// world is a client and the server it talks to, in a synctest bubble.
type world struct {
	*testing.T
	server *posthogtest.Server
	client *posthog.ServerClient
}

// inWorld runs test in a bubble of virtual time. The bubble does not end
// before every goroutine of client and server has, so a leak fails the test.
// At its end the ledger has to add up.
func inWorld(t *testing.T, config posthog.Config, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		w := &world{T: t, server: server, client: connect(t, server, config)}
		defer func() { // also if the test ends early, or the bubble would wait for the client
			closeNow(t, w.client)
			requireLedger(t, w.client)
		}()
		test(w)
	})
}

// connect returns a quiet client of server, for the test to close.
func connect(t *testing.T, server *posthogtest.Server, config posthog.Config) *posthog.ServerClient {
	t.Helper()
	client, err := posthog.NewWithConfig(testKey, connected(server, config))
	if err != nil {
		t.Fatalf("NewWithConfig: %v", err)
	}
	return client
}

// silent logs nothing.
type silent struct{}

func (silent) Debugf(string, ...any) {}
func (silent) Logf(string, ...any)   {}
func (silent) Warnf(string, ...any)  {}
func (silent) Errorf(string, ...any) {}

// closeNow ends a client that a test has no more interest in.
func closeNow(t *testing.T, client *posthog.ServerClient) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var undelivered *posthog.UndeliveredError
	if err := client.CloseWithContext(ctx); err != nil && !errors.As(err, &undelivered) && !errors.Is(err, context.Canceled) {
		t.Errorf("CloseWithContext with a canceled context: got %v, want nil or an *UndeliveredError", err)
	}
	_ = client.Close() // waits for the one above, whatever its context
}

// event is the i-th event of a test.
func event(i int) posthog.Capture {
	return posthog.Capture{DistinctId: "u_7", Event: fmt.Sprintf("event %06d", i), Properties: posthog.Properties{"i": i}}
}

// enqueue enqueues events from up to, but not including, to.
func (w *world) enqueue(from, to int) {
	w.Helper()
	for i := from; i < to; i++ {
		if err := w.client.Enqueue(event(i)); err != nil {
			w.Fatalf("Enqueue of event %d: %v", i, err)
		}
	}
}

// flush flushes and expects everything to be final.
func (w *world) flush() {
	w.Helper()
	if err := w.client.Flush(w.Context()); err != nil {
		w.Fatalf("Flush: %v", err)
	}
}

// close closes and expects nothing to be left.
func (w *world) close() {
	w.Helper()
	if err := w.client.Close(); err != nil {
		w.Fatalf("Close: %v", err)
	}
}

// names are the names of the rows that the server has, sorted by arrival.
func (w *world) names() []string {
	var names []string
	for _, row := range w.server.Rows() {
		names = append(names, row.Name)
	}
	return names
}

// wantRows fails the test unless the server has exactly the events from
// 0 to n, each once.
func (w *world) wantRows(n int) {
	w.Helper()
	seen := make(map[string]int)
	for _, name := range w.names() {
		seen[name]++
	}
	missing, doubled := 0, 0
	for i := range n {
		switch seen[event(i).Event] {
		case 0:
			missing++
		case 1:
		default:
			doubled++
		}
	}
	if missing > 0 || doubled > 0 || len(seen) != n {
		w.Errorf("the server has %d different events of %d; %d are missing, %d doubled", len(seen), n, missing, doubled)
	}
}

// wantStats fails the test unless the ledger holds exactly these counts and
// nothing is pending.
func (w *world) wantStats(accepted, delivered uint64) {
	w.Helper()
	s := requireLedger(w.T, w.client)
	if s.Accepted != accepted || s.Delivered != delivered || s.Pending != 0 {
		w.Errorf("stats: got accepted %d, delivered %d, pending %d; want %d, %d, 0", s.Accepted, s.Delivered, s.Pending, accepted, delivered)
	}
}

// gaps are the times between the server's requests.
func (w *world) gaps() []time.Duration {
	var gaps []time.Duration
	requests := w.server.Requests()
	for i := 1; i < len(requests); i++ {
		gaps = append(gaps, requests[i].Time.Sub(requests[i-1].Time))
	}
	return gaps
}

// outcomes is a Callback that remembers what it was told.
type outcomes struct {
	mu        sync.Mutex
	succeeded []string
	failed    map[string]error
}

func (o *outcomes) Success(ev posthog.APIMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.succeeded = append(o.succeeded, ev.Event)
}

func (o *outcomes) Failure(ev posthog.APIMessage, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		o.failed = make(map[string]error)
	}
	o.failed[ev.Event] = err
}

func (o *outcomes) counts() (succeeded, failed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.succeeded), len(o.failed)
}

// pass lets virtual time pass, and everything that it sets off happen.
func (w *world) pass(d time.Duration) { elapse(d) }

// RoundTrip answers 500 instead of passing on a request with that text.
func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	if bytes.Contains(body, []byte(f.name)) {
		return &http.Response{StatusCode: 500, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return f.next.RoundTrip(r)
}

// flushWithin flushes for at most d, and does not mind if something is left.
func (w *world) flushWithin(d time.Duration) {
	ctx, cancel := context.WithTimeout(w.Context(), d)
	defer cancel()
	_ = w.client.Flush(ctx)
}
