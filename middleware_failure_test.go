package posthog_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// errUnanswered is how requests of these tests fail: with an error that nobody but
// the program knows.
var errUnanswered = fmt.Errorf("print: %w", errOutOfPaper)

// texts are the exceptions of an event, as types and texts.
func texts(e wireEvent) (all []string) {
	list, _ := e.Properties["$exception_list"].([]any)
	for _, item := range list {
		item, _ := item.(map[string]any)
		all = append(all, fmt.Sprint(item["type"], ": ", item["value"]))
	}
	return all
}

// The report of a server error is about the error that the program names, with
// all that it wraps, or else about the status.
func TestTheErrorBehindAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		behind func(*http.Request) error
		want   string // the exceptions, or nothing
	}{
		"an error":                    {503, func(*http.Request) error { return errUnanswered }, "[fmt.wrapError: print: out of paper errors.errorString: out of paper]"},
		"no error":                    {503, func(*http.Request) error { return nil }, "[HTTP 503: Service Unavailable]"},
		"no function":                 {503, nil, "[HTTP 503: Service Unavailable]"},
		"a function that panics":      {503, func(*http.Request) error { panic("no") }, "[HTTP 503: Service Unavailable]"},
		"a status in other words":     {500, func(*http.Request) error { return posthog.StatusError{Title: "RPC 13", Text: "torn"} }, "[RPC 13: torn]"},
		"a status in few words":       {500, func(*http.Request) error { return posthog.StatusError{Title: "RPC 13"} }, "[RPC 13: RPC 13]"},
		"a status without words":      {500, func(*http.Request) error { return posthog.StatusError{} }, "[posthog.StatusError: ]"},
		"an error without a failure":  {404, func(*http.Request) error { return errUnanswered }, "[]"},
		"an error that is not shared": {500, func(r *http.Request) error { return fmt.Errorf("%s is torn", r.URL.Path) }, "[errors.errorString: /users/42 is torn]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) }),
				posthog.WithCaptureServerErrors(client), posthog.WithServerError(c.behind)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
			flush(t, client)
			var got []string
			for _, e := range arrived(t, server) {
				got = append(got, texts(e)...)
				requireProperties(t, e, map[string]any{"$response_status_code": c.status, "$exception_source": "go.http_middleware"})
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

// A status in place of an error is made up, and an error is not.
func TestAStatusIsSynthetic(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behind error
		want   bool
	}{"a status": {nil, true}, "a status of the program's": {posthog.StatusError{Title: "RPC 13"}, true}, "an error": {errUnanswered, false}} {
		client, server := open(t, posthog.Config{})
		posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
			posthog.WithCaptureServerErrors(client), posthog.WithServerError(func(*http.Request) error { return c.behind }),
		).ServeHTTP(&sink{header: http.Header{}}, visit(t))
		if got := onlyCaptured(t, client, server).Exceptions()[0]; isSynthetic(got) != c.want {
			t.Errorf("%s: the mechanism is %+v, want synthetic %v", name, got.Mechanism, c.want)
		}
	}
}

// Where one middleware stands behind another, the innermost one reports, also an
// error that no two captures of can be told to be one.
func TestTheInnermostMiddlewareReports(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	layer := func(next http.Handler, place string) http.Handler {
		return posthog.NewRequestContextMiddleware(next, posthog.WithCaptureServerErrors(client),
			posthog.WithServerError(func(*http.Request) error { return fault("out of paper") }),
			posthog.WithRequestProperties(func(*http.Request) posthog.Properties { return posthog.Properties{"layer": place} }))
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	layer(layer(layer(handler, "inner"), "middle"), "outer").ServeHTTP(&sink{header: http.Header{}}, visit(t))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"layer": "inner", "$exception_message": "out of paper"})
}

// selfWrapped is an error that wraps itself, twice.
type selfWrapped struct{}

func (*selfWrapped) Error() string     { return "endless" }
func (e *selfWrapped) Unwrap() []error { return []error{e, e} }

// gaps is an error that wraps several, some of which are none.
type gaps []error

func (gaps) Error() string     { return "gaps" }
func (g gaps) Unwrap() []error { return g }

// unwrappable is an error that cannot be unwrapped.
type unwrappable struct{ text string }

func (b *unwrappable) Error() string { return b.text }
func (b *unwrappable) Unwrap() error { panic(b.text) }

