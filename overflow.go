package posthog

// Overflow says what happens to an event that finds the queue full.
type Overflow uint8

// The overflow policies.
const (
	// OverflowReject refuses the new event with [ErrQueueFull]. An event that
	// was accepted is never revoked.
	OverflowReject Overflow = iota
	// OverflowDropOldest evicts the oldest queued events, which end as
	// [OutcomeQueueFull].
	OverflowDropOldest
	// OverflowWait waits for room until the context of the call ends, or, for
	// Enqueue, for [Config.BatchSubmitTimeout].
	OverflowWait
)
