package posthogtest

import (
	"net/http"
	"net/url"
	"time"
)

// Request is one ingestion request, answered or not. Header, Query, the byte
// slices and Events are shared between all callers: read them only.
type Request struct {
	// Time is the server's clock when the body had been read.
	Time time.Time
	// Method and Path are as sent, the path with its final slash if any.
	Method, Path string
	// Query holds the decoded query parameters.
	Query url.Values
	// Header holds the request headers in canonical spelling.
	Header http.Header
	// RawBody is the body as received, still compressed; of a body over the
	// limit it holds the first bytes.
	RawBody []byte
	// Body is the decoded JSON text, nil when it could not be decoded.
	Body []byte
	// Encoding names what was undone to get from RawBody to Body, in order and
	// separated by commas: "gzip", "base64,gzip". "" is plain text.
	Encoding string
	// Status is the HTTP status answered. 0 means no answer (yet): the request
	// hangs, is being delayed, or its connection was cut.
	Status int
	// Events are the events the request carried, stored or not. Empty when the
	// body or one event in it is unacceptable.
	Events []Event
	// Stored counts how many of Events were stored: fewer than len(Events)
	// after partial persistence or an injected failure.
	Stored int

	// reason is why the answer is what it is, "" for a plain success.
	reason string
}
