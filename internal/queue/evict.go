package queue

// makeRoom evicts the oldest untaken records until size bytes fit. It evicts
// nothing if that would not help.
func (q *Queue) makeRoom(size int, inMemory bool, evicted []Record) ([]Record, error) {
	if !q.config.EvictOldest {
		return evicted, ErrFull
	}
	err := q.reserve(size, inMemory)
	if err == ErrFull && !q.evictable(size) { //nolint:errorlint // it is never wrapped in here
		return evicted, ErrFull
	}
	for front := q.front(); front != nil; front = q.front() {
		full := err == ErrFull && !front.loading //nolint:errorlint // as above; what is being read is not free before it was
		if !full && q.queued.Records < q.config.MaxRecords {
			break
		}
		evicted = q.evict(evicted)
		err = q.reserve(size, inMemory)
	}
	if err == nil && q.queued.Records >= q.config.MaxRecords {
		err = ErrFull
	}
	return evicted, err
}

// evict ends the oldest untaken record, of which there is one, or, if its
// payload is not in memory, all of its span.
func (q *Queue) evict(evicted []Record) []Record {
	s := q.front()
	if s.region == nil {
		evicted = q.drop(evicted, s, QueueFull)
		q.advance()
		return evicted
	}
	var r Record
	q.pop(s, &r)
	q.end(&r, QueueFull)
	if !q.config.ShowEvicted || q.config.Store != nil { // or its file would stay
		r.Payload = nil
		q.release(&r)
	}
	return append(evicted, r)
}

// evictable reports whether size bytes would fit if every untaken record were
// evicted. Spans with records that were taken and not released stay.
func (q *Queue) evictable(size int) bool {
	if q.config.ShowEvicted && q.config.Store == nil {
		return false
	}
	left, free := q.memory(), q.config.Store == nil
	all := left
	stay := q.reading // spans
	for _, s := range q.spans[q.reading:] {
		if s.held == 0 {
			left -= q.weight(s)
			free = true
		} else {
			stay++
		}
	}
	region := q.config.SegmentSize
	if stay == 0 && q.config.FirstSegment > 0 {
		region = q.config.FirstSegment
	}
	need := left + max(size, region)
	return free && need <= q.config.MaxBytes && q.config.Budget.has(need-all+q.config.RecordBytes)
}
