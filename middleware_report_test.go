package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// fails answers a request with h behind a middleware with opts, and returns
// the exceptions that arrived, and the status of the answer.
func fails(t *testing.T, h http.HandlerFunc, url string) (exceptions []wireEvent, status int) {
	t.Helper()
	client, server := open(t, posthog.Config{})
	mux := http.NewServeMux()
	mux.HandleFunc("/users/{id}", h)
	logged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(w, r) })
	handler := posthog.NewRequestContextMiddleware(logged, posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client))
	var running sync.WaitGroup // handlers, which may have closed the connection before they end
	status, _ = get(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		handler.ServeHTTP(w, r)
	})), url, tracing)
	running.Wait()
	flush(t, client)
	return arrived(t, server), status
}

// item is the only exception of an event.
func item(t *testing.T, e wireEvent) map[string]any {
	t.Helper()
	list, _ := e.Properties["$exception_list"].([]any)
	if e.Event != "$exception" || len(list) != 1 {
		t.Fatalf("got the event %q with the list %s, want an exception", e.Event, canonical(t, e.Properties["$exception_list"]))
	}
	return list[0].(map[string]any)
}

var errOutOfPaper = errors.New("out of paper")

// What the middleware reports of handlers that fail, and what of those that do
// not. Proves EXC-14, EXC-18, EXC-19, EXC-35.
func TestWhatTheMiddlewareReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler      http.HandlerFunc
		status       int // of the answer; 0 if there is none
		kind, value  string
		reported     any  // as status
		handled, raw bool // raw are those with a stack, which are the panics
	}{
		"a text": {handler: func(http.ResponseWriter, *http.Request) { panic("no paper") },
			kind: "panic", value: "no paper", reported: 500, raw: true},
		"an error": {handler: func(http.ResponseWriter, *http.Request) { panic(errOutOfPaper) },
			kind: "errors.errorString", value: "out of paper", reported: 500, raw: true},
		"nil": {handler: func(http.ResponseWriter, *http.Request) { panic(nil) }, //nolint:govet // of the nil that is panicked with
			kind: "runtime.Error", value: "panic called with nil argument", reported: 500, raw: true},
		"an index": {handler: func(_ http.ResponseWriter, r *http.Request) { _ = make([]int, len(r.Method))[len(r.Host)] },
			kind: "runtime.Error", value: "runtime error: index out of range [11] with length 3", reported: 500, raw: true},
		"after an answer": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_ = http.NewResponseController(w).Flush()
			panic("too late")
		}, kind: "panic", value: "too late", reported: 418, raw: true},
		"after a connection was taken over": {handler: func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				defer conn.Close()
			}
			panic("on the line")
		}, kind: "panic", value: "on the line", reported: absent, raw: true},
		"an abort":  {handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		"an exit":   {handler: func(http.ResponseWriter, *http.Request) { runtime.Goexit() }},
		"a success": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }, status: 201},
		"a refusal": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, status: 403},
		"a failure": {handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusServiceUnavailable) },
			status: 503, kind: "HTTP 503", value: "Service Unavailable", reported: 503, handled: true},
		"a failure after an early hint": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusBadGateway)
		}, status: 502, kind: "HTTP 502", value: "Bad Gateway", reported: 502, handled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exceptions, status := fails(t, c.handler, "http://example.com/users/7?token=secret")
			if status != c.status && c.reported != 418 {
				t.Errorf("got status %d, want %d", status, c.status)
			}
			if c.kind == "" {
				if len(exceptions) != 0 {
					t.Errorf("got %d exceptions, want none: %v", len(exceptions), exceptions)
				}
				return
			}
			if len(exceptions) != 1 {
				t.Fatalf("got %d exceptions, want 1", len(exceptions))
			}
			e := exceptions[0]
			got := item(t, e)
			mechanism := got["mechanism"].(map[string]any)
			if got["type"] != c.kind || got["value"] != c.value || mechanism["type"] != "middleware" || mechanism["handled"] != c.handled {
				t.Errorf("got %s, want %s: %s, of a middleware, handled: %v", canonical(t, got), c.kind, c.value, c.handled)
			}
			if _, raw := got["stacktrace"]; raw != c.raw {
				t.Errorf("a stack is there: %v, want %v", raw, c.raw)
			}
			source := "go.http_middleware"
			if c.raw {
				source = "go.http_recover_middleware"
			}
			requireProperties(t, e, map[string]any{
				"$exception_source": source, "$response_status_code": c.reported, "$request_route": "/users/{id}", "$current_url": "http://example.com/users/7",
				"$session_id": "s_9", "$exception_level": "error",
			})
			if e.DistinctID != "u_42" {
				t.Errorf("distinct id is %q, want u_42", e.DistinctID)
			}
		})
	}
}

