package posthogecho_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/hedgerow/posthog"
	posthogecho "github.com/hedgerow/posthog/contrib/echo"
	"github.com/hedgerow/posthog/posthogtest"
)

// shop is an Echo, and a PostHog that hears of it.
type shop struct {
	*echo.Echo

	posthog *posthogtest.Server
	client  *posthog.ServerClient
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{
		Echo:    echo.NewWithConfig(echo.Config{Logger: slog.New(slog.DiscardHandler)}),
		posthog: posthogtest.NewServer(t, nil),
	}
	var err error
	s.client, err = posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: s.posthog.URL(), Transport: s.posthog.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.client.Close() })
	return s
}

// capture enqueues an event within the request.
func (s *shop) capture(c *echo.Context) error {
	return s.client.EnqueueWithContext(c.Request().Context(), posthog.Capture{Event: "order paid"})
}

// visit makes a request with the ids of a browser.
func (s *shop) visit(ctx context.Context, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "https://shop.example.com"+path, http.NoBody)
	r.Header.Set(posthog.HeaderPostHogDistinctID, "u_42")
	r.Header.Set(posthog.HeaderPostHogSessionID, "s_9")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// arrived delivers what was enqueued, and returns what to say of it.
func (s *shop) arrived(t *testing.T) *posthogtest.Recorder {
	t.Helper()
	if err := s.client.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return s.posthog.Recorder(t)
}

// An event is about whom the headers name, and has Echo's pattern of the route,
// groups included.
func TestEventsWithinARequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware())
	s.Group("/eu").POST("/orders/:id/payment", s.capture)
	if w := s.visit(t.Context(), "/eu/orders/7/payment?card=4711"); w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
	s.arrived(t).Event("order paid").DistinctID("u_42").
		Property("$session_id", "s_9").
		Property("$request_route", "/eu/orders/:id/payment").
		Property("$request_path", "/eu/orders/7/payment").
		Property("$current_url", "https://shop.example.com/eu/orders/7/payment").
		Property("$request_method", "POST").
		Property("$ip", "192.0.2.1")
}

// A middleware of a group sees the requests of the group; one of a request
// that no route takes has none.
func TestWhereTheMiddlewareStands(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.POST("/in/:id", s.capture, posthogecho.Middleware())
	s.POST("/out", func(c *echo.Context) error {
		if _, ok := posthog.RequestContextFromContext(c.Request().Context()); ok {
			t.Error("a request outside of the middleware has a request context")
		}
		return nil
	})
	s.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		early := posthogecho.Middleware()(next)
		return func(c *echo.Context) error {
			if c.Request().URL.Path == "/nowhere" {
				defer func() {
					if err := s.capture(c); err != nil {
						t.Error(err)
					}
				}()
				return early(c)
			}
			return next(c)
		}
	})
	s.visit(t.Context(), "/in/7")
	s.visit(t.Context(), "/out")
	if w := s.visit(t.Context(), "/nowhere"); w.Code != http.StatusNotFound {
		t.Errorf("a request without a route got status %d, want 404", w.Code)
	}
	r := s.arrived(t)
	r.Count("order paid", 2)
	for i, e := range r.Events() {
		if want := []any{"/in/:id", nil}[i]; e.Properties["$request_route"] != want {
			t.Errorf("event %d has the route %v, want %v", i, e.Properties["$request_route"], want)
		}
	}
}

// Behind a mux, the pattern is Echo's, as it says more.
func TestBehindAMux(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware())
	s.POST("/orders/:id", s.capture)
	mux := http.NewServeMux()
	mux.Handle("/orders/", s.Echo)
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders/7", http.NoBody))
	s.arrived(t).Event("order paid").Property("$request_route", "/orders/:id")
}

// What the options do, they do here: each by what it changes of an event.
func TestOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		option   posthog.RequestContextOption
		distinct string
		property string
		want     any
	}{
		"no option at all": {nil, "u_42", "$ip", "192.0.2.1"},
		"a trusted proxy":  {posthog.WithTrustedProxies(netip.MustParsePrefix("192.0.2.0/24")), "u_42", "$ip", "198.51.100.4"},
		"who logged in in front": {posthog.WithRequestIdentity(func(r *http.Request) string {
			user, _ := posthogecho.ContextOf(r).Get("user").(string)
			return user
		}), "ada", "$session_id", "s_9"},
		"properties that Echo knows": {posthog.WithRequestProperties(func(r *http.Request) posthog.Properties {
			return posthog.Properties{"order": posthogecho.ContextOf(r).Param("id")}
		}), "u_42", "order", "7"},
		"a hook that panics": {posthog.WithRequestIdentity(func(*http.Request) string { panic("hook") }), "u_42", "$session_id", "s_9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.Use(middleware.BasicAuth(func(c *echo.Context, user, _ string) (bool, error) {
				c.Set("user", user)
				return true, nil
			}), posthogecho.Middleware(c.option))
			s.POST("/orders/:id", s.capture)
			s.visit(t.Context(), "/orders/7", "X-Forwarded-For", "198.51.100.4", "Authorization", "Basic YWRhOnNlY3JldA==")
			s.arrived(t).Event("order paid").DistinctID(c.distinct).Property(c.property, c.want)
		})
	}
}

// Authentication behind the middleware says who it is.
func TestAuthenticationBehindTheMiddleware(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware(), func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			posthog.SetDistinctId(c.Request().Context(), "ada")
			return next(c)
		}
	})
	s.POST("/orders/:id", s.capture)
	s.visit(t.Context(), "/orders/7")
	s.arrived(t).Event("order paid").DistinctID("ada").Property("$session_id", "s_9")
}

// A request that the filter keeps out runs all the same, without context and
// report.
func TestTheFilter(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware(posthog.WithCaptureServerErrors(s.client), posthog.WithRequestFilter(func(r *http.Request) bool {
		return posthogecho.ContextOf(r).Path() != "/health"
	})))
	s.POST("/health", func(c *echo.Context) error {
		if _, ok := posthog.RequestContextFromContext(c.Request().Context()); ok {
			t.Error("the request has a request context")
		}
		return echo.ErrServiceUnavailable
	})
	if w := s.visit(t.Context(), "/health"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("got status %d, want 503", w.Code)
	}
	s.arrived(t).Empty()
}

// Other requests have no context of Echo's.
func TestContextOfOtherRequests(t *testing.T) {
	t.Parallel()
	if c := posthogecho.ContextOf(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)); c != nil {
		t.Errorf("got %v, want nil", c)
	}
}

// Requests at the same time have nothing of one another, though Echo uses its
// contexts again.
func TestRequestsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Use(posthogecho.Middleware(posthog.WithRequestIdentity(func(r *http.Request) string {
		return "u" + posthogecho.ContextOf(r).Param("id")
	})))
	s.POST("/:id", s.capture)
	var wg sync.WaitGroup
	const requests = 32
	for i := range requests {
		id := strconv.Itoa(i)
		wg.Go(func() { s.visit(t.Context(), "/"+id, posthog.HeaderPostHogSessionID, "s"+id) })
	}
	wg.Wait()
	r := s.arrived(t)
	for i := range requests {
		id := strconv.Itoa(i)
		r.For("u"+id).Event("order paid").Property("$session_id", "s"+id)
	}
}

var errTable = errors.New("no such table")

// explode is where the panics of these tests come from.
func explode(value any) { panic(value) }
