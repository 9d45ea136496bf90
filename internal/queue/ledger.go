package queue

import "slices"

// Finish gives each record the outcome it ends in. A record that has one
// already keeps it: the first outcome is the only one. Barriers wait until the
// records are passed.
func (q *Queue) Finish(records []Record, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range records {
		q.finish(&records[i], o)
	}
}

func (q *Queue) finish(r *Record, o Outcome) {
	if r.segment == nil || !r.segment.finish(r.offset) {
		return
	}
	q.taken--
	q.finished++
	r.finished = true
	q.ledger.ended[o]++
}

// Pass opens the barriers behind finished records, once whoever has to know
// of their end has been told.
func (q *Queue) Pass(records []Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range records {
		r := &records[i]
		if !r.finished {
			continue
		}
		r.finished = false
		q.finished--
		q.barriers = slices.DeleteFunc(q.barriers, func(b *Barrier) bool { return b.passes(r.sequence) })
	}
}

// Count accepts an event that never becomes a record and ends at once.
func (q *Queue) Count(o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ledger.Accepted++
	q.ledger.ended[o]++
}

// Admit accepts n events that are sent without passing through the queue, or
// returns [ErrClosed]. Each of them must be settled.
func (q *Queue) Admit(n int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.ledger.Accepted += uint64(n)
	q.admitted += n
	return nil
}

// Settle ends n admitted events in o.
func (q *Queue) Settle(n int, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.admitted -= n
	q.ledger.ended[o] += uint64(n)
}

// Snapshot is the queue at one instant.
type Snapshot struct {
	Ledger
	Queued Depth
	Bytes  int   // memory of all segments in use
	Oldest int64 // when the oldest queued record was accepted, in nanoseconds since 1970; 0 if none is queued
}

// Snapshot returns the queue's state. Pending is counted from the records
// themselves and not from the rest of the ledger.
func (q *Queue) Snapshot() Snapshot {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Snapshot{Ledger: q.ledger, Queued: q.queued, Bytes: q.bytes}
	s.Pending = uint64(q.queued.Records + q.taken + q.admitted)
	if q.queued.Records > 0 {
		s.Oldest = q.head.oldest()
	}
	return s
}
