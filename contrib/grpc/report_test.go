package posthoggrpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
)

// first returns the first exception of a list.
func first(list any) (typ, value string, mechanism map[string]any, functions []string) {
	items, _ := list.([]any)
	if len(items) == 0 {
		return "", "", nil, nil
	}
	item, _ := items[0].(map[string]any)
	typ, _ = item["type"].(string)
	value, _ = item["value"].(string)
	mechanism, _ = item["mechanism"].(map[string]any)
	stack, _ := item["stacktrace"].(map[string]any)
	frames, _ := stack["frames"].([]any)
	for _, frame := range frames {
		f, _ := frame.(map[string]any)
		name, _ := f["function"].(string)
		functions = append(functions, name)
	}
	return typ, value, mechanism, functions
}

// explode is where the panics of these tests come from.
func explode(value any) { panic(value) }

// A panic is reported with its stack, and goes on as it was.
func TestPanics(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		cause := errors.New("no such table")
		conn := h.serve(t, func(context.Context) error {
			explode(cause)
			return nil
		}, behind(posthog.WithCapturePanics(h.client))...)
		if err := call(tracing(t.Context()), conn, method); err == nil {
			t.Errorf("%s: got no error, want that of the interceptor in front", method)
		}
		if got := <-h.recovered.values; got != any(cause) {
			t.Errorf("%s: the interceptor in front recovered %v, want the very value of the panic", method, got)
		}
		e := h.arrived(t).Event("$exception").DistinctID("u_42").
			Property("$session_id", "s_9").Property("$request_route", method).
			NoProperty("$response_status_code").NoProperty("$grpc_status_code").Event()
		typ, value, mechanism, functions := first(e.Properties["$exception_list"])
		if typ != "*errors.errorString" || value != "no such table" || mechanism["type"] != "middleware" || mechanism["handled"] != false {
			t.Errorf("%s: the exception is %q, %q, %v", method, typ, value, mechanism)
		}
		if n := len(functions); n == 0 || !strings.HasSuffix(functions[n-1], ".explode") {
			t.Errorf("%s: the stack is %v, want explode innermost", method, functions)
		}
	})
}

// A panic goes on where nobody asked for reports.
func TestPanicsWithoutReports(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		conn := h.serve(t, func(context.Context) error {
			explode("boom")
			return nil
		}, behind(posthog.WithCaptureServerErrors(h.client))...)
		if err := call(t.Context(), conn, method); err == nil {
			t.Errorf("%s: got no error, want that of the interceptor in front", method)
		}
		if got := <-h.recovered.values; got != "boom" {
			t.Errorf("%s: the interceptor in front recovered %v, want boom", method, got)
		}
		h.arrived(t).Empty()
	})
}

