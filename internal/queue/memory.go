package queue

// reserve makes sure that the tail segment has room for size bytes, and reports
// whether it could.
func (q *Queue) reserve(size int) bool {
	if q.tail != nil && q.tail.room() >= size {
		return true
	}
	if q.tail != nil && q.tail.live == 0 {
		// The tail is too small and empty: its memory goes first, so that a
		// large record always fits into an empty queue.
		empty := q.tail
		q.head, q.tail = nil, nil
		q.recycle(empty)
	}
	region := max(size, q.config.SegmentSize)
	if q.memory()+region > q.config.MaxBytes {
		return false
	}
	memory, err := q.config.Arena.Alloc(region)
	if err != nil {
		return false
	}
	q.bytes += region
	s := &segment{region: memory}
	if q.tail == nil {
		q.head, q.tail = s, s
		return true
	}
	sealed := q.tail
	sealed.next, q.tail = s, s
	q.advance()
	q.recycle(sealed)
	return true
}

// memory is what counts against MaxBytes.
func (q *Queue) memory() int {
	return q.bytes + (q.queued.Records+q.out)*q.config.RecordBytes
}

// advance moves head past segments that are read to their end.
func (q *Queue) advance() {
	for q.head != q.tail && !q.head.unread() {
		done := q.head
		q.head, done.next = done.next, nil
		q.recycle(done)
	}
}

// recycle gives a segment's memory back once nothing can be written to it or
// read from it any more.
func (q *Queue) recycle(s *segment) {
	if s.live > 0 || s == q.tail || s.unread() || s.region == nil {
		return
	}
	q.bytes -= len(s.region)
	q.config.Arena.Free(s.region)
	s.region = nil
}

// Release gives back the memory of finished records.
func (q *Queue) Release(records []Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range records {
		q.release(&records[i])
	}
	q.announceRoom()
}

func (q *Queue) release(r *Record) {
	s := r.segment
	if s == nil {
		return
	}
	r.segment = nil
	q.out--
	s.live--
	s.held--
	if s == q.tail && s.live == 0 && !s.unread() {
		// Nothing in the tail matters any more: write from its start again.
		s.read, s.write = 0, 0
		return
	}
	q.recycle(s)
}
