package posthog

import (
	"net/http"
	"slices"

	"github.com/hedgerow/posthog/internal/request"
)

// NewRequestContextMiddleware returns a handler that calls next with a fresh
// [RequestContext] in the context of the request. Events that are enqueued with
// that context, by [ServerClient.EnqueueWithContext], have
//
//   - the distinct id and the session id of the request's headers; see
//     [WithCaptureTracingHeaders], [WithRequestIdentity] and [SetDistinctId],
//   - $current_url, $request_method, $request_path, $user_agent and $ip,
//   - $request_route, the pattern of the route, such as "GET /users/{id}", if
//     next is a [http.ServeMux], or a router that has its method Handler, or if
//     the request came from one that sets [http.Request]'s Pattern.
//
// Properties are put together when the first event needs them: a request
// without events costs less than a microsecond. Work that goes on after the
// request may keep the context, as long as it does without its end:
// [context.WithoutCancel].
//
// The handler may be used for many requests at once. A nil next means
// [http.DefaultServeMux].
func NewRequestContextMiddleware(next http.Handler, opts ...RequestContextOption) http.Handler {
	m := &requestMiddleware{next: next, options: RequestContextOptions{CaptureTracingHeaders: true}}
	for _, opt := range opts {
		if opt != nil {
			opt(&m.options)
		}
	}
	if m.next == nil {
		m.next = http.DefaultServeMux
	}
	m.options.TrustedProxies = slices.Clone(m.options.TrustedProxies)
	m.options.CapturePanics = m.options.CapturePanics && !deaf(m.options.PanicCaptureClient)
	m.options.CaptureServerErrors = m.options.CaptureServerErrors && !deaf(m.options.ServerErrorCaptureClient)
	m.router, _ = m.next.(router)
	return m
}

// deaf reports whether client is none, so that telling it changes nothing.
func deaf(client EnqueueClient) bool {
	c, ok := client.(*ServerClient)
	return client == nil || ok && c.inert()
}

// router is what knows the patterns of routes, as [http.ServeMux] does.
type router interface {
	Handler(r *http.Request) (h http.Handler, pattern string)
}

type requestMiddleware struct {
	next    http.Handler
	router  router // next, if it is one
	options RequestContextOptions
}

// ServeHTTP calls the next handler with a request context.
func (m *requestMiddleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if m.options.RequestFilter != nil && !m.passes(r) {
		m.skip(w, r)
		return
	}
	in := newInbound(m, r)
	r = r.WithContext(in)
	if m.options.CapturePanics || m.options.CaptureServerErrors || m.options.RecoverPanics {
		m.watch(in, request.Watch(&in.answer, w), r)
		return
	}
	m.next.ServeHTTP(w, r)
}

// passes asks the filter. One that panics keeps no request out of the handler,
// and lets none of it be told.
func (m *requestMiddleware) passes(r *http.Request) (ok bool) {
	defer func() { _ = recover() }()
	return m.options.RequestFilter(r)
}

// skip answers a request that the filter keeps out: nothing is told of it, but
// its panics end like those of others.
func (m *requestMiddleware) skip(w http.ResponseWriter, r *http.Request) {
	if !m.options.RecoverPanics {
		m.next.ServeHTTP(w, r)
		return
	}
	in := &inbound{Context: r.Context(), middleware: m}
	in.reported.Store(true)
	m.watch(in, request.Watch(&in.answer, w), r)
}

// watch calls the next handler, and reports how it fails.
func (m *requestMiddleware) watch(in *inbound, w http.ResponseWriter, r *http.Request) {
	defer in.answer.End()
	m.call(in, w, r)
	if m.options.CaptureServerErrors && in.answer.Status() >= http.StatusInternalServerError {
		in.reportServerError(r)
	}
}

// call calls the next handler, and returns if that did, or if its panic ends
// here.
func (m *requestMiddleware) call(in *inbound, w http.ResponseWriter, r *http.Request) {
	returned := false
	defer func() {
		if returned || !m.options.CapturePanics && !m.options.RecoverPanics {
			return
		}
		value := recover()
		if value == nil {
			return // runtime.Goexit, which goes on
		}
		aborted := aborts(value)
		if m.options.CapturePanics && !aborted {
			in.reportPanic(r, value)
		}
		if m.options.RecoverPanics && !aborted {
			in.end(w)
			return
		}
		panic(value) //nolint:forbidigo // the panic is the handler's, and goes where it was going
	}()
	m.next.ServeHTTP(w, r)
	returned = true
}
