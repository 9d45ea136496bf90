package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrNoSecret says that a payload was asked for without a secret key.
var ErrNoSecret = errors.New("remote config needs a secret key")

// Kind is why a call failed.
type Kind uint8

// The kinds of failure.
const (
	// Unknown: an answer that cannot be read, or a request that cannot be made.
	Unknown Kind = iota
	// Timeout: no full answer in time, be it that of an attempt or that of the context.
	Timeout
	// Connection: no answer, because there is no way to the server or it broke off.
	Connection
	// API: an answer other than 2xx.
	API
	// QuotaLimited: the project has used up its flag requests.
	QuotaLimited
	// Canceled: the caller gave up, otherwise than by a deadline, or the Client was closed.
	Canceled
)

// Error is the failure of a call, after its last attempt.
type Error struct {
	// Kind is why it failed.
	Kind Kind
	// Status is that of the last answer, 0 without one.
	Status int
	// Body is what the server said about it: one printable line of at most 1 KiB, possibly empty.
	Body string
	// RetryAfter is how long the server asks to be left alone, 0 if it does not.
	RetryAfter time.Duration
	// Attempts is how many requests were made.
	Attempts int
	// Err is the cause, nil if the answer is. A context that ended is found by errors.Is. It holds no key, query or body.
	Err error
}

// Error describes the failure in one line.
func (e *Error) Error() string {
	text := "no answer"
	switch {
	case e.Kind == Unknown && e.Status == 0:
		text = "no request"
	case e.Kind == QuotaLimited:
		text = "the project is over its quota of feature flag requests"
	case e.Status != 0:
		text = fmt.Sprintf("server answered %d", e.Status)
	}
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	if e.Body != "" {
		text += ": " + e.Body
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Word is what the property $feature_flag_error says about the failure: timeout, connection_error, api_error_<status>,
// quota_limited or unknown_error.
func (e *Error) Word() string {
	switch e.Kind {
	case Timeout:
		return "timeout"
	case Connection:
		return "connection_error"
	case API:
		return "api_error_" + strconv.Itoa(e.Status)
	case QuotaLimited:
		return "quota_limited"
	}
	return "unknown_error"
}

// retryable reports whether another attempt may fare better: there was no full answer, or a gateway lost the server.
func (e *Error) retryable() bool {
	switch e.Kind {
	case Timeout, Connection:
		return true
	case API:
		return e.Status == http.StatusBadGateway || e.Status == http.StatusGatewayTimeout
	}
	return false
}

// broken is the Error of an attempt without a full answer. If the caller's context is over, that is why.
func broken(ctx, attempt context.Context, limit time.Duration, err error) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the address, whose query has the key
	}
	if ended(ctx) != nil {
		failure := new(Error)
		failure.endedWith(ctx)
		return failure
	}
	if attempt.Err() != nil {
		return &Error{Kind: Timeout, Err: fmt.Errorf("no full answer within %s: %w", limit, err)}
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return &Error{Kind: Timeout, Err: err}
	}
	return &Error{Kind: Connection, Err: err}
}

// endedWith makes the end of ctx, if it is over, the reason of the failure. A refusal that no retry changes stands.
func (e *Error) endedWith(ctx context.Context) {
	over := ended(ctx)
	if over == nil || e.Kind == API && !e.retryable() {
		return
	}
	e.Kind, e.Err = Canceled, over
	if errors.Is(over, context.DeadlineExceeded) {
		e.Kind = Timeout
	}
}

// ended returns why ctx is over, nil if it is not. A connection's own deadline can fire a moment before the context's
// timer, so the deadline counts too.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		if errors.Is(context.Cause(ctx), ErrClosed) {
			return ErrClosed
		}
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}
