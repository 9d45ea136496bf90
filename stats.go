package posthog

import (
	"cmp"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// Stats is the ledger of a client, or of one of its lanes, at one instant.
// Always
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
	// BillingLimited counts those of them that it refused because of the
	// project's billing limit.
	BillingLimited uint64
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
	// CallbacksMissed counts the events that Callback was not told of: those of
	// Send and SyncMode while it was megabytes behind, and those that ended while
	// they were in a file only.
	CallbacksMissed uint64
}

// Stats returns the client's ledger, which is the sum of its lanes'. It is
// cheap enough to be called every second.
func (c *ServerClient) Stats() Stats {
	if c.inert() {
		return Stats{}
	}
	s := newStats()
	s.add(c.main)
	if ai := c.ai.made.Load(); ai != nil {
		s.add(ai)
	}
	s.CallbackPanics = c.panicked.Load()
	return s
}

// LaneStats returns the ledger of one lane. CallbackPanics is that of the whole
// client. A lane that was not used, and a name that is none, count nothing.
func (c *ServerClient) LaneStats(name Lane) Stats {
	if c.inert() {
		return Stats{}
	}
	s := newStats()
	switch ai := c.ai.made.Load(); {
	case name == LaneAnalytics:
		s.add(c.main)
	case name == LaneAI && ai != nil:
		s.add(ai)
	}
	s.CallbackPanics = c.panicked.Load()
	return s
}

func newStats() Stats {
	return Stats{DroppedBy: make(map[Outcome]uint64), RefusedBy: make(map[Refusal]uint64)}
}

// add adds the ledger of a lane.
func (s *Stats) add(l *lane) {
	q := l.queue.Snapshot()
	s.Accepted += q.Accepted
	s.Pending += q.Pending
	s.Delivered += q.Ended(queue.Delivered)
	s.Unconfirmed += q.Ended(queue.Unconfirmed)
	s.Rejected += q.Ended(queue.Rejected) + q.Ended(queue.OverLimit)
	s.BillingLimited += q.Ended(queue.OverLimit)
	s.Dropped += q.Dropped()
	s.Queued += q.Queued.Records
	s.QueueBytes += q.Bytes
	s.InFlight += l.delivery.InFlight()
	s.CallbacksMissed += l.delivery.NotShown()
	if l.spool != nil {
		files := l.spool.Stats()
		s.Spool.Events += q.Kept
		s.Spool.Bytes += files.Bytes
		s.Spool.Recovered += q.Recovered
		s.Spool.Err = cmp.Or(s.Spool.Err, files.Down)
	}
	for o := range q.Outcomes() {
		if n := q.Ended(o); n > 0 && o.Dropped() {
			s.DroppedBy[Outcome(o.String())] += n
		}
	}
	for reason := range l.refused.counts {
		if n := l.refused.counts[reason].Load(); n > 0 {
			s.RefusedBy[refusalNames[reason]] += n
			s.Refused += n
		}
	}
	if q.Oldest != 0 {
		s.OldestAge = max(s.OldestAge, time.Since(time.Unix(0, q.Oldest)))
	}
}
