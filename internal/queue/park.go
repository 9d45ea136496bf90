package queue

import "github.com/hedgerow/posthog/internal/segment"

// A span that survives the process need not be in memory until it is read:
// it is parked, which gives its memory back, and loaded when its turn comes.

// window is how many spans, from the first unread one on, are kept in memory.
const window = 4

// fits reports whether another size bytes of memory are within the bound,
// after parking what can be parked if need be.
func (q *Queue) fits(size int) bool {
	for i := len(q.spans) - 1; i >= q.reading && q.memory()+size > q.config.MaxBytes; i-- {
		q.park(q.spans[i])
	}
	return q.memory()+size <= q.config.MaxBytes
}

// parkFar parks s unless it is about to be read.
func (q *Queue) parkFar(s *span) {
	for i := q.reading; i < len(q.spans) && i < q.reading+window; i++ {
		if q.spans[i] == s {
			return
		}
	}
	q.park(s)
}

// parkable reports whether nobody needs the memory of s, and its records can be
// read from its file again.
func (s *span) parkable() bool {
	return s.region != nil && s.unread > 0 && s.unread == s.live && s.survives()
}

// park gives the memory of s back, if it may.
func (q *Queue) park(s *span) {
	if !s.sealed || !s.parkable() || !s.file.Settled() {
		return
	}
	q.bytes -= len(s.region)
	q.resident -= s.live
	q.config.Arena.Free(s.region)
	s.forget()
}

// prefetch asks for the spans that will be read next, as far as there is
// memory for them and for the next one that is written. It is called when memory
// came back or records were taken, and not in between, so that nothing is read
// in vain.
func (q *Queue) prefetch() {
	if q.config.Store == nil {
		return
	}
	for i := q.reading; i < len(q.spans) && i < q.reading+window; i++ {
		s := q.spans[i]
		if s.region != nil || s.loading || s.file == nil {
			continue
		}
		size := max(s.summary.Used, min(q.config.SegmentSize, q.config.MaxBytes))
		need := size + s.live*q.config.RecordBytes
		if i > q.reading && q.memory()+need+q.config.SegmentSize > q.config.MaxBytes {
			return
		}
		if i == q.reading && !q.fits(need) && q.out+q.loads > 0 {
			return // until memory comes back; if none will, nothing else would move on
		}
		region, err := q.config.Arena.Alloc(size)
		if err != nil {
			return
		}
		q.bytes += len(region)
		s.loading = true
		q.loads++
		q.resident += s.live
		s.file.Load(region[:s.summary.Used], func(c segment.Contents) { q.arrive(s, region, c) })
	}
}

// arrive takes in what was found in the file of s.
func (q *Queue) arrive(s *span, region []byte, c segment.Contents) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.prefetch()
	q.loads--
	s.loading = false
	if s.unread == 0 { // dropped or left to the next process in the meantime
		q.bytes -= len(region)
		q.config.Arena.Free(region)
		q.recycle(s)
		return
	}
	s.region, s.loaded, s.all, s.offsets = region, true, c.Pending, c.Pending
	q.queued.Bytes += c.Payload - s.payload
	s.payload = c.Payload
	switch found := len(c.Pending); {
	case found < s.unread:
		s.ghosts, s.unread, s.damage = s.unread-found, found, c.Err
	case found > s.unread: // an end was lost in between: the record is sent again
		more := found - s.unread
		s.unread, s.open, s.live = found, s.open+more, s.live+more
		q.resident += more
		q.queued.Records += more
		q.ledger.Accepted += uint64(more)
		q.sequence = max(q.sequence, uint64(q.queued.Records)) // or the oldest had none
	}
	q.advance()
	q.signal()
}

// bury ends the records of s that are not in its file any more. All others
// have been taken, or nobody asks for the order any more.
func (q *Queue) bury(s *span) {
	if s.ghosts == 0 {
		return
	}
	n := s.ghosts
	s.ghosts = 0
	s.open -= n
	s.live -= n
	q.resident -= n
	q.lost, q.damage = q.ghosts(q.lost, s, n, Unreadable), s.damage
	q.signal() // for Lost
}

// drop ends all unread records of a span that is not in memory.
func (q *Queue) drop(dst []Record, s *span, o Outcome) []Record {
	n := s.unread
	s.unread = 0
	s.open -= n
	s.live -= n
	if s.loading {
		q.resident -= n
	}
	q.queued.Bytes -= s.payload
	s.payload = 0
	return q.ghosts(dst, s, n, o)
}

// ghosts appends n records without a payload, the oldest of the queue, which
// are finished and released, to dst.
func (q *Queue) ghosts(dst []Record, s *span, n int, o Outcome) []Record {
	for range n {
		dst = append(dst, Record{sequence: q.oldest(), Tag: s.untag(), finished: true})
		q.queued.Records--
		q.finished++
	}
	q.ledger.ended[o] += uint64(n)
	return dst
}

// Lost returns the records that turned out to be unreadable since the last
// call, which are finished, and why the last of them were.
func (q *Queue) Lost() ([]Record, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lost, why := q.lost, q.damage
	q.lost, q.damage = nil, nil
	return lost, why
}
