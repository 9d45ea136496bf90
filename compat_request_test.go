package posthog_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// The request context has the signatures that programs were written for.
var (
	_ func(context.Context, posthog.RequestContext) context.Context       = posthog.WithRequestContext
	_ func(context.Context, posthog.RequestContext) context.Context       = posthog.WithFreshRequestContext
	_ func(context.Context) (posthog.RequestContext, bool)                = posthog.RequestContextFromContext
	_ func(*http.Request, bool) posthog.RequestContext                    = posthog.ExtractRequestContext
	_ func(http.Handler, ...posthog.RequestContextOption) http.Handler    = posthog.NewRequestContextMiddleware
	_ func(posthog.EnqueueClient) posthog.RequestContextOption            = posthog.WithCapturePanics
	_ func(bool) posthog.RequestContextOption                             = posthog.WithCaptureTracingHeaders
	_ func(context.Context, posthog.EnqueueClient, posthog.Message) error = posthog.EnqueueWithContext
	_ func(*posthog.RequestContextOptions)                                = posthog.WithCapturePanics(nil)
	_                                                                     = posthog.RequestContext{DistinctId: "", SessionId: "", Properties: nil}
	_                                                                     = posthog.RequestContextOptions{CaptureTracingHeaders: true, CapturePanics: true, PanicCaptureClient: nil}
)

// An option is a function, so a program may write one of its own.
func TestAnOptionOfTheProgram(t *testing.T) {
	t.Parallel()
	client := new(plainClient)
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no paper") }),
		func(o *posthog.RequestContextOptions) {
			if !o.CaptureTracingHeaders || o.CapturePanics {
				t.Errorf("the defaults are %+v, want headers alone", o)
			}
			o.CapturePanics, o.PanicCaptureClient = true, client
		})
	func() {
		defer func() { _ = recover() }()
		handler.ServeHTTP(&sink{header: http.Header{}}, visit(t))
	}()
	if len(client.got) != 1 {
		t.Errorf("got %d reports, want 1", len(client.got))
	}
	for name, header := range map[string]string{posthog.HeaderPostHogDistinctID: "X-PostHog-Distinct-Id", posthog.HeaderPostHogSessionID: "X-PostHog-Session-Id"} {
		if name != header {
			t.Errorf("the header is %s, want %s", name, header)
		}
	}
}
