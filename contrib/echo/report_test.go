package posthogecho_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/hedgerow/posthog"
	posthogecho "github.com/hedgerow/posthog/contrib/echo"
	"github.com/hedgerow/posthog/posthogtest"
)

// flat is a list of exceptions as types, texts and what they hang on.
func flat(list []posthogtest.Exception) (all []string) {
	for _, e := range list {
		text := e.Type + ": " + e.Value
		if e.Mechanism.Source != "" {
			text += " (" + e.Mechanism.Source + ")"
		}
		all = append(all, text)
	}
	return all
}

// same reports whether two lists of texts are the same.
func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// quiet is Echo's recovery without what it prints.
func quiet() echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true})
}

// A panic is reported with its stack, and goes on to Echo's recovery as it was.
//
// Proves EXC-14, EXC-18.
func TestPanics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before int // the status sent before the panic
		status any // the property
	}{
		"before the answer":            {0, 500},
		"within an answer":             {http.StatusOK, 500},
		"within an answer of an error": {http.StatusNotFound, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			var recovered error
			s.HTTPErrorHandler = func(_ *echo.Context, err error) { recovered = err }
			s.Use(quiet(), posthogecho.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)))
			s.POST("/orders/:id", func(e *echo.Context) error {
				if c.before != 0 {
					if err := e.String(c.before, "so far"); err != nil {
						return err
					}
				}
				explode(errTable)
				return nil
			})
			s.visit(t.Context(), "/orders/7")
			if recovered != errTable {
				t.Errorf("Echo recovered %v, want the very value of the panic", recovered)
			}
			r := s.arrived(t)
			r.NoWarnings()
			e := r.Event("$exception").DistinctID("u_42").
				Property("$request_route", "/orders/:id").Property("$response_status_code", c.status).
				Property("$exception_source", "go.echo").Property("$exception_level", "error").Event()
			list := e.Exceptions()
			same(t, flat(list), []string{"errors.errorString: no such table"})
			if m := list[0].Mechanism; m.Type != "middleware" || m.Handled == nil || *m.Handled {
				t.Errorf("the mechanism is %+v, want a middleware that handled nothing", m)
			}
			if n := len(list[0].Frames); n == 0 || !strings.HasSuffix(list[0].Frames[n-1].Function, ".explode") {
				t.Errorf("the stack is %+v, want explode innermost", list[0].Frames)
			}
		})
	}
}

// A panic that the middleware ends is an answer of 500. An answer that has begun
// is broken off.
func TestPanicsThatEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts    []posthog.RequestContextOption
		begun   bool // the answer has
		reports int
	}{
		"before the answer":                      {reports: 1},
		"within an answer":                       {begun: true, reports: 1},
		"in a request that the filter keeps out": {opts: []posthog.RequestContextOption{posthog.WithRequestFilter(func(*http.Request) bool { return false })}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			var left any
			s.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					defer func() { left = recover() }()
					return next(c)
				}
			}, posthogecho.Middleware(append(c.opts, posthog.WithRecoverPanics(),
				posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client))...))
			s.POST("/orders/:id", func(e *echo.Context) error {
				if c.begun {
					if err := e.String(http.StatusOK, "so far"); err != nil {
						return err
					}
				}
				explode(errTable)
				return nil
			})
			w := s.visit(t.Context(), "/orders/7")
			if c.begun != (left == http.ErrAbortHandler) {
				t.Errorf("the panic %v was left, want net/http's if the answer had begun, and none otherwise", left)
			}
			if !c.begun && w.Code != http.StatusInternalServerError {
				t.Errorf("got status %d, want 500", w.Code)
			}
			r := s.arrived(t)
			r.Count("$exception", c.reports)
			for _, e := range r.Events() {
				if handled := e.Exceptions()[0].Mechanism.Handled; handled == nil || !*handled {
					t.Errorf("the exception is %s, want one that was handled", e.Raw)
				}
			}
		})
	}
}

// Where Echo's recovery stands behind the middleware, a panic is an error that
// was returned, and no stack is left of it but what is no error.
func TestPanicsThatEchoEndsBefore(t *testing.T) {
	t.Parallel()
	for name, recovery := range map[string]echo.MiddlewareFunc{"as usual": middleware.Recover(), "without stacks": quiet()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(posthogecho.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)), recovery)
			s.POST("/orders/:id", func(*echo.Context) error {
				explode(fmt.Errorf("pay: %w", errTable))
				return nil
			})
			s.visit(t.Context(), "/orders/7")
			same(t, flat(s.arrived(t).Event("$exception").Event().Exceptions()),
				[]string{"fmt.wrapError: pay: no such table", "errors.errorString: no such table (unwrap)"})
		})
	}
}

// full is an error of the application's own, with a status.
type full struct{}

func (full) Error() string   { return "the shop is full" }
func (full) StatusCode() int { return http.StatusServiceUnavailable }

