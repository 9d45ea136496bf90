package posthoggrpc

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// call is a call that is being answered. It is the context of its own request,
// so that whoever has that finds the call.
type call struct {
	context.Context //nolint:containedctx // it is one: that of the call, with a value more

	method   string // with the service: "/shop.Orders/Pay"
	proceed  func(ctx context.Context) error
	returned bool  // proceed has; otherwise it panicked
	err      error // how it ended
}

type callKey struct{}

// callOf returns the call that r is.
func callOf(r *http.Request) *call {
	c, _ := r.Context().Value(callKey{}).(*call)
	return c
}

// Value returns c, or what the context of the call has.
func (c *call) Value(key any) any {
	if _, ok := key.(callKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// request returns c as the request of HTTP/2 that it came by. Its header has
// what the middleware reads, and with whole everything.
func (c *call) request(whole bool) *http.Request {
	r := http.Request{
		Method:     http.MethodPost,
		URL:        &url.URL{Path: c.method},
		Proto:      "HTTP/2.0",
		ProtoMajor: 2,
		Header:     make(http.Header, len(known)),
		Body:       http.NoBody,
		RequestURI: c.method,
		Pattern:    c.method,
	}
	if authority := metadata.ValueFromIncomingContext(c.Context, ":authority"); len(authority) > 0 {
		r.Host = authority[0]
	}
	if whole {
		c.all(r.Header)
	} else {
		c.known(r.Header)
	}
	if p, ok := peer.FromContext(c.Context); ok {
		if p.Addr != nil {
			r.RemoteAddr = p.Addr.String()
		}
		if secure, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			r.TLS = &secure.State
		}
	}
	return r.WithContext(c)
}

// known is the metadata that the middleware reads, by the names it knows it by.
var known = [...]struct{ key, header string }{
	{"x-posthog-distinct-id", "X-Posthog-Distinct-Id"},
	{"x-posthog-session-id", "X-Posthog-Session-Id"},
	{"user-agent", "User-Agent"},
	{"x-forwarded-for", "X-Forwarded-For"},
	{"x-forwarded-proto", "X-Forwarded-Proto"},
	{"x-request-id", headerRequestID},
}

// known adds the metadata that the middleware reads to h.
func (c *call) known(h http.Header) {
	for _, k := range known {
		if values := metadata.ValueFromIncomingContext(c.Context, k.key); len(values) > 0 {
			h[k.header] = values
		}
	}
}

// all adds the metadata to h, except for what is no header in HTTP either.
func (c *call) all(h http.Header) {
	received, _ := metadata.FromIncomingContext(c.Context) // a copy
	for key, values := range received {
		if !strings.HasPrefix(key, ":") {
			h[http.CanonicalHeaderKey(key)] = values
		}
	}
}
