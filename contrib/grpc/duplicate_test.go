package posthoggrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
	"github.com/hedgerow/posthog/posthogtest"
)

// An error that a call captured on its way is not reported again at its end;
// another one is.
//
// Proves EXC-42.
func TestAnErrorIsReportedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(captured error) error
		want []string // the titles that arrive, with texts
	}{
		"as it is":              {func(err error) error { return err }, []string{"no paper"}},
		"wrapped":               {func(err error) error { return fmt.Errorf("print: %w", fmt.Errorf("order 7: %w", err)) }, []string{"no paper"}},
		"with a fact":           {func(err error) error { return errors.Join(nil, err) }, []string{"no paper"}},
		"as a status":           {func(err error) error { return status.Error(codes.Internal, err.Error()) }, []string{"no paper"}},
		"with another":          {func(err error) error { return errors.Join(err, errors.New("no ink")) }, []string{"no paper", "no paper\nno ink"}},
		"in place of another":   {func(error) error { return errors.New("no ink") }, []string{"no paper", "no ink"}},
		"a caller's own fault":  {func(error) error { return status.Error(codes.NotFound, "no order") }, []string{"no paper"}},
		"around a status of it": {func(err error) error { return fmt.Errorf("%w: %w", err, status.Error(codes.Internal, "why")) }, []string{"no paper", "no paper: rpc error: code = Internal desc = why"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBoth(t, func(t *testing.T, method string) {
				t.Helper()
				h := build(t)
				conn := h.serve(t, func(ctx context.Context) error {
					err := errors.New("no paper")
					if captured := h.client.CaptureException(ctx, err); captured != nil {
						t.Errorf("CaptureException: %v", captured)
					}
					return c.end(err)
				}, behind(posthog.WithCaptureServerErrors(h.client))...)
				if err := call(tracing(t.Context()), conn, method); err == nil {
					t.Errorf("%s: got no error", method)
				}
				var got []string
				for _, e := range h.arrived(t).Events() {
					got = append(got, e.Exceptions()[0].Value)
				}
				same(t, method, got, c.want)
			})
		})
	}
}

// A panic is reported once, whoever caught it first, and however often it is
// passed on.
func TestAPanicIsReportedOnce(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, func(ctx context.Context) error {
			defer h.client.CapturePanic(ctx, posthog.WithLevel(posthog.LevelError))
			explode("no paper")
			return nil
		}, behind(posthog.WithCapturePanics(h.client), posthog.WithCaptureServerErrors(h.client))...)
		if err := call(tracing(t.Context()), conn, method); err == nil {
			t.Errorf("%s: got no error", method)
		}
		<-h.recovered.values
		h.arrived(t).Count("$exception", 1)
	})
}

// One error of the package that ends two calls is two failures.
func TestTwoCallsAreTwoFailures(t *testing.T) {
	t.Parallel()
	h := build(t)
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(h.client))
	closed := errors.New("the shop is closed")
	for range 2 {
		_ = fail(t, intercept, closed)
	}
	h.arrived(t).Count("$exception", 2)
}

// A call that fails all the time does not fill the queue.
//
// Proves EXC-41.
func TestFailuresAreLimited(t *testing.T) {
	t.Parallel()
	h := build(t, func(c *posthog.Config) {
		c.ErrorTracking.RateLimit = posthog.ExceptionRateLimit{Burst: 3, Every: time.Hour}
	})
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(h.client))
	for i := range 10 {
		_ = fail(t, intercept, status.Errorf(codes.Internal, "order %d is torn", i))
	}
	_ = fail(t, intercept, status.Error(codes.DataLoss, "the ledger is torn")) // has a limit of its own
	h.arrived(t).Count("$exception", 4)
}

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
	h := build(t)
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(h.client))
	_ = fail(t, intercept, fmt.Errorf("pay: %w", tear()))
	list := h.arrived(t).Event("$exception").Event().Exceptions()
	same(t, "the list", flat(list), []string{"posthoggrpc_test.stacked: pay: torn", "posthoggrpc_test.stacked: torn (unwrap)"})
	if n := len(list[1].Frames); n == 0 || !strings.HasSuffix(list[1].Frames[n-1].Function, ".tear") || !list[1].Frames[n-1].InApp {
		t.Errorf("the stack is %+v, want tear innermost, which is the program's own", list[1].Frames)
	}
}

