package posthoggrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hedgerow/posthog"
	posthoggrpc "github.com/hedgerow/posthog/contrib/grpc"
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
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// fail makes a call that ends with err, and returns what the interceptor makes
// of that.
func fail(t *testing.T, intercept grpc.UnaryServerInterceptor, err error) error {
	t.Helper()
	_, err = intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: unary}, func(context.Context, any) (any, error) {
		return nil, err
	})
	return err
}

// explode is where the panics of these tests come from.
func explode(value any) { panic(value) }

// A panic is reported with its stack, and goes on as it was.
//
// Proves EXC-14, EXC-18, EXC-19.
func TestPanics(t *testing.T) {
	t.Parallel()
	inBoth(t, func(t *testing.T, method string) {
		t.Helper()
		h := build(t)
		cause := errors.New("no such table")
		conn := h.serve(t, func(context.Context) error {
			explode(fmt.Errorf("pay: %w", cause))
			return nil
		}, behind(posthog.WithCapturePanics(h.client))...)
		if err := call(tracing(t.Context()), conn, method); err == nil {
			t.Errorf("%s: got no error, want that of the interceptor in front", method)
		}
		if got, ok := (<-h.recovered.values).(error); !ok || errors.Unwrap(got) != cause {
			t.Errorf("%s: the interceptor in front recovered %v, want the very value of the panic", method, got)
		}
		r := h.arrived(t)
		r.NoWarnings()
		e := r.Event("$exception").DistinctID("u_42").
			Property("$session_id", "s_9").Property("$request_route", method).
			Property("$exception_source", "go.grpc_recover_interceptor").Property("$exception_level", "error").
			NoProperty("$response_status_code").NoProperty("$grpc_status_code").Event()
		list := e.Exceptions()
		same(t, method, flat(list), []string{"fmt.wrapError: pay: no such table", "errors.errorString: no such table (unwrap)"})
		if m := list[0].Mechanism; m.Type != "middleware" || m.Handled == nil || *m.Handled {
			t.Errorf("%s: the mechanism is %+v, want a middleware that handled nothing", method, m)
		}
		if n := len(list[0].Frames); n == 0 || !strings.HasSuffix(list[0].Frames[n-1].Function, ".explode") {
			t.Errorf("%s: the stack is %+v, want explode innermost", method, list[0].Frames)
		}
	})
}

// A panic that the interceptor ends is an answer, reported or not, whatever it
// was called with, and whoever asked.
func TestPanicsThatEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value   any
		reports []string // of what
		opts    func(client *posthog.ServerClient) []posthog.RequestContextOption
	}{
		"reported": {"no paper", []string{"panic: no paper"}, func(client *posthog.ServerClient) []posthog.RequestContextOption {
			return []posthog.RequestContextOption{posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client)}
		}},
		"reported as an error": {"no paper", []string{"gRPC Internal: internal error"}, func(client *posthog.ServerClient) []posthog.RequestContextOption {
			return []posthog.RequestContextOption{posthog.WithCaptureServerErrors(client)}
		}},
		"not reported": {"no paper", nil, func(*posthog.ServerClient) []posthog.RequestContextOption { return nil }},
		"of a call that the filter keeps out": {"no paper", nil, func(client *posthog.ServerClient) []posthog.RequestContextOption {
			return []posthog.RequestContextOption{
				posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client),
				posthog.WithRequestFilter(func(*http.Request) bool { return false }),
			}
		}},
		"with net/http's value": {http.ErrAbortHandler, nil, func(client *posthog.ServerClient) []posthog.RequestContextOption {
			return []posthog.RequestContextOption{posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBoth(t, func(t *testing.T, method string) {
				t.Helper()
				h := build(t)
				conn := h.serve(t, func(context.Context) error {
					explode(c.value)
					return nil
				}, behind(append(c.opts(h.client), posthog.WithRecoverPanics())...)...)
				s := status.Convert(call(tracing(t.Context()), conn, method))
				if s.Code() != codes.Internal || s.Message() != "internal error" {
					t.Errorf("%s: the caller got %v, want Internal without a reason", method, s)
				}
				select {
				case value := <-h.recovered.values:
					t.Errorf("%s: the interceptor in front recovered %v, want nothing", method, value)
				default:
				}
				r := h.arrived(t)
				r.Count("$exception", len(c.reports))
				for i, e := range r.Events() {
					same(t, method, flat(e.Exceptions()), c.reports[i:i+1])
					if handled := e.Exceptions()[0].Mechanism.Handled; handled == nil || !*handled || e.Properties["$grpc_status_code"] != "Internal" {
						t.Errorf("%s: the exception is %s, want a handled one of a call that ended as Internal", method, e.Raw)
					}
				}
			})
		})
	}
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

// failed is an error of the application's own, with a status.
type failed struct{ text string }

func (f *failed) Error() string              { return f.text }
func (f *failed) GRPCStatus() *status.Status { return status.New(codes.Unavailable, "try later") }