// What is the server's fault is reported, and what is the caller's is not.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string // the code reported, or nothing
	}{
		"no error":                             {nil, ""},
		"the caller went away":                 {status.Error(codes.Canceled, "why"), ""},
		"an unknown error":                     {status.Error(codes.Unknown, "why"), "Unknown"},
		"the caller sent nonsense":             {status.Error(codes.InvalidArgument, "why"), ""},
		"too late":                             {status.Error(codes.DeadlineExceeded, "why"), "DeadlineExceeded"},
		"not there":                            {status.Error(codes.NotFound, "why"), ""},
		"there already":                        {status.Error(codes.AlreadyExists, "why"), ""},
		"not allowed":                          {status.Error(codes.PermissionDenied, "why"), ""},
		"too much":                             {status.Error(codes.ResourceExhausted, "why"), ""},
		"not now":                              {status.Error(codes.FailedPrecondition, "why"), ""},
		"overtaken":                            {status.Error(codes.Aborted, "why"), ""},
		"too far":                              {status.Error(codes.OutOfRange, "why"), ""},
		"not there yet":                        {status.Error(codes.Unimplemented, "why"), "Unimplemented"},
		"broken":                               {status.Error(codes.Internal, "why"), "Internal"},
		"away":                                 {status.Error(codes.Unavailable, "why"), "Unavailable"},
		"lost":                                 {status.Error(codes.DataLoss, "why"), "DataLoss"},
		"not logged in":                        {status.Error(codes.Unauthenticated, "why"), ""},
		"a code of the future":                 {status.Error(99, "why"), "Code(99)"},
		"an error without a status":            {errors.New("why"), "Unknown"},
		"an error around a status":             {fmt.Errorf("w%w", status.Error(codes.Internal, "hy")), "Internal"},
		"an error around a caller's":           {fmt.Errorf("pay: %w", status.Error(codes.NotFound, "why")), ""},
		"the error of a context that ended":    {context.Canceled, ""},
		"the error of a context that was late": {context.DeadlineExceeded, "DeadlineExceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBoth(t, func(t *testing.T, method string) {
				t.Helper()
				h := build(t)
				conn := h.serve(t, func(context.Context) error { return c.err }, behind(posthog.WithCaptureServerErrors(h.client))...)
				err := call(tracing(t.Context()), conn, method)
				if got, want := status.Code(err), serversCode(c.err); got != want {
					t.Errorf("%s: the caller got %v, want %v", method, got, want)
				}
				r := h.arrived(t)
				if c.want == "" {
					r.Empty()
					return
				}
				e := r.Event("$exception").DistinctID("u_42").Property("$request_route", method).
					Property("$grpc_status_code", c.want).NoProperty("$response_status_code").Event()
				typ, value, mechanism, _ := first(e.Properties["$exception_list"])
				if typ != "gRPC "+c.want || mechanism["handled"] != true || mechanism["type"] != "middleware" {
					t.Errorf("%s ends with %v: the exception is %q, %v", method, c.err, typ, mechanism)
				}
				if want := status.Convert(err).Message(); value != want {
					t.Errorf("%s ends with %v: the exception says %q, want %q, as the caller was told", method, c.err, value, want)
				}
			})
		})
	}
}

// serversCode is the code that gRPC makes of what a call returns.
func serversCode(err error) codes.Code {
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return status.FromContextError(err).Code()
}

// The text of a status is cut, and is text.
func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	h := build(t)
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(h.client))
	for _, text := range []string{strings.Repeat("ü", 5000), "a\xffb"} {
		_, err := intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(context.Context, any) (any, error) {
			return nil, status.Error(codes.Internal, text)
		})
		if got := status.Convert(err).Message(); got != text {
			t.Errorf("the caller is told %.20q, want what the call said", got)
		}
	}
	r := h.arrived(t)
	r.NoWarnings()
	r.Count("$exception", 2)
	for i, e := range r.Events() {
		want := []string{strings.Repeat("ü", 1000), "a\ufffdb"}[i]
		if _, value, _, _ := first(e.Properties["$exception_list"]); value != want {
			t.Errorf("got %.20q of %d bytes, want %.20q of %d", value, len(value), want, len(want))
		}
	}
}

// patient is a client that has no room, and waits for some.
type patient struct{}

func (patient) Enqueue(posthog.Message) error { return nil }

func (patient) EnqueueWithContext(ctx context.Context, _ posthog.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// A report that finds no room holds up the end of a call for a moment only.
func TestReportsDoNotWaitForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(patient{}))
		_, err := intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(context.Context, any) (any, error) {
			return nil, status.Error(codes.Internal, "why")
		})
		if waited := time.Since(start); waited != posthog.DefaultBatchSubmitTimeout || status.Code(err) != codes.Internal {
			t.Errorf("the call ended after %v with %v, want %v and Internal", waited, err, posthog.DefaultBatchSubmitTimeout)
		}
	})
}

// plain is a client without contexts.
type plain struct{ got chan posthog.Message }

func (p plain) Enqueue(msg posthog.Message) error {
	p.got <- msg
	return nil
}

// A client of the application's own gets reports, too.
func TestReportsToAnyClient(t *testing.T) {
	t.Parallel()
	p := plain{got: make(chan posthog.Message, 1)}
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(p))
	_, _ = intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(context.Context, any) (any, error) {
		return nil, status.Error(codes.Internal, "why")
	})
	msg, ok := (<-p.got).(posthog.Exception)
	if !ok || msg.ExceptionList[0].Type != "gRPC Internal" {
		t.Errorf("got %+v, want the exception", msg)
	}
}