// The stack begins with the caller that is furthest away and ends where the
// panic was.
func TestAPanicHasItsStack(t *testing.T) {
	t.Parallel()
	exceptions, _ := fails(t, func(_ http.ResponseWriter, r *http.Request) {
		r.Method = r.Response.Status // of a request that no answer led to: the kind of panic that a signal raises
	}, "http://example.com/users/7")
	if len(exceptions) != 1 {
		t.Fatalf("got %d exceptions, want 1", len(exceptions))
	}
	frames := item(t, exceptions[0])["stacktrace"].(map[string]any)["frames"].([]any)
	first, last := frames[0].(map[string]any), frames[len(frames)-1].(map[string]any)
	if first["function"] != "net/http.(*conn).serve" || first["in_app"] != false {
		t.Errorf("the first frame is %s, want that of the connection", canonical(t, first))
	}
	if !strings.HasSuffix(last["function"].(string), "TestAPanicHasItsStack.func1") || !strings.HasSuffix(last["filename"].(string), "middleware_report_test.go") {
		t.Errorf("the last frame is %s, want the line that panicked", canonical(t, last))
	}
}

// exploding is a client that breaks.
type exploding struct{}

func (exploding) Enqueue(posthog.Message) error { panic("client") }

// Proves TRC-8, ZIG-38: the panic that the program sees is its own, whatever
// becomes of the report.
func TestPanicsArePassedOn(t *testing.T) {
	t.Parallel()
	closed, _ := open(t, posthog.Config{})
	closeNow(t, closed)
	for name, client := range map[string]posthog.EnqueueClient{
		"reported": new(plainClient), "a client that breaks": exploding{}, "a client that was closed": closed,
		"no client": (*posthog.ServerClient)(nil), "not reported": nil,
	} {
		for _, value := range []any{errOutOfPaper, "text", http.ErrAbortHandler, []string{"a", "b"}} {
			got := func() (got any) {
				defer func() { got = recover() }()
				posthog.NewRequestContextMiddleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) }),
					posthog.WithCapturePanics(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
				return nil
			}()
			if !reflect.DeepEqual(got, value) {
				t.Errorf("%s: got the panic %v, want %v", name, got, value)
			}
		}
	}
}

// A client of somebody else's gets what it needs to know who it was.
func TestOtherClientsGetReports(t *testing.T) {
	t.Parallel()
	other := new(plainClient)
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posthog.SetDistinctId(r.Context(), "ada")
		w.WriteHeader(http.StatusInternalServerError)
	}), posthog.WithCaptureServerErrors(other)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
	if len(other.got) != 1 {
		t.Fatalf("got %d messages, want 1", len(other.got))
	}
	if msg, ok := other.got[0].(posthog.Exception); !ok || msg.Validate() != nil || msg.DistinctId != "ada" {
		t.Errorf("got %#v, want a valid Exception of ada's", other.got[0])
	}
}

// A full queue does not hold up the panic, although OverflowWait would wait for
// as long as the request lasts.
func TestAReportDoesNotWaitForTheRequest(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{Overflow: posthog.OverflowWait, MaxQueueSize: 1, BatchSize: 1, Workers: 1}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for w.client.Stats().Queued == 0 {
			if err := w.client.Enqueue(event(0)); err != nil {
				w.Fatalf("Enqueue: %v", err)
			}
			elapse(0)
		}
		handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		}), posthog.WithCaptureServerErrors(w.client))
		handler.ServeHTTP(&sink{header: http.Header{}}, visit(w.T)) // returns
		if s := w.client.Stats(); s.Refused != 1 {
			w.Errorf("got %d refusals, want 1: %+v", s.Refused, s)
		}
	})
}