// What is the server's fault is reported, and what is the caller's is not.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string   // the code reported, or nothing
		list []string // the exceptions, if they are not the status
	}{
		"no error":                         {err: nil},
		"the caller went away":             {err: status.Error(codes.Canceled, "why")},
		"an unknown error":                 {err: status.Error(codes.Unknown, "why"), want: "Unknown"},
		"the caller sent nonsense":         {err: status.Error(codes.InvalidArgument, "why")},
		"too late":                         {err: status.Error(codes.DeadlineExceeded, "why"), want: "DeadlineExceeded"},
		"not there":                        {err: status.Error(codes.NotFound, "why")},
		"there already":                    {err: status.Error(codes.AlreadyExists, "why")},
		"not allowed":                      {err: status.Error(codes.PermissionDenied, "why")},
		"too much":                         {err: status.Error(codes.ResourceExhausted, "why")},
		"not now":                          {err: status.Error(codes.FailedPrecondition, "why")},
		"overtaken":                        {err: status.Error(codes.Aborted, "why")},
		"too far":                          {err: status.Error(codes.OutOfRange, "why")},
		"not there yet":                    {err: status.Error(codes.Unimplemented, "why"), want: "Unimplemented"},
		"broken":                           {err: status.Error(codes.Internal, "why"), want: "Internal"},
		"away":                             {err: status.Error(codes.Unavailable, "why"), want: "Unavailable"},
		"lost":                             {err: status.Error(codes.DataLoss, "why"), want: "DataLoss"},
		"not logged in":                    {err: status.Error(codes.Unauthenticated, "why")},
		"a code of the future":             {err: status.Error(99, "why"), want: "Code(99)"},
		"an error around a caller's":       {err: fmt.Errorf("pay: %w", status.Error(codes.NotFound, "why"))},
		"the error of a context that ends": {err: context.Canceled},
		"an error without a status":        {errors.New("why"), "Unknown", []string{"errors.errorString: why"}},
		"an error with a status": {&failed{"no money"}, "Unavailable", []string{
			"posthoggrpc_test.failed: no money",
		}},
		"an error around a status": {fmt.Errorf("pay: %w", status.Error(codes.Internal, "why")), "Internal", []string{
			"status.Error: pay: rpc error: code = Internal desc = why",
			"status.Error: rpc error: code = Internal desc = why (unwrap)",
		}},
		"an error around others": {fmt.Errorf("pay: %w, and %w", &failed{"no money"}, &net.DNSError{Err: "gone", Name: "bank"}), "Unavailable", []string{
			"posthoggrpc_test.failed: pay: no money, and lookup bank: gone",
			"posthoggrpc_test.failed: no money (member)",
			"net.DNSError: lookup bank: gone (member)",
		}},
		"the error of a context that was late": {context.DeadlineExceeded, "DeadlineExceeded", []string{
			"context.deadlineExceededError: context deadline exceeded",
		}},
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
				r.NoWarnings()
				e := r.Event("$exception").DistinctID("u_42").Property("$request_route", method).
					Property("$exception_source", "go.grpc_interceptor").Property("$exception_level", "error").
					Property("$grpc_status_code", c.want).NoProperty("$response_status_code").Event()
				list, want := e.Exceptions(), c.list
				if want == nil {
					want = []string{"gRPC " + c.want + ": why"}
				}
				same(t, method, flat(list), want)
				m := list[0].Mechanism
				if m.Type != "middleware" || m.Handled == nil || !*m.Handled || m.Synthetic == nil || *m.Synthetic != (c.list == nil) {
					t.Errorf("%s: the mechanism is %+v, want a middleware that handled it, and synthetic for a bare status alone", method, m)
				}
				if list[0].Frames != nil {
					t.Errorf("%s: an error without a stack has %+v", method, list[0].Frames)
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

// The text of a status is cut as that of any error, and is text.
func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	h := build(t)
	intercept := posthoggrpc.UnaryServerInterceptor(posthog.WithCaptureServerErrors(h.client))
	for _, text := range []string{strings.Repeat("ü", 9000), "a\xffb"} {
		if got := status.Convert(fail(t, intercept, status.Error(codes.Internal, text))).Message(); got != text {
			t.Errorf("the caller is told %.20q, want what the call said", got)
		}
	}
	r := h.arrived(t)
	r.NoWarnings()
	r.Count("$exception", 2)
	for i, e := range r.Events() {
		want := []string{strings.Repeat("ü", 5000), "a\ufffdb"}[i]
		if got := e.Exceptions()[0].Value; got != want {
			t.Errorf("got %.20q of %d bytes, want %.20q of %d", got, len(got), want, len(want))
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
		err := fail(t, intercept, status.Error(codes.Internal, "why"))
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
	_ = fail(t, intercept, status.Error(codes.Internal, "why"))
	msg, ok := (<-p.got).(posthog.Exception)
	if !ok || msg.ExceptionList[0].Type != "gRPC Internal" {
		t.Errorf("got %+v, want the exception", msg)
	}
}
