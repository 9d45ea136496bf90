package transport

import "time"

// Response says what became of one Post.
type Response struct {
	// Outcome is what to do next.
	Outcome Outcome

	// Status is the HTTP status, 0 when no answer came.
	Status int

	// RetryAfter is the shortest time to wait before the next request to this endpoint, already capped;
	// 0 when the server asked for none. A 2xx answer may carry it too.
	RetryAfter time.Duration

	// RetryAfterAsked is what the server asked for. It is larger than RetryAfter when the cap applied.
	RetryAfterAsked time.Duration

	// Message explains an answer outside 2xx: the server's own text, or for a redirect that was not
	// followed where it pointed and what to do. One printable line of at most 1 KiB, possibly empty.
	Message string

	// Body is the answer's body: of a 2xx at most the Request's MaxBody, of any other at most 4 KiB. It
	// is valid until the next Post of the same Exchange, and nil without an answer and for a redirect
	// that was not followed.
	Body []byte

	// BodyCut says that the answer's body was longer than these bounds and Body is only its beginning.
	BodyCut bool

	// ContentType is the answer's Content-Type, and RequestID its PostHog-Request-Id. Each is one
	// printable line of at most 1 KiB, empty if absent.
	ContentType, RequestID string

	// Date is the answer's Date header, zero if absent or unreadable.
	Date time.Time

	// MaybeDelivered says of Retry and Canceled that the server may hold the records all the same:
	// body bytes were handed to a connection and no answer came, a 2xx answer broke off, or a gateway
	// answered in the place of a server it lost (502, 504, 520, 524). False for a failed dial and for
	// every status that is a refusal.
	MaybeDelivered bool

	// Plain and Wire are the bytes of the body before and after compression. They are equal when it was
	// sent plain.
	Plain, Wire int

	// CompressionErr says why the body was sent plain although it was meant to be compressed: the
	// codec failed, or the server answered 415 to it, and from then on nothing is compressed. Each of
	// the two is said in one Response in the life of a Client. It has no bearing on the Outcome.
	CompressionErr error

	// Err is the transport error behind an Outcome without a full answer, nil otherwise. It never
	// contains the body, a query or credentials.
	Err error
}
