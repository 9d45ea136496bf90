package posthog

import (
	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Verdict is what became of one event of a [ServerClient.Send].
type Verdict string

// The verdicts.
const (
	// VerdictPersisted: PostHog confirmed the event.
	VerdictPersisted Verdict = "persisted"
	// VerdictRejected: PostHog refused the event for good.
	VerdictRejected Verdict = "rejected"
	// VerdictRetryable: PostHog does not have the event, and may take it later.
	VerdictRetryable Verdict = "retryable"
	// VerdictUnknown: PostHog may have the event. Sending it again with the
	// same UUID and Timestamp is safe.
	VerdictUnknown Verdict = "unknown"
	// VerdictDiscarded: the client did not send the event, because a hook
	// dropped it, because the client is opted out, disabled or on a dry run, or
	// because it is an exception that was captured for another client, and is a
	// duplicate or one too many.
	VerdictDiscarded Verdict = "discarded"
)

// SendResult says what became of the events of one Send.
type SendResult struct {
	// Events are in the order of the messages.
	Events []EventResult
}

// EventResult says what became of one event.
type EventResult struct {
	// UUID is the event's, as it travelled. It is empty if the event was
	// discarded.
	UUID string
	// Verdict says what became of it.
	Verdict Verdict
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Result is PostHog's word about the event, such as "ok", and Details its
	// reason, if it gives one. They are empty where it has none for single
	// events; see [CaptureMode].
	Result, Details string
	// Err says why the event was not persisted; nil if it was.
	Err error
}

// Persisted counts the events that PostHog confirmed.
func (r *SendResult) Persisted() int {
	if r == nil {
		return 0
	}
	n := 0
	for i := range r.Events {
		if r.Events[i].Verdict == VerdictPersisted {
			n++
		}
	}
	return n
}

// verdictOf returns the verdict that the caller of Send sees.
func verdictOf(v delivery.Verdict) Verdict {
	switch v.Outcome {
	case queue.Delivered:
		return VerdictPersisted
	case queue.Rejected, queue.OverLimit:
		return VerdictRejected
	case queue.Unconfirmed:
		return VerdictUnknown
	}
	return VerdictRetryable
}
