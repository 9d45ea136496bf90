package posthog

import (
	"maps"
	"strings"
)

// PoolStats is the ledger of a [Pool], and what it has.
type PoolStats struct {
	// Stats is the sum of the clients' ledgers, those included that the pool has
	// let go and those that were closed by themselves, except for what these
	// refused since.
	Stats

	// Clients counts the clients that the pool keeps.
	Clients int
	// Evicted counts how often it has let go of one.
	Evicted uint64
	// MemoryUsed is what of [Config.MaxQueueBytes] and
	// [Config.CaptureAIMaxQueueBytes] together is in use.
	MemoryUsed int
}

// Stats returns the ledger of all clients. It takes about a microsecond
// for each.
func (p *Pool) Stats() PoolStats {
	if p == nil {
		return PoolStats{}
	}
	s, clients := p.count()
	for _, c := range clients { // without the lock, for which calls of Client would wait
		s.plus(c.Stats())
	}
	return s
}

// count returns what the pool counts by itself, and the clients of which it
// does not.
func (p *Pool) count() (PoolStats, []*ServerClient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part()
	s := PoolStats{
		Stats:      newStats(),
		Clients:    p.held,
		Evicted:    p.evicted,
		MemoryUsed: p.analytics.memory.Used() + p.ai.memory.Used(),
	}
	s.plus(p.past)
	return s, p.all()
}

// ClientStats returns the ledger of the client with that key, without making
// one. White space around the key does not count. It is zero for a client that there is not, and begins anew with one that
// was let go and that nobody kept.
func (p *Pool) ClientStats(apiKey string) Stats {
	if p == nil {
		return Stats{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.clients[strings.TrimSpace(apiKey)]
	if t == nil {
		return newStats()
	}
	if c := t.weak.Value(); c != nil {
		return c.Stats()
	}
	return newStats()
}

// plus adds the ledger of a client.
func (s *Stats) plus(t Stats) {
	s.combine(t, 1)
	s.OldestAge = max(s.OldestAge, t.OldestAge)
}

// subtract takes out the ledger of a client that was added.
func (s *Stats) subtract(t Stats) { s.combine(t, -1) }

// combine adds t as often as sign says.
func (s *Stats) combine(t Stats, sign int) {
	n := uint64(sign) // what is added to an unsigned number wraps around, and so takes away
	s.Accepted += n * t.Accepted
	s.Pending += n * t.Pending
	s.Delivered += n * t.Delivered
	s.Unconfirmed += n * t.Unconfirmed
	s.Rejected += n * t.Rejected
	s.BillingLimited += n * t.BillingLimited
	s.Dropped += n * t.Dropped
	s.Refused += n * t.Refused
	s.Queued += sign * t.Queued
	s.QueueBytes += sign * t.QueueBytes
	s.InFlight += sign * t.InFlight
	s.CallbackPanics += n * t.CallbackPanics
	s.CallbacksMissed += n * t.CallbacksMissed
	combine(s.DroppedBy, t.DroppedBy, n)
	combine(s.RefusedBy, t.RefusedBy, n)
}

// combine adds the counts of from to those of into, times n. Counts that are
// zero are missing.
func combine[K comparable](into, from map[K]uint64, n uint64) {
	for reason, count := range from {
		into[reason] += n * count
	}
	maps.DeleteFunc(into, func(_ K, count uint64) bool { return count == 0 })
}
