package posthoggin_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
	posthoggin "github.com/hedgerow/posthog/contrib/gin"
)

// A panic is reported with its stack, and goes on to gin's recovery as it was.
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
			e := s.arrived(t).Event("$exception").DistinctID("u_42").
				Property("$request_route", "/orders/:id").Property("$response_status_code", c.status).Event()
			if !contains(e, `"no such table"`, `.explode"`, `"handled":false`) {
				t.Errorf("the exception is %s, want the text and the stack of the panic", e.Raw)
			}
		})
	}
}

// An answer that gin has only been told to give is reported as one that was
// sent, and with the error behind it.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handle gin.HandlerFunc
		want   int    // the status
		text   string // of the report, or nothing
	}{
		"a body":                {func(c *gin.Context) { c.JSON(http.StatusBadGateway, gin.H{}) }, 502, "Bad Gateway"},
		"a status alone":        {func(c *gin.Context) { c.Status(http.StatusServiceUnavailable) }, 503, "Service Unavailable"},
		"an error":              {func(c *gin.Context) { _ = c.AbortWithError(http.StatusInternalServerError, errTable) }, 500, "no such table"},
		"a caller's fault":      {func(c *gin.Context) { _ = c.AbortWithError(http.StatusBadRequest, errTable) }, 400, ""},
		"an error all the same": {func(c *gin.Context) { _ = c.Error(errTable) }, 200, ""},
		"a long error": {func(c *gin.Context) {
			_ = c.AbortWithError(http.StatusInternalServerError, &net.DNSError{Err: strings.Repeat("ü", 5000)})
		}, 500, "lookup : " + strings.Repeat("ü", 991)},
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
