package transport

import "net/http"

// Outcome is what a sender does next with the records of a request. Its zero value is no outcome, so
// that a Response nobody filled in is never mistaken for success.
type Outcome uint8

// The outcomes of one Post.
const (
	// Delivered: a 2xx answer, read to its end or to the bound of the request.
	Delivered Outcome = iota + 1
	// Retry: 408, 429, any 5xx, a transport error, a timeout, or a 2xx answer that broke off.
	Retry
	// TooLarge: 413. The same records may pass in smaller requests.
	TooLarge
	// Rejected: any other status, a redirect that was not followed, or an address no request can be
	// made for. The same request will never pass.
	Rejected
	// Canceled: the caller's context ended before there was an answer.
	Canceled
)

// String names the outcome in lower case, for logs and test failures.
func (o Outcome) String() string {
	switch o {
	case Delivered:
		return "delivered"
	case Retry:
		return "retry"
	case TooLarge:
		return "too large"
	case Rejected:
		return "rejected"
	case Canceled:
		return "canceled"
	}
	return "none"
}

// Classify says what a final answer with this status means. It never returns Canceled.
func Classify(status int) Outcome {
	switch {
	case status >= 200 && status <= 299:
		return Delivered
	case status == http.StatusRequestEntityTooLarge:
		return TooLarge
	case status == http.StatusRequestTimeout,
		status == http.StatusTooManyRequests,
		status >= 500 && status <= 599:
		return Retry
	}
	return Rejected
}

// undecided reports whether a status to retry leaves open if the origin took the request: a gateway
// that lost its upstream cannot know. 520 and 524 are the same news from a widespread CDN.
func undecided(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusGatewayTimeout, 520, 524:
		return true
	}
	return false
}
