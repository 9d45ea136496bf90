package posthogtest

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Request is one ingestion request, answered or not. Header, Query, the byte
// slices, Events and Verdicts are shared between all callers: read them only.
type Request struct {
	// Time is the server's clock when the body had been read.
	Time time.Time
	// Method and Path are as sent, the path with its final slash if any.
	Method, Path string
	// Route is the path without a final slash: RouteBatch, RouteAIBatch,
	// RouteAnalytics or an older one.
	Route string
	// Query holds the decoded query parameters.
	Query url.Values
	// Header holds the request headers in canonical spelling.
	Header http.Header
	// Attempt is PostHog-Attempt, 1 for the first. 0 if the header is missing
	// or no number.
	Attempt int
	// RequestID is PostHog-Request-Id as sent: the same on every attempt of a
	// batch.
	RequestID string
	// RequestTimestamp is PostHog-Request-Timestamp: the client's clock at this
	// attempt. Zero if the header is missing or no time.
	RequestTimestamp time.Time
	// SDK is PostHog-Sdk-Info as sent, a name and a version: "hedgerow/1.2.3".
	SDK string
	// RawBody is the body as received, still compressed; of a body over the
	// limit it holds the first bytes.
	RawBody []byte
	// Body is the decoded JSON text, nil when it could not be decoded.
	Body []byte
	// Encoding names what was undone to get from RawBody to Body, in order and
	// separated by commas: "gzip", "base64,gzip". "" is plain text. On
	// RouteAnalytics it is one of "gzip", "deflate", "br" and "zstd".
	Encoding string
	// Status is the HTTP status answered. 0 means no answer (yet): the request
	// hangs, is being delayed, or its connection was cut.
	Status int
	// Events are the acceptable events the request carried, stored or not.
	// Empty when the request is not acceptable: on RouteAnalytics a bad event
	// is left out, elsewhere one refuses them all.
	Events []Event
	// Stored counts how many of Events were stored: fewer than len(Events)
	// after partial persistence or an injected failure.
	Stored int
	// Verdicts are what RouteAnalytics answered about each event, in the order
	// of the batch. Empty on the other routes, and where the request was
	// refused or a Fault with a Body answered.
	Verdicts []Verdict

	// reason is why the answer is what it is, "" for a plain success.
	reason string
}

// readHeader fills in what the headers of the newer protocol say, as far as it
// can be read.
func (r *Request) readHeader() {
	r.Attempt, _ = readAttempt(r.Header.Get(headerAttempt))
	r.RequestID = r.Header.Get(headerRequestID)
	r.RequestTimestamp, _ = time.Parse(time.RFC3339, r.Header.Get(headerRequestTimestamp))
	r.SDK = r.Header.Get(headerSDK)
}

// readAttempt reads a whole number from 1 on.
func readAttempt(text string) (n int, ok bool) {
	wide, err := strconv.ParseUint(text, 10, 31)
	return int(wide), err == nil && wide > 0
}
