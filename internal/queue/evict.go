package queue

// makeRoom evicts the oldest untaken records until size bytes fit. It evicts
// nothing if that would not help.
func (q *Queue) makeRoom(size int, evicted []Record) ([]Record, error) {
	if !q.config.EvictOldest || !q.fits(size) && !q.evictable(size) {
		return evicted, ErrFull
	}
	for q.queued.Records > 0 && (q.queued.Records >= q.config.MaxRecords || !q.fits(size)) {
		var r Record
		q.pop(&r)
		q.finish(&r, QueueFull)
		// The memory is needed now, so the caller gets a copy to look at.
		r.Payload = append([]byte(nil), r.Payload...)
		q.release(&r)
		evicted = append(evicted, r)
	}
	if q.queued.Records >= q.config.MaxRecords || !q.fits(size) {
		return evicted, ErrFull
	}
	return evicted, nil
}

// evictable reports whether size bytes would fit if every untaken record were
// evicted. Segments with records that were taken and not released stay.
func (q *Queue) evictable(size int) bool {
	left := q.bytes
	for s := q.head; s != nil; s = s.next {
		if s.held == 0 {
			left -= len(s.region)
		}
	}
	return left+max(size, q.config.SegmentSize) <= q.config.MaxBytes
}