// patient is a client of somebody else's that has no room, and waits for some.
type patient struct{ plainClient }

func (*patient) EnqueueWithContext(ctx context.Context, _ posthog.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// decorator is a client that stands in front of another.
type decorator struct{ client posthog.EnqueueClient }

func (d decorator) Enqueue(msg posthog.Message) error { return d.client.Enqueue(msg) }

func (d decorator) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{Properties: posthog.Properties{"decorated": true}})
	return posthog.EnqueueWithContext(ctx, d.client, msg)
}

// failFor answers a request with a server error that is reported to client.
func failFor(t *testing.T, client posthog.EnqueueClient) {
	t.Helper()
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}), posthog.WithCaptureServerErrors(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
}

// A report holds up the end of a request for a moment only, whatever client
// stands in front, and whatever that waits for.
func TestNoClientHoldsUpTheRequest(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{
		Overflow: posthog.OverflowWait, MaxQueueSize: 1, BatchSize: 1, Workers: 1, BatchSubmitTimeout: 40 * time.Millisecond,
	}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for w.client.Stats().Queued == 0 {
			if err := w.client.Enqueue(event(0)); err != nil {
				w.Fatalf("Enqueue: %v", err)
			}
			elapse(0)
		}
		for name, c := range map[string]struct {
			client posthog.EnqueueClient
			most   time.Duration
		}{
			"the client":                {w.client, 40 * time.Millisecond},
			"one in front of it":        {decorator{w.client}, 40 * time.Millisecond},
			"one of somebody else":      {new(patient), posthog.DefaultBatchSubmitTimeout},
			"one in front of that":      {decorator{new(patient)}, posthog.DefaultBatchSubmitTimeout},
			"one that does not wait":    {new(plainClient), 0},
			"one in front of no client": {decorator{nil}, 0},
		} {
			start := time.Now()
			failFor(w.T, c.client)
			if waited := time.Since(start); waited != c.most {
				w.Errorf("%s: the request ended after %v, want %v", name, waited, c.most)
			}
		}
	})
}

// Where Enqueue sends, a report is sent, although that takes longer than a
// request would be held up for room, and whatever client stands in front.
func TestAReportIsSentWhereEnqueueSends(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{SyncMode: true}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: 3 * time.Second, Times: -1})
		failFor(w.T, decorator{w.client})
		w.server.Recorder(w.T).Event("$exception").DistinctID("u_42").Property("decorated", true)
	})
}

// Of two middlewares, one behind the other, the inner one reports, and knows
// the most.
func TestNestedMiddlewareReportsOnce(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"a panic":        func(http.ResponseWriter, *http.Request) { panic("no paper") },
		"a server error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		outer, inner := new(plainClient), new(plainClient)
		var handler http.Handler = h
		for _, client := range []*plainClient{inner, outer} {
			part := handler
			handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a part that inherits nothing
				part.ServeHTTP(w, r.WithContext(posthog.WithFreshRequestContext(r.Context(), posthog.RequestContext{DistinctId: "part"})))
			})
			handler = posthog.NewRequestContextMiddleware(handler, posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client))
		}
		func() {
			defer func() { _ = recover() }()
			handler.ServeHTTP(&sink{header: http.Header{}}, visit(t))
		}()
		if len(inner.got) != 1 || len(outer.got) != 0 {
			t.Errorf("%s: the inner middleware reported %d exceptions, the outer %d, want 1 and 0", name, len(inner.got), len(outer.got))
		}
	}
}

// A visitor who has gone takes no report along, not even where Enqueue waits for
// the answer.
func TestAReportOutlivesTheRequest(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{SyncMode: true})
	ctx, cancel := context.WithCancel(t.Context())
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusInternalServerError)
	}), posthog.WithCaptureServerErrors(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t).WithContext(ctx))
	server.Recorder(t).Event("$exception").DistinctID("u_42")
}
