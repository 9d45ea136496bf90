package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// Stats is the client's ledger at one instant. Always
//
//	Accepted == Pending + Delivered + Unconfirmed + Rejected + Dropped
type Stats struct {
	// Accepted counts the events for which Enqueue returned nil or
	// [ErrNotSynced], those that Send took on, and those of earlier processes
	// that were found in the spool.
	Accepted uint64
	// Pending counts those that are not final yet. After Close, these are in
	// the spool.
	Pending uint64
	// Delivered counts those that PostHog confirmed.
	Delivered uint64
	// Unconfirmed counts those that PostHog may or may not have.
	Unconfirmed uint64
	// Rejected counts those that PostHog refused.
	Rejected uint64
	// Dropped counts those that the client gave up or discarded.
	Dropped uint64
	// DroppedBy splits Dropped by reason. Reasons that did not occur are
	// missing.
	DroppedBy map[Outcome]uint64

	// Refused counts the events that were not accepted: Enqueue returned an
	// error. They are in none of the counts above.
	Refused uint64
	// RefusedBy splits Refused by reason. Reasons that did not occur are
	// missing.
	RefusedBy map[Refusal]uint64

	// Queued counts the events that are not in a request yet.
	Queued int
	// QueueBytes is the memory of the queue: that of all accepted events which
	// are not final, in the pieces in which it is reserved.
	QueueBytes int
	// Spool describes the files of [Config.Spool].
	Spool SpoolStats
	// OldestAge is how long the oldest queued event has been waiting.
	OldestAge time.Duration
	// InFlight counts the requests that are being made.
	InFlight int
	// CallbackPanics counts the callbacks that panicked.
	CallbackPanics uint64
	// CallbacksMissed counts the events of Send and SyncMode that Callback was
	// not told of, because it was megabytes behind.
	CallbacksMissed uint64
}

// Stats returns the client's ledger. It is cheap enough to be called every
// second.
func (c *ServerClient) Stats() Stats {
	if c.inert() {
		return Stats{}
	}
	q := c.queue.Snapshot()
	s := Stats{
		Accepted:        q.Accepted,
		Pending:         q.Pending,
		Delivered:       q.Ended(queue.Delivered),
		Unconfirmed:     q.Ended(queue.Unconfirmed),
		Rejected:        q.Ended(queue.Rejected),
		Dropped:         q.Dropped(),
		DroppedBy:       make(map[Outcome]uint64),
		RefusedBy:       make(map[Refusal]uint64),
		Queued:          q.Queued.Records,
		QueueBytes:      q.Bytes,
		InFlight:        c.lane.InFlight(),
		CallbackPanics:  c.panicked.Load(),
		CallbacksMissed: c.lane.NotShown(),
	}
	if c.spool != nil {
		files := c.spool.Stats()
		s.Spool = SpoolStats{Events: q.Kept, Bytes: files.Bytes, Recovered: q.Recovered, Err: files.Down}
	}
	for o := range q.Outcomes() {
		if n := q.Ended(o); n > 0 && o.Dropped() {
			s.DroppedBy[Outcome(o.String())] = n
		}
	}
	for reason := range c.refused.counts {
		if n := c.refused.counts[reason].Load(); n > 0 {
			s.RefusedBy[refusalNames[reason]] = n
			s.Refused += n
		}
	}
	if q.Oldest != 0 {
		s.OldestAge = max(time.Since(time.Unix(0, q.Oldest)), 0)
	}
	return s
}
