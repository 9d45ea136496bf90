package queue

import (
	"slices"

	"github.com/hedgerow/posthog/internal/segment"
)

// Finish gives each record the outcome it ends in. A record that has one
// already keeps it: the first outcome is the only one. Barriers wait until the
// records are passed.
func (q *Queue) Finish(records []Record, o Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var s *span
	for i := range records {
		r := &records[i]
		if r.span != s {
			q.tellEnds(s)
			s = r.span
		}
		q.finish(r, o)
	}
	q.tellEnds(s)
}

// end is Finish for one record.
func (q *Queue) end(r *Record, o Outcome) {
	q.finish(r, o)
	q.tellEnds(r.span)
}

func (q *Queue) finish(r *Record, o Outcome) {
	if r.span == nil || !segment.Finish(r.span.region[r.offset:]) {
		return
	}
	if r.span.file != nil {
		q.ends = append(q.ends, r.span.place(r.offset))
	}
	r.span.open--
	q.taken--
	q.finished++
	r.finished = true
	q.ledger.ended[o]++
}

// tellEnds tells the file of s which records ended since the last call.
func (q *Queue) tellEnds(s *span) {
	if len(q.ends) > 0 {
		s.file.End(q.ends)
		q.ends = q.ends[:0]
	}
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
	Queued    Depth
	Bytes     int    // memory of all segments in use
	Oldest    int64  // when the oldest queued record was accepted, in nanoseconds since 1970; 0 if none is queued
	Kept      int    // pending records that outlive the process
	Recovered uint64 // records of processes that are gone, among the accepted
}

// Snapshot returns the queue's state. Pending is counted from the records
// themselves and not from the rest of the ledger.
func (q *Queue) Snapshot() Snapshot {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Snapshot{Ledger: q.ledger, Queued: q.queued, Bytes: q.bytes, Recovered: q.recovered}
	s.Pending = uint64(q.queued.Records + q.taken + q.admitted + q.kept)
	if front := q.front(); front != nil {
		s.Oldest = front.oldest()
	}
	for _, at := range q.spans {
		if at.survives() {
			s.Kept += at.open
		}
	}
	return s
}
