package queue

// Barrier waits for everything that was accepted before it.
type Barrier struct {
	// Sequence is that of the last record in front of the barrier.
	Sequence uint64

	left    uint64        // records in front of it that are not passed
	kept    uint64        // records in front of it that were left to the next process
	waiters int           // Barrier calls that share it and did not Leave
	done    chan struct{} // closed when left reaches zero
}

// Done is closed when every record in front of the barrier is finished and
// passed.
func (b *Barrier) Done() <-chan struct{} { return b.done }

// passes counts the end of one record and reports whether it was the last.
func (b *Barrier) passes(sequence uint64) bool {
	if sequence > b.Sequence {
		return false
	}
	if b.left--; b.left > 0 {
		return false
	}
	close(b.done)
	return true
}

// keeps counts a record that is left to the next process, as passes does.
func (b *Barrier) keeps(sequence uint64) bool {
	if sequence <= b.Sequence {
		b.kept++
	}
	return b.passes(sequence)
}

// Barrier returns a barrier behind the last accepted record. Calls between
// two acceptances share one. Events that were admitted, and so never were
// records, do not count.
func (q *Queue) Barrier() *Barrier {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.barriers); n > 0 && q.barriers[n-1].Sequence == q.sequence {
		q.barriers[n-1].waiters++
		return q.barriers[n-1]
	}
	b := &Barrier{
		Sequence: q.sequence,
		left:     uint64(q.queued.Records + q.taken + q.finished),
		waiters:  1,
		done:     make(chan struct{}),
	}
	if b.left == 0 {
		close(b.done)
		return b
	}
	q.barriers = append(q.barriers, b)
	return b
}

// Left returns how many records in front of the barrier are not passed. Those
// that were left to the next process never are.
func (q *Queue) Left(b *Barrier) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return int(b.left + b.kept)
}

// Leave says that one caller of Barrier no longer waits.
func (q *Queue) Leave(b *Barrier) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b.waiters--; b.waiters > 0 {
		return
	}
	for i := range q.barriers {
		if q.barriers[i] == b {
			q.barriers = append(q.barriers[:i], q.barriers[i+1:]...)
			return
		}
	}
}
