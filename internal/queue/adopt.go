package queue

import "github.com/hedgerow/posthog/internal/segment"

// Recover accepts the records of processes that are gone, behind what is in the
// queue, and returns those that there is no room for: they have ended as
// [QueueFull], and no barrier waits for them. The payloads of the others stay
// in their files until they are about to be taken.
func (q *Queue) Recover(found []segment.Found) (excess []Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(found) == 0 {
		return nil
	}
	q.seal(q.tail())
	for _, f := range found {
		n := f.Pending.Records
		q.ledger.Accepted += uint64(n)
		q.recovered += uint64(n)
		if f.Excess {
			q.ledger.ended[QueueFull] += uint64(n)
			excess = append(excess, make([]Record, n)...)
			f.File.Discard()
			continue
		}
		q.spans = append(q.spans, &span{
			file: f.File, sealed: true, summary: f.Pending,
			unread: n, open: n, live: n, payload: f.Pending.Payload,
		})
		q.sequence += uint64(n)
		q.queued.Records += n
		q.queued.Bytes += f.Pending.Payload
	}
	q.advance()
	q.prefetch()
	q.signal()
	return excess
}

// Persist copies one span that lives in memory only into a file, and reports
// whether there is another one and a file was to be had. The store calls it
// after a failure.
func (q *Queue) Persist() (left bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.config.Store == nil {
		return false
	}
	if tail := q.tail(); tail != nil && tail.live == 0 && !tail.survives() {
		q.recycle(tail) // or what comes next would be in memory only as well
	}
	var s *span
	for _, at := range q.spans {
		if at.region == nil || at.survives() {
			continue
		}
		if s != nil {
			return q.persist(s)
		}
		s = at
	}
	if s != nil {
		q.persist(s)
	}
	return false
}

// persist copies s into a file, and reports whether there was one.
func (q *Queue) persist(s *span) bool {
	if s.file != nil { // it broke
		s.file.Discard()
		s.file = nil
	}
	file, supply := q.config.Store.Begin(len(s.region))
	if supply != segment.Ready {
		return false
	}
	if !s.copyTo(file, q.sequence) {
		file.Discard()
		return false
	}
	if s.sealed {
		file.Seal(s.summary)
		q.parkFar(s)
	}
	return true
}
