package posthogecho_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/hedgerow/posthog"
	posthogecho "github.com/hedgerow/posthog/contrib/echo"
)

// A panic is reported with its stack, and goes on to Echo's recovery as it was.
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
			s.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}),
				posthogecho.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)))
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
			e := s.arrived(t).Event("$exception").DistinctID("u_42").
				Property("$request_route", "/orders/:id").Property("$response_status_code", c.status).Event()
			if !contains(e, `"no such table"`, `.explode"`, `"handled":false`) {
				t.Errorf("the exception is %s, want the text and the stack of the panic", e.Raw)
			}
		})
	}
}

// full is an error of the application's own, with a status.
type full struct{}

func (full) Error() string   { return "the shop is full" }
func (full) StatusCode() int { return http.StatusServiceUnavailable }

// An error that Echo has yet to answer is reported as an answer that was sent,
// with its text.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handle echo.HandlerFunc
		want   int    // the status
		text   string // of the report, or nothing
	}{
		"a body":                {func(c *echo.Context) error { return c.NoContent(http.StatusBadGateway) }, 502, "Bad Gateway"},
		"an error":              {func(*echo.Context) error { return errTable }, 500, "no such table"},
		"an error of Echo's":    {func(*echo.Context) error { return echo.ErrBadGateway }, 502, "Bad Gateway"},
		"an error with a cause": {func(*echo.Context) error { return echo.NewHTTPError(500, "sorry").Wrap(errTable) }, 500, "code=500, message=sorry, err=no such table"},
		"an error with a code":  {func(*echo.Context) error { return fmt.Errorf("pay: %w", full{}) }, 503, "pay: the shop is full"},
		"a caller's fault":      {func(*echo.Context) error { return echo.ErrForbidden }, 403, ""},
		"success":               {func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) }, 204, ""},
		"an error after the answer": {func(c *echo.Context) error {
			return errors.Join(c.String(http.StatusOK, "done"), errTable)
		}, 200, ""},
		"a long error": {func(*echo.Context) error { return errors.New(strings.Repeat("ü", 5000)) }, 500, strings.Repeat("ü", 1000)},
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
			if c.text == "" {
				r.Empty()
				return
			}
			r.Event("$exception").DistinctID("u_42").Property("$request_route", "/orders/:id").
				Property("$response_status_code", c.want).Property("$exception_message", c.text)
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
