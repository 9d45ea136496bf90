package posthog

import "sync/atomic"

// Refusal is why an event was not accepted.
type Refusal string

// The refusals.
const (
	// RefusalInvalid: the message lacks something; see [FieldError].
	RefusalInvalid Refusal = "invalid"
	// RefusalQueueFull: see [ErrQueueFull].
	RefusalQueueFull Refusal = "queue_full"
	// RefusalTooLarge: see [ErrMessageTooBig].
	RefusalTooLarge Refusal = "too_large"
	// RefusalClosed: see [ErrClosed].
	RefusalClosed Refusal = "closed"
	// RefusalNoAPIKey: see [ErrSDKDisabled].
	RefusalNoAPIKey Refusal = "no_api_key"
)

// refused indexes the counters of refusals.
type refused int

const (
	refusedInvalid refused = iota
	refusedFull
	refusedTooLarge
	refusedClosed
	refusedKeyless
	refusalKinds
)

var refusalNames = [refusalKinds]Refusal{
	refusedInvalid:  RefusalInvalid,
	refusedFull:     RefusalQueueFull,
	refusedTooLarge: RefusalTooLarge,
	refusedClosed:   RefusalClosed,
	refusedKeyless:  RefusalNoAPIKey,
}

// refusals counts events that were not accepted.
type refusals struct {
	counts [refusalKinds]atomic.Uint64
}

func (r *refusals) count(reason refused, events int) { r.counts[reason].Add(uint64(events)) }