// An error that Echo has yet to answer is reported as one that was answered,
// with its type and what it wraps.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	lookup := &net.DNSError{Err: "gone", Name: "bank"}
	for name, c := range map[string]struct {
		handle echo.HandlerFunc
		want   int      // the status
		list   []string // the exceptions of the report, or nothing
	}{
		"a body":                   {func(c *echo.Context) error { return c.NoContent(http.StatusBadGateway) }, 502, []string{"HTTP 502: Bad Gateway"}},
		"an error":                 {func(*echo.Context) error { return errTable }, 500, []string{"errors.errorString: no such table"}},
		"a status of Echo's":       {func(*echo.Context) error { return echo.ErrBadGateway }, 502, []string{"HTTP 502: Bad Gateway"}},
		"a status with a text":     {func(*echo.Context) error { return echo.NewHTTPError(503, "come back") }, 503, []string{"HTTP 503: come back"}},
		"a status without a text":  {func(*echo.Context) error { return echo.NewHTTPError(503, "") }, 503, []string{"HTTP 503: Service Unavailable"}},
		"a status of another kind": {func(*echo.Context) error { return full{} }, 503, []string{"posthogecho_test.full: the shop is full"}},
		"a status with an error": {func(*echo.Context) error { return echo.NewHTTPError(500, "sorry").Wrap(lookup) }, 500, []string{
			"net.DNSError: code=500, message=sorry, err=lookup bank: gone", "net.DNSError: lookup bank: gone (unwrap)",
		}},
		"a status of Echo's with an error": {func(*echo.Context) error { return echo.ErrBadGateway.Wrap(lookup) }, 502, []string{
			"net.DNSError: code=502, message=Bad Gateway, err=lookup bank: gone", "net.DNSError: lookup bank: gone (unwrap)",
		}},
		"an error around a status": {func(*echo.Context) error { return fmt.Errorf("pay: %w", full{}) }, 503, []string{
			"posthogecho_test.full: pay: the shop is full", "posthogecho_test.full: the shop is full (unwrap)",
		}},
		"a caller's fault": {func(*echo.Context) error { return echo.ErrForbidden }, 403, nil},
		"success":          {func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) }, 204, nil},
		"an error after the answer": {func(c *echo.Context) error {
			return errors.Join(c.String(http.StatusOK, "done"), errTable)
		}, 200, nil},
		"an error after an answer of one": {func(c *echo.Context) error {
			return errors.Join(c.String(http.StatusInternalServerError, "sorry"), lookup)
		}, 500, []string{"net.DNSError: lookup bank: gone", "net.DNSError: lookup bank: gone (member)"}},
		"a long error": {func(*echo.Context) error { return errors.New(strings.Repeat("ü", 9000)) }, 500,
			[]string{"errors.errorString: " + strings.Repeat("ü", 5000)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client)))
			s.POST("/orders/:id", c.handle)
			if w := s.visit(t.Context(), "/orders/7"); w.Code != c.want {
				t.Errorf("got status %d, want %d", w.Code, c.want)
			}
			r := s.arrived(t)
			if c.list == nil {
				r.Empty()
				return
			}
			r.NoWarnings()
			e := r.Event("$exception").DistinctID("u_42").Property("$request_route", "/orders/:id").
				Property("$response_status_code", c.want).Property("$exception_source", "go.echo").Event()
			list := e.Exceptions()
			same(t, flat(list), c.list)
			if m := list[0].Mechanism; m.Type != "middleware" || m.Handled == nil || !*m.Handled || list[0].Frames != nil {
				t.Errorf("got %+v, want what a middleware handled, and no stack", list[0])
			}
		})
	}
}

// Of several middlewares one reports.
func TestAFailureIsReportedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client)))
	s.POST("/orders/:id", func(*echo.Context) error { return errTable }, posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client)))
	s.visit(t.Context(), "/orders/7")
	s.arrived(t).Count("$exception", 1)
}

// patient is a client that has no room, and waits for some.
type patient struct{}

func (patient) Enqueue(posthog.Message) error { return nil }

func (patient) EnqueueWithContext(ctx context.Context, _ posthog.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// A report that finds no room holds up the end of a request for a moment only.
func TestReportsDoNotWaitForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		e := echo.New()
		e.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(patient{})))
		e.GET("/", func(*echo.Context) error { return errTable })
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
		if waited := time.Since(start); waited != posthog.DefaultBatchSubmitTimeout {
			t.Errorf("the request ended after %v, want %v", waited, posthog.DefaultBatchSubmitTimeout)
		}
	})
}

// wire is a writer of a connection that can be taken over.
type wire struct {
	*httptest.ResponseRecorder

	near net.Conn
}

func (w wire) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.near, bufio.NewReadWriter(bufio.NewReader(w.near), bufio.NewWriter(w.near)), nil
}

// The response is Echo's own: an answer can be flushed, and a connection taken
// over.
func TestStreamsAndUpgrades(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client), posthog.WithCapturePanics(s.client)))
	s.GET("/stream", func(c *echo.Context) error {
		if _, err := c.Response().Write([]byte("part")); err != nil {
			return err
		}
		return http.NewResponseController(c.Response()).Flush()
	})
	near, far := net.Pipe()
	defer far.Close()
	s.GET("/upgrade", func(c *echo.Context) error {
		conn, _, err := http.NewResponseController(c.Response()).Hijack()
		if err != nil || conn != near {
			t.Errorf("Hijack: got %v, %v, want the connection", conn, err)
		}
		return nil
	})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/stream", http.NoBody))
	if !w.Flushed || w.Body.String() != "part" {
		t.Errorf("the stream has %q, flushed %v, want part and true", w.Body, w.Flushed)
	}
	s.ServeHTTP(wire{httptest.NewRecorder(), near}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/upgrade", http.NoBody))
	s.arrived(t).Empty()
}
