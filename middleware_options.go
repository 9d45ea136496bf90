package posthog

import (
	"net/http"
	"net/netip"
	"net/url"
)

// RequestContextOption changes how [NewRequestContextMiddleware] works.
type RequestContextOption func(*RequestContextOptions)

// RequestContextOptions are the settings of [NewRequestContextMiddleware]. Its
// functions are called for many requests at once. One that panics is taken for
// one that was not set, for that request.
//
// Reports hold up the end of a request no longer than an Enqueue would: with
// [OverflowWait] for [Config.BatchSubmitTimeout]. A client of another type gets
// a context that ends after [DefaultBatchSubmitTimeout].
type RequestContextOptions struct {
	// CaptureTracingHeaders takes the distinct id and the session id from
	// [HeaderPostHogDistinctID] and [HeaderPostHogSessionID]. Default true.
	// Properties of the request are collected either way.
	CaptureTracingHeaders bool

	// CapturePanics reports panics of the handler to PanicCaptureClient, and
	// passes them on. Default false.
	CapturePanics bool
	// PanicCaptureClient gets the exceptions of CapturePanics.
	PanicCaptureClient EnqueueClient

	// CaptureServerErrors reports answers with a status of 500 and above to
	// ServerErrorCaptureClient, but for those to requests in whose context an
	// error, or something worse, was captured: that says more. Default false.
	CaptureServerErrors bool
	// ServerErrorCaptureClient gets the exceptions of CaptureServerErrors.
	ServerErrorCaptureClient EnqueueClient
	// ServerError returns the error behind such an answer, where the program or
	// its framework knows it. That error is reported in place of the status, with
	// its type, its text, what it wraps, and its stack if it brought one along,
	// whatever else was captured within the request: only if that was this error, or
	// all that it wraps, it is not reported again. ServerError is asked when the
	// handler has returned. Default nil. Nil, or a [StatusError], means that there
	// is nothing but the status.
	ServerError func(*http.Request) error

	// RecoverPanics ends panics of the handler, reported or not, where they would
	// be passed on. The answer is 500 if none was sent yet; one that has begun is
	// broken off, with [http.ErrAbortHandler]. That panic itself is passed on.
	// Default false.
	RecoverPanics bool
	// ReportOptions returns what else there is to say of the report of a panic or
	// a server error, such as a [WithFingerprint] or [WithProperties] of the
	// application's own. It is asked for each report, on the goroutine of the
	// request. Default nil.
	ReportOptions func(*http.Request) []ExceptionOption

	// TrustedProxies are the addresses of the proxies in front of the service.
	// What they say in X-Forwarded-For and X-Forwarded-Proto is believed, and what others
	// say is not. A Unix socket counts as 127.0.0.1. Default none: $ip is the
	// address of the connection.
	TrustedProxies []netip.Prefix
	// URLSanitizer returns what may be told of a URL, as $current_url. It is
	// given a copy of the whole URL, and is called when the request's first
	// event needs it, on the goroutine of that event. Default nil, which leaves
	// out user, query and fragment. What it returns is cut at 1,000 characters,
	// and nothing means no $current_url.
	URLSanitizer func(*url.URL) string
	// RequestFilter says which requests get a request context, and reports of
	// panics and server errors. All others are passed on as they are; of the
	// options, only RecoverPanics holds for them. Default nil, which is every
	// request.
	RequestFilter func(*http.Request) bool
	// RequestIdentity returns who a request is made by, where the program knows
	// better than a header does: the id of whoever is logged in, say, if the
	// middleware stands behind authentication. If it stands before, use
	// [SetDistinctId]. An empty or blank id leaves the one of the header. Default nil.
	RequestIdentity func(*http.Request) (distinctId string)
	// RequestProperties returns further properties for the events of a request,
	// which win over those that the middleware collects. They are copied.
	// Default nil.
	RequestProperties func(*http.Request) Properties
}

// WithCaptureTracingHeaders sets [RequestContextOptions.CaptureTracingHeaders],
// which is true without it.
func WithCaptureTracingHeaders(enabled bool) RequestContextOption {
	return func(o *RequestContextOptions) { o.CaptureTracingHeaders = enabled }
}

// WithCapturePanics makes the middleware report panics to client, and then pass
// them on with their original value. Without it, or with a nil client, panics
// are left alone. [http.ErrAbortHandler] is no panic.
func WithCapturePanics(client EnqueueClient) RequestContextOption {
	return func(o *RequestContextOptions) { o.CapturePanics, o.PanicCaptureClient = client != nil, client }
}

// WithCaptureServerErrors makes the middleware report answers with a status of
// 500 and above to client. Without it, or with a nil client, they are left
// alone.
func WithCaptureServerErrors(client EnqueueClient) RequestContextOption {
	return func(o *RequestContextOptions) {
		o.CaptureServerErrors, o.ServerErrorCaptureClient = client != nil, client
	}
}

// WithServerError sets [RequestContextOptions.ServerError]. Without it, an answer
// of 500 and above is reported by its status.
func WithServerError(behind func(*http.Request) error) RequestContextOption {
	return func(o *RequestContextOptions) { o.ServerError = behind }
}

// WithRecoverPanics makes the middleware end panics of the handler, and answer
// 500. Those that [WithCapturePanics] reports count as handled then. Without it,
// panics are passed on.
func WithRecoverPanics() RequestContextOption {
	return func(o *RequestContextOptions) { o.RecoverPanics = true }
}

// WithReportOptions sets [RequestContextOptions.ReportOptions]. Without it,
// reports say what the middleware knows.
func WithReportOptions(describe func(*http.Request) []ExceptionOption) RequestContextOption {
	return func(o *RequestContextOptions) { o.ReportOptions = describe }
}

// WithTrustedProxies sets [RequestContextOptions.TrustedProxies], of which
// there are none without it.
func WithTrustedProxies(proxies ...netip.Prefix) RequestContextOption {
	return func(o *RequestContextOptions) { o.TrustedProxies = proxies }
}

// WithURLSanitizer sets [RequestContextOptions.URLSanitizer]. Without it, user,
// query and fragment are left out.
func WithURLSanitizer(sanitize func(*url.URL) string) RequestContextOption {
	return func(o *RequestContextOptions) { o.URLSanitizer = sanitize }
}

// WithRequestFilter sets [RequestContextOptions.RequestFilter]. Without it,
// every request passes.
func WithRequestFilter(keep func(*http.Request) bool) RequestContextOption {
	return func(o *RequestContextOptions) { o.RequestFilter = keep }
}

// WithRequestIdentity sets [RequestContextOptions.RequestIdentity]. Without it,
// headers and [SetDistinctId] say who a request is made by.
func WithRequestIdentity(identify func(*http.Request) (distinctId string)) RequestContextOption {
	return func(o *RequestContextOptions) { o.RequestIdentity = identify }
}

// WithRequestProperties sets [RequestContextOptions.RequestProperties], of
// which there are none without it.
func WithRequestProperties(collect func(*http.Request) Properties) RequestContextOption {
	return func(o *RequestContextOptions) { o.RequestProperties = collect }
}
