package posthogecho_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/hedgerow/posthog"
	posthogecho "github.com/hedgerow/posthog/contrib/echo"
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
	s.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client)))
	s.POST("/orders/:id", func(*echo.Context) error { return tear() })
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
		end  func(captured error) error
		want []string // the texts that arrive
	}{
		"as it is":        {func(err error) error { return err }, []string{"no paper"}},
		"wrapped":         {func(err error) error { return fmt.Errorf("print: %w", err) }, []string{"no paper"}},
		"with a status":   {func(err error) error { return echo.ErrInternalServerError.Wrap(err) }, []string{"no paper"}},
		"as a status":     {func(error) error { return echo.ErrInternalServerError }, []string{"no paper"}},
		"as a panic":      {func(err error) error { explode(err); return nil }, []string{"no paper"}},
		"with another":    {func(err error) error { return errors.Join(err, errTable) }, []string{"no paper", "no paper\nno such table"}},
		"another instead": {func(error) error { return errTable }, []string{"no paper", "no such table"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(quiet(), posthogecho.Middleware(posthog.WithCapturePanics(s.client), posthog.WithCaptureServerErrors(s.client)))
			s.POST("/orders/:id", func(e *echo.Context) error {
				err := errors.New("no paper")
				if captured := s.client.CaptureException(e.Request().Context(), err); captured != nil {
					t.Errorf("CaptureException: %v", captured)
				}
				return c.end(err)
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

// What the program says goes before what Echo knows, and functions that break
// say nothing.
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
			return fmt.Errorf("instead of what %s met", posthogecho.ContextOf(r).Param("id"))
		})}, "instead of what 7 met", func(*posthogtest.EventCheck) {}},
		"nothing, but a panic": {[]posthog.RequestContextOption{
			posthog.WithServerError(func(*http.Request) error { panic("no") }),
			posthog.WithReportOptions(func(*http.Request) []posthog.ExceptionOption { panic("no") }),
		}, "no such table", func(e *posthogtest.EventCheck) { e.Property("$exception_source", "go.echo") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(posthogecho.Middleware(append(c.opts, posthog.WithCaptureServerErrors(s.client))...))
			s.POST("/orders/:id", func(*echo.Context) error { return errTable })
			s.visit(t.Context(), "/orders/7")
			c.say(s.arrived(t).Event("$exception").Property("$exception_message", c.want))
		})
	}
}
