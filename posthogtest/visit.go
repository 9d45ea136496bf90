package posthogtest

import (
	"net/http"
	"time"
)

// visit is one request on its way through the server. It belongs to
// the request's goroutine.
type visit struct {
	entry *Request // owned by the record once logged
	items []item   // what can be stored; empty when refused
	// judged are all the events of a request to RouteAnalytics, and token is
	// its project key.
	judged []judged
	token  string
	// asked is set for a request about flags, which has nothing of the above.
	asked *FlagRequest
}

// analytics reports a request to RouteAnalytics.
func (v *visit) analytics() bool { return v.entry != nil && v.entry.Route == RouteAnalytics }

// arrive notes a request before its body is read.
func arrive(r *http.Request, at endpoint) *visit {
	entry := &Request{
		Method: r.Method,
		Path:   r.URL.Path,
		Route:  at.route,
		Query:  r.URL.Query(),
		Header: r.Header.Clone(),
	}
	entry.readHeader()
	return &visit{entry: entry}
}

// item is an acceptable event and what production would say about it.
type item struct {
	event    Event
	warnings []Warning
}

// origin is what an event has from its request.
type origin struct {
	route, token string
	historical   bool
	clock        clock
}

// clock is the server's time of a request and, unless zero, the client's.
type clock struct {
	now, sentAt time.Time
}
