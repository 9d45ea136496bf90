package posthog

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/request"
)

// The headers that say who a request is made by. PostHog's JavaScript library
// adds them; so does [NewRequestContextTransport].
const (
	// HeaderPostHogDistinctID holds the distinct id.
	HeaderPostHogDistinctID = "X-PostHog-Distinct-Id"
	// HeaderPostHogSessionID holds the session id.
	HeaderPostHogSessionID = "X-PostHog-Session-Id"
)

// The same as net/http spells them in a [http.Header].
const (
	canonicalDistinctID = "X-Posthog-Distinct-Id"
	canonicalSessionID  = "X-Posthog-Session-Id"
)

// ExtractRequestContext returns what r says about itself: the properties that
// [NewRequestContextMiddleware] collects, and with captureTracingHeaders the
// ids of the headers, without control characters and white space around them,
// and cut at 1,000 characters. It is for frameworks that cannot use the
// middleware.
func ExtractRequestContext(r *http.Request, captureTracingHeaders bool) RequestContext {
	if r == nil {
		return RequestContext{}
	}
	rc, _ := RequestContextFromContext(newInbound(new(requestMiddleware), r))
	if captureTracingHeaders { // the framework may spell them in its own way
		rc.DistinctId = request.Header(r.Header, canonicalDistinctID)
		rc.SessionId = request.Header(r.Header, canonicalSessionID)
	}
	return rc
}

// inbound is a request that is being answered: a context, what it carries, and
// what is needed to find its properties. All of it is one piece of memory,
// because most requests have no event. What could change while the request is
// handled is copied; the texts it holds cannot.
type inbound struct {
	context.Context //nolint:containedctx // it is one: that of the request, with a value more

	carried    carried
	middleware *requestMiddleware
	answer     request.Answer
	reported   atomic.Bool // what became of it, by this middleware or one further in
	known      atomic.Bool // an error that happened within it was captured

	url                                  url.URL
	method, host, userAgent, ip, pattern string
}

func newInbound(m *requestMiddleware, r *http.Request) *inbound {
	in := &inbound{Context: r.Context(), middleware: m, method: r.Method, host: r.Host, pattern: r.Pattern}
	in.carried.root, in.carried.below = &in.carried, in
	if r.URL != nil {
		in.url = *r.URL
	}
	if agents := r.Header["User-Agent"]; len(agents) > 0 {
		in.userAgent = agents[0]
	}
	if m.options.CaptureTracingHeaders {
		in.carried.rc.DistinctId = request.First(r.Header[canonicalDistinctID])
		in.carried.rc.SessionId = request.First(r.Header[canonicalSessionID])
	}
	in.locate(r)
	if m.options.RequestIdentity != nil {
		in.identify(r)
	}
	if m.options.RequestProperties != nil {
		in.collect(r)
	}
	return in
}

// Value returns what in carries, or what the context of the request does.
func (in *inbound) Value(key any) any {
	switch key.(type) {
	case requestContextKey:
		return &in.carried
	case inboundKey:
		return in
	}
	return in.Context.Value(key)
}

// inboundKey finds the innermost request, whatever request contexts it has been
// divided into.
type inboundKey struct{}

// locate finds out where the request came from and where it went.
func (in *inbound) locate(r *http.Request) {
	in.ip = r.RemoteAddr
	if in.url.Scheme == "" { // as always but in a request to a proxy
		in.url.Scheme = "http"
		if r.TLS != nil {
			in.url.Scheme = "https"
		}
	}
	if in.url.Host == "" {
		in.url.Host = in.host
	}
	if trusted := in.middleware.options.TrustedProxies; len(trusted) > 0 && request.Trusts(r.RemoteAddr, trusted) {
		in.ip = request.Client(r.RemoteAddr, r.Header["X-Forwarded-For"], trusted)
		if scheme := r.Header.Get("X-Forwarded-Proto"); scheme == "http" || scheme == "https" {
			in.url.Scheme = scheme
		}
	}
}

// identify asks the program who the request is made by.
func (in *inbound) identify(r *http.Request) {
	defer func() { _ = recover() }()
	if id := in.middleware.options.RequestIdentity(r); !event.Blank(id) {
		in.carried.rc.DistinctId = id
	}
}

// collect asks the program what else there is to say.
func (in *inbound) collect(r *http.Request) {
	defer func() { _ = recover() }()
	in.carried.rc.Properties = event.Clone(in.middleware.options.RequestProperties(r))
}

// outer is what a middleware in front of this one made of the same request, or nil.
func (in *inbound) outer() *carried {
	if outer, ok := in.Context.Value(inboundKey{}).(*inbound); ok {
		return &outer.carried
	}
	return nil
}

func (in *inbound) with(own Properties) *event.Layer { return event.NewLayer(in.texts(), own) }

// texts are the properties that every request has, but for those that are
// empty.
func (in *inbound) texts() []event.Text {
	all := [...]event.Text{
		{Key: "$current_url", Value: request.Clean(in.currentURL())},
		{Key: "$request_method", Value: request.Clean(in.method)},
		{Key: "$request_path", Value: request.Clean(in.url.Path)},
		{Key: "$user_agent", Value: request.Clean(in.userAgent)},
		{Key: "$ip", Value: request.Client(in.ip, nil, nil)},
		{Key: propertyRoute, Value: in.route()},
	}
	texts := make([]event.Text, 0, len(all))
	for _, text := range all {
		if text.Value != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// propertyRoute is the property with the pattern of the route.
const propertyRoute = "$request_route"

// currentURL is what may be told of the URL.
func (in *inbound) currentURL() (text string) {
	address := in.url
	sanitize := in.middleware.options.URLSanitizer
	if sanitize == nil {
		return request.Address(&address)
	}
	defer func() { // nothing is told of a URL that nobody has looked at
		if recover() != nil {
			text = ""
		}
	}()
	return sanitize(&address)
}

// route is the pattern of the route that the request took, or takes. It is
// asked for on any goroutine, so it does not look at the request, whose pattern
// a [http.ServeMux] may be setting.
func (in *inbound) route() (pattern string) {
	if in.pattern != "" || in.middleware.router == nil {
		return in.pattern
	}
	defer func() { _ = recover() }()
	address := in.url
	_, pattern = in.middleware.router.Handler(&http.Request{Method: in.method, Host: in.host, URL: &address, Header: http.Header{}})
	return pattern
}
