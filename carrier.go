package posthog

import (
	"context"
	"strings"

	"github.com/hedgerow/posthog/internal/request"
)

// Carrier is what carries a message's headers. A [http.Header] is one; so are
// the headers of most message libraries.
type Carrier interface {
	// Get returns the value of key, or nothing.
	Get(key string) string
	// Set sets the value of key.
	Set(key, value string)
}

// MapCarrier makes a Carrier of a map, such as the attributes of a message. It
// finds keys whatever their case.
type MapCarrier map[string]string

// Get returns the value of key, or nothing. Of several spellings the exact one
// counts, and then the one that sorts first.
func (m MapCarrier) Get(key string) string {
	if value, ok := m[key]; ok {
		return value
	}
	found := ""
	for name := range m {
		if strings.EqualFold(name, key) && (found == "" || name < found) {
			found = name
		}
	}
	if found == "" {
		return ""
	}
	return m[found]
}

// Set sets the value of key, and removes those of the same key in another
// case. A nil map stays empty.
func (m MapCarrier) Set(key, value string) {
	if m == nil {
		return
	}
	for name := range m {
		if name != key && strings.EqualFold(name, key) {
			delete(m, name)
		}
	}
	m[key] = value
}

// Inject writes the distinct id and the session id of ctx into the headers of
// a message, so that [Extract] finds them where the message is handled. What
// ctx does not have is left as it is. Nothing else of the request context
// leaves the process. A carrier that panics gets no ids.
func Inject(ctx context.Context, carrier Carrier) {
	c := requestContext(ctx)
	if c == nil || carrier == nil {
		return
	}
	defer func() { _ = recover() }() // such as a nil http.Header
	if id := request.Clean(c.distinctID()); id != "" {
		carrier.Set(HeaderPostHogDistinctID, id)
	}
	if id := request.Clean(c.rc.SessionId); id != "" {
		carrier.Set(HeaderPostHogSessionID, id)
	}
}

// Extract returns a context with a fresh [RequestContext] of the ids in a
// message's headers, cleaned as those of a request are. A message without ids
// gives one of nobody, within which events have no person profile. As the ids
// may be anybody's, they are for analytics alone.
func Extract(ctx context.Context, carrier Carrier) context.Context {
	return WithFreshRequestContext(ctx, carriedBy(carrier))
}

// carriedBy returns the ids in a message's headers, and none if the carrier
// panics.
func carriedBy(carrier Carrier) (rc RequestContext) {
	if carrier == nil {
		return RequestContext{}
	}
	defer func() { _ = recover() }()
	return RequestContext{
		DistinctId: request.Clean(carrier.Get(HeaderPostHogDistinctID)),
		SessionId:  request.Clean(carrier.Get(HeaderPostHogSessionID)),
	}
}
