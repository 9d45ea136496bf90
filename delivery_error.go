package posthog

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// DeliveryError says why accepted events were not delivered. errors.Is finds
// [ErrQueueFull] in an event that was evicted, [ErrMessageTooBig] in one that
// PostHog refused with status 413, [ErrBillingLimit] in one that ended as
// [OutcomeBillingLimit], and [ErrClosed] in one that Close left behind, which it
// may have cut off in flight.
type DeliveryError struct {
	// Outcome is how the events ended; see the constants of [Outcome].
	Outcome Outcome
	// Events counts them.
	Events int
	// UUID is the event's, where the error is about a single one.
	UUID string
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Message is what PostHog, or the client, said about it.
	Message string
	// Result is PostHog's word about these events, such as "drop", and Details
	// its reason, if it gives one. They are empty where it has none for single
	// events; see [CaptureMode].
	Result, Details string
	// RequestID identifies the request to PostHog's support. It is empty where
	// requests have none, and where several requests ended alike.
	RequestID string
	// Attempts counts the requests that were made.
	Attempts int
	// Err is the error of the transport, if there was no answer.
	Err error

	code, description, endpoint string // for CaptureRequestError
}

// Error says in one line what happened.
func (e *DeliveryError) Error() string {
	var b strings.Builder
	if e.Events == 1 && e.UUID != "" {
		fmt.Fprintf(&b, "posthog: event %s: %s", e.UUID, e.Outcome)
	} else {
		fmt.Fprintf(&b, "posthog: %d events: %s", e.Events, e.Outcome)
	}
	if e.Attempts > 0 {
		fmt.Fprintf(&b, " after %d attempts", e.Attempts)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.Result != "" {
		fmt.Fprintf(&b, ", result %s", e.Result)
	}
	if e.Details != "" {
		fmt.Fprintf(&b, ": %s", e.Details)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if remedy := delivery.Remedy(e.Status); remedy != "" {
		fmt.Fprintf(&b, "; %s", remedy)
	}
	return b.String()
}

// Unwrap returns the error of the transport and the sentinel that fits.
func (e *DeliveryError) Unwrap() []error {
	var all []error
	switch {
	case e.Outcome == OutcomeQueueFull:
		all = append(all, ErrQueueFull)
	case (e.Outcome == OutcomeShutdown || e.Outcome == OutcomeSpooled) && !errors.Is(e.Err, ErrClosed):
		all = append(all, ErrClosed)
	case e.Outcome == OutcomeBillingLimit:
		all = append(all, ErrBillingLimit)
	case e.Status == http.StatusRequestEntityTooLarge:
		all = append(all, ErrMessageTooBig)
	}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// deliveryError is the error of a verdict about some events; nil if they were
// delivered.
func deliveryError(v delivery.Verdict, events int, uuid string) error {
	if v.Outcome == queue.Delivered {
		return nil
	}
	if errors.Is(v.Err, queue.ErrClosed) {
		v.Err = ErrClosed
	}
	return &DeliveryError{
		Outcome:   Outcome(v.Outcome.String()),
		Events:    events,
		UUID:      uuid,
		Status:    v.Status,
		Message:   v.Message,
		Result:    v.Result,
		Details:   v.Details,
		RequestID: v.RequestID,
		Attempts:  v.Attempts,
		Err:       v.Err,

		code:        v.Code,
		description: v.Description,
		endpoint:    v.Endpoint,
	}
}