// What the program says of a call goes before what the interceptor knows, and
// functions that break say nothing.
func TestWhatTheProgramSays(t *testing.T) {
	t.Parallel()
	behindIt := errors.New("the disk is full")
	for name, c := range map[string]struct {
		opts []posthog.RequestContextOption
		want string // the text
		say  func(e *posthogtest.EventCheck)
	}{
		"options": {[]posthog.RequestContextOption{posthog.WithReportOptions(func(r *http.Request) []posthog.ExceptionOption {
			return []posthog.ExceptionOption{posthog.WithFingerprint(r.Pattern), posthog.WithLevel(posthog.LevelWarning), posthog.WithSource("go.shop", ""), nil}
		})}, "why", func(e *posthogtest.EventCheck) {
			e.Property("$exception_fingerprint", unary).Property("$exception_level", "warning").Property("$exception_source", "go.shop").
				Property("$grpc_status_code", "Internal")
		}},
		"an error": {[]posthog.RequestContextOption{posthog.WithServerError(func(*http.Request) error { return behindIt })},
			"the disk is full", func(e *posthogtest.EventCheck) { e.Property("$grpc_status_code", "Internal") }},
		"no error": {[]posthog.RequestContextOption{posthog.WithServerError(func(*http.Request) error { return nil })},
			"why", func(*posthogtest.EventCheck) {}},
		"nothing, but a panic": {[]posthog.RequestContextOption{
			posthog.WithServerError(func(*http.Request) error { panic("no") }),
			posthog.WithReportOptions(func(*http.Request) []posthog.ExceptionOption { panic("no") }),
			posthog.WithRequestProperties(func(*http.Request) posthog.Properties { panic("no") }),
		}, "why", func(e *posthogtest.EventCheck) {
			e.Property("$exception_source", "go.grpc_interceptor").Property("$grpc_status_code", "Internal").NoProperty("$response_status_code")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			intercept := posthoggrpc.UnaryServerInterceptor(append(c.opts, posthog.WithCaptureServerErrors(h.client))...)
			_ = fail(t, intercept, status.Error(codes.Internal, "why"))
			e := h.arrived(t).Event("$exception").Property("$exception_message", c.want)
			c.say(e)
		})
	}
}

// Functions that are asked about a report see all metadata of the call.
func TestTheProgramSeesTheMetadata(t *testing.T) {
	t.Parallel()
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("x-shop", "books", ":authority", "orders.example.com"))
	var got []string
	see := func(r *http.Request) { got = append(got, r.Header.Get("X-Shop")+" at "+r.Host) }
	for _, opt := range []posthog.RequestContextOption{
		posthog.WithServerError(func(r *http.Request) error { see(r); return nil }),
		posthog.WithReportOptions(func(r *http.Request) []posthog.ExceptionOption { see(r); return nil }),
	} {
		p := plain{got: make(chan posthog.Message, 1)}
		intercept := posthoggrpc.UnaryServerInterceptor(opt, posthog.WithCaptureServerErrors(p))
		_, _ = intercept(ctx, nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(context.Context, any) (any, error) {
			return nil, status.Error(codes.Internal, "why")
		})
	}
	same(t, "what functions see", got, []string{"books at orders.example.com", "books at orders.example.com"})
}

// Of two interceptors, one behind the other, the inner one reports.
func TestInterceptorsInARowReportOnce(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		opts := []posthog.RequestContextOption{posthog.WithCaptureServerErrors(h.client), posthog.WithCapturePanics(h.client), posthog.WithRecoverPanics()}
		one, other := posthoggrpc.UnaryServerInterceptor(opts...), posthoggrpc.StreamServerInterceptor(opts...)
		conn := h.serve(t, func(context.Context) error {
			explode("no paper")
			return nil
		}, intercepted([]grpc.UnaryServerInterceptor{one, one}, []grpc.StreamServerInterceptor{other, other})...)
		if err := call(tracing(t.Context()), conn, method); status.Code(err) != codes.Internal {
			t.Errorf("%s: got %v, want Internal", method, err)
		}
		h.arrived(t).Count("$exception", 1)
	})
}
