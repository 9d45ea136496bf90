package posthog

import (
	"net/http"

	"github.com/hedgerow/posthog/internal/request"
)

// NewRequestContextTransport returns a transport that sends requests through
// next, and adds the ids of the [RequestContext] that a request's context
// carries, as [HeaderPostHogDistinctID] and [HeaderPostHogSessionID], if the
// request goes to one of hosts. So events of the services behind have the same
// person and session.
//
// A host is a name without scheme, port and wildcard, such as
// "billing.example.com", and stands for itself alone; case makes no
// difference. Requests to other hosts, redirects among them, are left alone,
// as ids are nobody else's business. The request itself is not changed, and
// headers that the context has no value for stay as they are. A nil next means
// [http.DefaultTransport]. The transport may be used by many goroutines.
func NewRequestContextTransport(next http.RoundTripper, hosts ...string) http.RoundTripper {
	t := &outbound{next: next, hosts: make(map[string]bool, len(hosts))}
	for _, host := range hosts {
		if host = request.Host(host); host != "" {
			t.hosts[host] = true
		}
	}
	return t
}

type outbound struct {
	next  http.RoundTripper // nil for http.DefaultTransport, as it is at the time
	hosts map[string]bool
}

// RoundTrip sends r, with the ids if they are for its host.
func (t *outbound) RoundTrip(r *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	if c := requestContext(r.Context()); c != nil && r.URL != nil && t.hosts[request.Host(r.URL.Hostname())] {
		r = r.Clone(r.Context())
		if r.Header == nil {
			r.Header = make(http.Header)
		}
		Inject(r.Context(), r.Header)
	}
	return next.RoundTrip(r)
}

// CloseIdleConnections does what it does for the transport behind, if that has
// any.
func (t *outbound) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
