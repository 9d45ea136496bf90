package queue

// makeRoom evicts the oldest untaken records until size bytes fit. It evicts
// nothing if that would not help.
func (q *Queue) makeRoom(size int, evicted []Record) ([]Record, error) {
	if !q.config.EvictOldest || !q.reserve(size) && !q.evictable(size) {
		return evicted, ErrFull
	}
	for q.queued.Records > 0 && (q.queued.Records >= q.config.MaxRecords || !q.reserve(size)) {
		var r Record
		q.pop(&r)
		q.finish(&r, QueueFull)
		if !q.config.ShowEvicted {
			r.Payload = nil
			q.release(&r)
		}
		evicted = append(evicted, r)
	}
	if q.queued.Records >= q.config.MaxRecords || !q.reserve(size) {
		return evicted, ErrFull
	}
	return evicted, nil
}

// evictable reports whether size bytes would fit if every untaken record were
// evicted. Segments with records that were taken and not released stay.
func (q *Queue) evictable(size int) bool {
	if q.config.ShowEvicted {
		return false
	}
	left := q.memory()
	for s := q.head; s != nil; s = s.next {
		if s.held == 0 {
			left -= len(s.region)
		}
	}
	return left+max(size, q.config.SegmentSize) <= q.config.MaxBytes
}
