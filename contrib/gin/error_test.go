package posthoggin_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
	posthoggin "github.com/hedgerow/posthog/contrib/gin"
	"github.com/hedgerow/posthog/posthogtest"
)

// stacked is an error that knows where it was made.
type stacked struct{ pcs []uintptr }

func (*stacked) Error() string        { return "torn" }
func (s *stacked) Callers() []uintptr { return s.pcs }

// tear is where the stack of an error ends.
func tear() error {
	s := stacked{pcs: make([]uintptr, 16)}
	s.pcs = s.pcs[:runtime.Callers(1, s.pcs)]
	return &s
}

// The stack of an error is the one that it brought along.
//
// Proves EXC-8.
func TestAnErrorHasItsOwnStack(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthoggin.Middleware(posthog.WithCaptureServerErrors(s.client)))
	s.POST("/orders/:id", func(c *gin.Context) { _ = c.AbortWithError(http.StatusInternalServerError, tear()) })
	s.visit(t.Context(), "/orders/7")
	frames := s.arrived(t).Event("$exception").Event().Exceptions()[0].Frames
	if n := len(frames); n == 0 || !strings.HasSuffix(frames[n-1].Function, ".tear") || !frames[n-1].InApp {
		t.Errorf("the stack is %+v, want tear innermost, which is the program's own", frames)
	}
}

// An error that a handler captured is not reported again; another one is.
//
// Proves EXC-42.
func TestAnErrorIsReportedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(c *gin.Context, captured error)
		want []string // the texts that arrive
	}{
		"as it is": {func(c *gin.Context, err error) { _ = c.AbortWithError(http.StatusInternalServerError, err) }, []string{"no paper"}},
		"wrapped": {func(c *gin.Context, err error) {
			_ = c.AbortWithError(http.StatusInternalServerError, fmt.Errorf("print: %w", err))
		}, []string{"no paper"}},
		"as a status": {func(c *gin.Context, _ error) { c.AbortWithStatus(http.StatusInternalServerError) }, []string{"no paper"}},
		"as a panic":  {func(_ *gin.Context, err error) { explode(err) }, []string{"no paper"}},
		"with another": {func(c *gin.Context, err error) {
			_ = c.Error(err)
			_ = c.AbortWithError(http.StatusInternalServerError, errTable)
		}, []string{"no paper", "no such table\nno paper"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(gin.RecoveryWithWriter(io.Discard), posthoggin.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)))
			s.POST("/orders/:id", func(g *gin.Context) {
				err := errors.New("no paper")
				if captured := s.client.CaptureException(g.Request.Context(), err); captured != nil {
					t.Errorf("CaptureException: %v", captured)
				}
				c.end(g, err)
			})
			s.visit(t.Context(), "/orders/7")
			var got []string
			for _, e := range s.arrived(t).Events() {
				got = append(got, e.Exceptions()[0].Value)
			}
			same(t, got, c.want)
		})
	}
}

// What the program says goes before what gin knows, and functions that break say
// nothing.
func TestWhatTheProgramSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []posthog.RequestContextOption
		want string // the text
		say  func(e *posthogtest.EventCheck)
	}{
		"options": {[]posthog.RequestContextOption{posthog.WithReportOptions(func(r *http.Request) []posthog.ExceptionOption {
			return []posthog.ExceptionOption{posthog.WithFingerprint(r.Pattern), posthog.WithSource("go.shop", "")}
		})}, "no such table", func(e *posthogtest.EventCheck) {
			e.Property("$exception_fingerprint", "/orders/:id").Property("$exception_source", "go.shop")
		}},
		"an error": {[]posthog.RequestContextOption{posthog.WithServerError(func(r *http.Request) error {
			return fmt.Errorf("instead: %w", posthoggin.ContextOf(r).Errors.Last().Err)
		})}, "instead: no such table", func(*posthogtest.EventCheck) {}},
		"nothing, but a panic": {[]posthog.RequestContextOption{
			posthog.WithServerError(func(*http.Request) error { panic("no") }),
			posthog.WithReportOptions(func(*http.Request) []posthog.ExceptionOption { panic("no") }),
		}, "no such table", func(e *posthogtest.EventCheck) { e.Property("$exception_source", "go.gin") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(posthoggin.Middleware(append(c.opts, posthog.WithCaptureServerErrors(s.client))...))
			s.POST("/orders/:id", func(g *gin.Context) { _ = g.AbortWithError(http.StatusInternalServerError, errTable) })
			s.visit(t.Context(), "/orders/7")
			c.say(s.arrived(t).Event("$exception").Property("$exception_message", c.want))
		})
	}
}
