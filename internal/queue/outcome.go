package queue

import "iter"

// Outcome is the state that an accepted event ends in. Every accepted event
// ends in exactly one.
type Outcome uint8

// The outcomes. All from QueueFull on are events that the client dropped, for
// the reason that the name gives.
const (
	Delivered   Outcome = iota // the server confirmed it
	Unconfirmed                // it was sent, no answer told its fate, and the client gave up asking
	Rejected                   // the server refused it for good
	OverLimit                  // the server refused it because of the project's billing limit
	QueueFull                  // evicted as the oldest of a full queue
	HookDropped                // a hook returned nil
	HookFailed                 // a hook panicked or returned something unusable
	Exhausted                  // the retries or their time ran out
	Expired                    // older than the configuration allows
	Unreadable                 // what was in its file is damaged or gone
	Shutdown                   // undelivered when the deadline of Close passed
	OptedOut                   // the client was opted out
	Disabled                   // the client is disabled by configuration
	DryRun                     // the client is configured to send nothing
	Duplicate                  // an exception that was captured a moment ago, somewhere else
	RateLimited                // an exception like too many before it

	outcomes // the number of outcomes

	// Spooled is no end: the record was left to the next process. The ledger
	// counts it as pending.
	Spooled
)

var outcomeNames = [outcomes]string{
	Delivered:   "delivered",
	Unconfirmed: "unconfirmed",
	Rejected:    "rejected",
	OverLimit:   "billing_limit",
	QueueFull:   "queue_full",
	HookDropped: "hook_dropped",
	HookFailed:  "hook_failed",
	Exhausted:   "retries_exhausted",
	Expired:     "expired",
	Unreadable:  "unreadable",
	Shutdown:    "shutdown",
	OptedOut:    "opted_out",
	Disabled:    "disabled",
	DryRun:      "dry_run",
	Duplicate:   "duplicate",
	RateLimited: "rate_limited",
}

// String returns the outcome's name in lower case with underscores.
func (o Outcome) String() string {
	switch {
	case o < outcomes:
		return outcomeNames[o]
	case o == Spooled:
		return "spooled"
	}
	return "unknown"
}

// Dropped reports whether the client, rather than the server, ended the
// event's way.
func (o Outcome) Dropped() bool { return o >= QueueFull && o < outcomes }

// Ledger counts events. The counts of one Ledger belong to one instant, so
// Accepted is always the sum of Pending and all the outcomes.
type Ledger struct {
	Accepted uint64
	Pending  uint64
	ended    [outcomes]uint64
}

// Ended returns how many events ended in o.
func (l *Ledger) Ended(o Outcome) uint64 {
	if o < outcomes {
		return l.ended[o]
	}
	return 0
}

// Dropped returns how many events the client dropped, for whatever reason.
func (l *Ledger) Dropped() uint64 {
	var n uint64
	for o := QueueFull; o < outcomes; o++ {
		n += l.ended[o]
	}
	return n
}

// Outcomes ranges over all outcomes.
func (l *Ledger) Outcomes() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for o := range outcomes {
			if !yield(o) {
				return
			}
		}
	}
}