// An error is not reported at the end of a request whose handler captured it,
// or all that it wraps.
//
// Proves EXC-42.
func TestTheErrorBehindAnAnswerWasCaptured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behind func(captured error) error
		want   int // how many exceptions arrive, with the captured one
	}{
		"it":                             {func(err error) error { return err }, 1},
		"one around it":                  {func(err error) error { return fmt.Errorf("a: %w", err) }, 1},
		"one around one around it":       {func(err error) error { return fmt.Errorf("a: %w", fmt.Errorf("b: %w", err)) }, 1},
		"it alone among others":          {func(err error) error { return errors.Join(nil, err, nil) }, 1},
		"it twice":                       {func(err error) error { return fmt.Errorf("%w and %w", err, err) }, 1},
		"it among gaps":                  {func(err error) error { return gaps{nil, err, nil} }, 1},
		"gaps":                           {func(error) error { return gaps{nil} }, 2},
		"it among others":                {func(err error) error { return errors.Join(err, errors.New("b")) }, 2},
		"another":                        {func(error) error { return errors.New("b") }, 2},
		"one around another":             {func(error) error { return fmt.Errorf("a: %w", errors.New("b")) }, 2},
		"one around nothing":             {func(error) error { return fmt.Errorf("a: %w", nil) }, 2},
		"one that wraps itself":          {func(error) error { return new(selfWrapped) }, 2},
		"one that panics when unwrapped": {func(error) error { return &unwrappable{"b"} }, 2},
		"a status":                       {func(error) error { return posthog.StatusError{Title: "RPC 13", Text: "torn"} }, 1},
		"one around a status":            {func(error) error { return fmt.Errorf("a: %w", posthog.StatusError{Title: "RPC 13"}) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			captured := errors.New("torn")
			posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := client.CaptureException(r.Context(), captured); err != nil {
					t.Errorf("CaptureException: %v", err)
				}
				w.WriteHeader(http.StatusInternalServerError)
			}), posthog.WithCaptureServerErrors(client), posthog.WithServerError(func(*http.Request) error {
				return c.behind(captured)
			})).ServeHTTP(&sink{header: http.Header{}}, visit(t))
			flush(t, client)
			if got := arrived(t, server); len(got) != c.want {
				t.Errorf("got %d exceptions, want %d: %v", len(got), c.want, got)
			}
		})
	}
}

// What is wrapped counts within one request: the same error in another is
// another failure.
func TestAnErrorWrappedInAnotherRequest(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	for range 2 {
		posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		}), posthog.WithCaptureServerErrors(client), posthog.WithServerError(func(*http.Request) error {
			return fmt.Errorf("print: %w", errOutOfPaper)
		})).ServeHTTP(&sink{header: http.Header{}}, visit(t))
	}
	flush(t, client)
	if got := arrived(t, server); len(got) != 2 {
		t.Errorf("got %d exceptions, want one for each request: %v", len(got), got)
	}
}

// The program has the last word about reports, of panics and of server errors. A
// function that panics has none.
func TestWhatTheProgramSaysOfReports(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"a panic":        func(http.ResponseWriter, *http.Request) { panic("no paper") },
		"a server error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		for what, c := range map[string]struct {
			describe func(r *http.Request) []posthog.ExceptionOption
			want     map[string]any
		}{
			"something": {func(r *http.Request) []posthog.ExceptionOption {
				return []posthog.ExceptionOption{
					posthog.WithFingerprint(r.URL.Path), nil, posthog.WithLevel(posthog.LevelWarning), posthog.WithSource("go.shop", "task"),
					posthog.WithProperties(posthog.Properties{"team": "printers"}), posthog.WithDistinctId("ada"),
				}
			}, map[string]any{
				"$exception_fingerprint": "/users/42", "$exception_level": "warning", "$exception_source": "go.shop",
				"team": "printers", "$request_path": "/users/42",
			}},
			"a panic": {func(*http.Request) []posthog.ExceptionOption { panic("no") }, map[string]any{
				"$exception_fingerprint": absent, "$exception_level": "error", "$request_path": "/users/42",
			}},
			"an option that panics": {func(*http.Request) []posthog.ExceptionOption {
				return []posthog.ExceptionOption{func(*posthog.ExceptionOptions) { panic("no") }, posthog.WithFingerprint("f")}
			}, map[string]any{"$exception_level": "error", "$request_path": "/users/42"}},
		} {
			client, server := open(t, posthog.Config{})
			func() {
				defer func() { _ = recover() }()
				posthog.NewRequestContextMiddleware(h, posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client),
					posthog.WithReportOptions(c.describe)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
			}()
			flush(t, client)
			events := arrived(t, server)
			if len(events) != 1 {
				t.Fatalf("%s, %s: got %d exceptions, want 1", name, what, len(events))
			}
			requireProperties(t, events[0], c.want)
			if _, status := events[0].Properties["$response_status_code"]; !status {
				t.Errorf("%s, %s: the status is gone: %v", name, what, events[0].Properties)
			}
		}
	}
}

