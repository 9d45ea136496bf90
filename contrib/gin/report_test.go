package posthoggin_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
	posthoggin "github.com/hedgerow/posthog/contrib/gin"
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

// A panic is reported with its stack, and goes on to gin's recovery as it was.
//
// Proves EXC-14, EXC-18.
func TestPanics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before gin.HandlerFunc
		status any // the property
	}{
		"before the answer":             {func(*gin.Context) {}, 500},
		"within an answer":              {func(c *gin.Context) { c.String(http.StatusOK, "so far") }, 500},
		"within an answer of an error":  {func(c *gin.Context) { c.String(http.StatusNotFound, "so far") }, 404},
		"before one that was announced": {func(c *gin.Context) { c.Status(http.StatusNotFound) }, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			var recovered any
			s.Use(gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, value any) {
				recovered = value
				c.AbortWithStatus(http.StatusInternalServerError)
			}), posthoggin.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)))
			s.POST("/orders/:id", func(g *gin.Context) {
				c.before(g)
				explode(errTable)
			})
			s.visit(t.Context(), "/orders/7")
			if recovered != any(errTable) {
				t.Errorf("gin recovered %v, want the very value of the panic", recovered)
			}
			r := s.arrived(t)
			r.NoWarnings()
			e := r.Event("$exception").DistinctID("u_42").
				Property("$request_route", "/orders/:id").Property("$response_status_code", c.status).
				Property("$exception_source", "go.gin").Property("$exception_level", "error").Event()
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

// A panic that the middleware ends is an answer of 500, and the handlers that
// would follow are not called. An answer that has begun is broken off.
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
			s.Use(func(g *gin.Context) {
				defer func() {
					if left = recover(); left != nil {
						g.Abort()
					}
				}()
				g.Next()
			}, posthoggin.Middleware(append(c.opts, posthog.WithRecoverPanics(),
				posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client))...))
			s.POST("/orders/:id", func(g *gin.Context) {
				if c.begun {
					g.String(http.StatusOK, "so far")
				}
				explode(errTable)
			}, func(*gin.Context) { t.Error("a handler behind the one that panicked was called") })
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

// Where gin's recovery stands behind the middleware, all that is left of a panic
// is its answer.
func TestPanicsThatGinEndsBefore(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthoggin.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)),
		gin.RecoveryWithWriter(io.Discard))
	s.POST("/orders/:id", func(*gin.Context) { explode(errTable) })
	s.visit(t.Context(), "/orders/7")
	same(t, flat(s.arrived(t).Event("$exception").Event().Exceptions()), []string{"HTTP 500: Internal Server Error"})
}

// An answer that gin has only been told to give is reported as one that was
// sent, and by the errors behind it.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	lookup := &net.DNSError{Err: "gone", Name: "bank"}
	for name, c := range map[string]struct {
		handle gin.HandlerFunc
		want   int      // the status
		list   []string // the exceptions of the report, or nothing
	}{
		"a body":           {func(c *gin.Context) { c.JSON(http.StatusBadGateway, gin.H{}) }, 502, []string{"HTTP 502: Bad Gateway"}},
		"a status alone":   {func(c *gin.Context) { c.Status(http.StatusServiceUnavailable) }, 503, []string{"HTTP 503: Service Unavailable"}},
		"an error":         {func(c *gin.Context) { _ = c.AbortWithError(http.StatusInternalServerError, errTable) }, 500, []string{"errors.errorString: no such table"}},
		"a caller's fault": {func(c *gin.Context) { _ = c.AbortWithError(http.StatusBadRequest, errTable) }, 400, nil},
		"a mere error":     {func(c *gin.Context) { _ = c.Error(errTable) }, 200, nil},
		"an error around another": {func(c *gin.Context) {
			_ = c.AbortWithError(http.StatusInternalServerError, fmt.Errorf("pay: %w", lookup))
		}, 500, []string{"net.DNSError: pay: lookup bank: gone", "net.DNSError: lookup bank: gone (unwrap)"}},
		"several errors": {func(c *gin.Context) {
			_ = c.Error(errTable)
			_ = c.AbortWithError(http.StatusInternalServerError, lookup)
		}, 500, []string{
			"net.DNSError: lookup bank: gone\nno such table", "net.DNSError: lookup bank: gone (member)", "errors.errorString: no such table (member)",
		}},
		"an error without one": {func(c *gin.Context) {
			c.Errors = append(c.Errors, nil, &gin.Error{})
			c.Status(http.StatusInternalServerError)
		}, 500, []string{"HTTP 500: Internal Server Error"}},
		"an error beside none": {func(c *gin.Context) {
			c.Errors = append(c.Errors, &gin.Error{}, &gin.Error{Err: errTable}, nil)
			c.Status(http.StatusInternalServerError)
		}, 500, []string{"errors.errorString: no such table"}},
		"a long error": {func(c *gin.Context) {
			_ = c.AbortWithError(http.StatusInternalServerError, &net.DNSError{Err: strings.Repeat("ü", 9000)})
		}, 500, []string{"net.DNSError: lookup : " + strings.Repeat("ü", 4995)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(posthoggin.Middleware(posthog.WithCaptureServerErrors(s.client)))
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
				Property("$response_status_code", c.want).Property("$exception_source", "go.gin").Event()
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
	s.Use(posthoggin.Middleware(posthog.WithCaptureServerErrors(s.client)))
	s.Group("/orders", posthoggin.Middleware(posthog.WithCaptureServerErrors(s.client))).POST("/:id", func(c *gin.Context) {
		c.Status(http.StatusInternalServerError)
	})
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
		s := gin.New()
		s.Use(posthoggin.Middleware(posthog.WithCaptureServerErrors(patient{})))
		s.GET("/", func(c *gin.Context) { c.Status(http.StatusInternalServerError) })
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
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

// The writer is gin's own: an answer can be flushed, and a connection taken
// over.
func TestStreamsAndUpgrades(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthoggin.Middleware(posthog.WithCaptureServerErrors(s.client), posthog.WithCapturePanics(s.client)))
	s.GET("/stream", func(c *gin.Context) {
		c.Writer.WriteString("part")
		c.Writer.Flush()
	})
	near, far := net.Pipe()
	defer far.Close()
	s.GET("/upgrade", func(c *gin.Context) {
		conn, _, err := c.Writer.Hijack()
		if err != nil || conn != near {
			t.Errorf("Hijack: got %v, %v, want the connection", conn, err)
		}
	})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/stream", http.NoBody))
	if !w.Flushed || w.Body.String() != "part" {
		t.Errorf("the stream has %q, flushed %v, want part and true", w.Body, w.Flushed)
	}
	s.ServeHTTP(wire{httptest.NewRecorder(), near}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/upgrade", http.NoBody))
	s.arrived(t).Empty()
}

// The core's own middleware around an engine lets gin stream, which asks
// writers for more than it looks for.
func TestStreamsWithinTheCoresMiddleware(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.GET("/stream", func(c *gin.Context) {
		parts := 0
		c.Stream(func(w io.Writer) bool {
			parts++
			_, _ = io.WriteString(w, "part ")
			return parts < 2
		})
	})
	w := httptest.NewRecorder()
	handler := posthog.NewRequestContextMiddleware(s, posthog.WithCapturePanics(s.client))
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/stream", http.NoBody))
	if w.Body.String() != "part part " || !w.Flushed {
		t.Errorf("the stream has %q, flushed %v, want two parts and true", w.Body, w.Flushed)
	}
	s.arrived(t).Empty()
}