// A panic that the middleware ends is an answer of 500 to the caller, or no
// whole answer if that had begun, and is reported once.
func TestPanicsThatTheMiddlewareEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		opts    []posthog.RequestContextOption
		status  int // 0 if there is no answer
		body    string
		want    string // the exceptions
	}{
		"before the answer": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "7")
				panic("no paper")
			}, status: 500, body: "Internal Server Error\n", want: "[panic: no paper]"},
		"within an answer": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
				panic("no paper")
			}, want: "[panic: no paper]"},
		"an abort": {handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: "[]"},
		"no panic": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }, status: 201, want: "[]"},
		"kept out": {handler: func(http.ResponseWriter, *http.Request) { panic("no paper") }, status: 500, body: "Internal Server Error\n", want: "[]",
			opts: []posthog.RequestContextOption{posthog.WithRequestFilter(func(*http.Request) bool { return false })}},
		"with an error behind it": {handler: func(http.ResponseWriter, *http.Request) { panic("no paper") }, status: 500, body: "Internal Server Error\n",
			want: "[panic: no paper]", opts: []posthog.RequestContextOption{posthog.WithServerError(func(*http.Request) error { return errUnanswered })}},
		"not reported as a panic": {handler: func(http.ResponseWriter, *http.Request) { panic("no paper") }, status: 500, body: "Internal Server Error\n",
			want: "[HTTP 500: Internal Server Error]", opts: []posthog.RequestContextOption{posthog.WithCapturePanics(nil)}},
		"not reported": {handler: func(http.ResponseWriter, *http.Request) { panic("no paper") }, status: 500, body: "Internal Server Error\n",
			want: "[]", opts: []posthog.RequestContextOption{posthog.WithCapturePanics(nil), posthog.WithCaptureServerErrors(nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			handler := posthog.NewRequestContextMiddleware(c.handler, append([]posthog.RequestContextOption{
				posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client), posthog.WithRecoverPanics(),
			}, c.opts...)...)
			if status, body := get(t, serve(t, handler), "http://example.com/", nil); status != c.status || body != c.body {
				t.Errorf("got %d %q, want %d %q", status, body, c.status, c.body)
			}
			flush(t, client)
			var got []string
			for _, e := range arrived(t, server) {
				got = append(got, texts(e)...)
				if mechanism := item(t, e)["mechanism"].(map[string]any); mechanism["handled"] != true {
					t.Errorf("the mechanism is %s, want one that handled it", canonical(t, mechanism))
				}
				requireProperties(t, e, map[string]any{"$response_status_code": 500})
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

// taken is a writer of a connection that can be taken over.
type taken struct {
	sink

	status int // that was answered
}

func (w *taken) WriteHeader(status int) { w.status = status }

func (*taken) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

// A connection that was taken over is not answered, and the panic ends all the
// same.
func TestAPanicAfterAnUpgradeEnds(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	w := &taken{sink: sink{header: http.Header{}}}
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, _, err := http.NewResponseController(w).Hijack(); err != nil {
			t.Errorf("Hijack: %v", err)
		}
		panic("on the line")
	}), posthog.WithCapturePanics(client), posthog.WithRecoverPanics()).ServeHTTP(w, visit(t)) // returns
	if w.status != 0 {
		t.Errorf("got an answer of %d, want none", w.status)
	}
	flush(t, client)
	if got := arrived(t, server); len(got) != 1 {
		t.Errorf("got %d exceptions, want 1: %v", len(got), got)
	}
}
