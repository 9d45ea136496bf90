package queue

import (
	"slices"

	"github.com/hedgerow/posthog/internal/segment"
)

// reserve makes sure that the last span has room for size bytes. It returns
// nil, [ErrFull], or, unless inMemory says to do without a file, [ErrNoFile].
func (q *Queue) reserve(size int, inMemory bool) error {
	if !q.config.Budget.has(q.config.RecordBytes) {
		return ErrFull
	}
	tail := q.tail()
	if tail != nil && tail.room() >= size {
		return nil
	}
	if tail != nil && tail.live == 0 {
		// The tail is too small and empty: its memory goes first, so that a
		// large record always fits into an empty queue.
		q.recycle(tail)
		tail = nil
	}
	region := q.config.SegmentSize
	if tail == nil && q.config.FirstSegment > 0 {
		region = q.config.FirstSegment
	}
	region = max(size, region)
	if !q.fits(region) && tail != nil && tail.parkable() {
		q.seal(tail) // so that it can be parked, too
	}
	if !q.fits(region) || !q.config.Budget.has(region+q.config.RecordBytes) {
		return ErrFull
	}
	file, err := q.begin(region, inMemory)
	if err != nil {
		return err
	}
	s, err := q.newSpan(region)
	if err != nil {
		if file != nil {
			file.Discard()
		}
		return ErrFull
	}
	s.file = file
	q.seal(tail)
	q.spans = append(q.spans, s)
	q.advance()
	if tail != nil {
		q.parkFar(tail)
	}
	q.prefetch()
	return nil
}

// begin gets a file for a new span, if there is to be one.
func (q *Queue) begin(size int, inMemory bool) (segment.File, error) {
	if q.config.Store == nil {
		return nil, nil
	}
	file, supply := q.config.Store.Begin(size)
	switch {
	case supply == segment.Full:
		return nil, ErrFull
	case supply == segment.Soon && !inMemory:
		return nil, ErrNoFile
	}
	return file, nil
}

// newSpan returns a span with memory of its own.
func (q *Queue) newSpan(size int) (*span, error) {
	region, err := q.config.Arena.Alloc(size)
	if err != nil {
		return nil, err
	}
	q.bytes += len(region)
	return &span{region: region}, nil
}

// tail is the span that new records go to, or nil.
func (q *Queue) tail() *span {
	if n := len(q.spans); n > 0 {
		return q.spans[n-1]
	}
	return nil
}

// front is the span with the oldest unread records, or nil if there is none.
func (q *Queue) front() *span {
	if q.reading < len(q.spans) && q.spans[q.reading].unread > 0 {
		return q.spans[q.reading]
	}
	return nil
}

// seal says that nothing is added to s any more.
func (q *Queue) seal(s *span) {
	if s == nil || s.sealed {
		return
	}
	s.sealed = true
	if s.file != nil {
		s.file.Seal(s.summary)
	}
}

// memory is what counts against MaxBytes.
func (q *Queue) memory() int { return q.bytes + q.resident*q.config.RecordBytes }

// weight is the part of it that s has.
func (q *Queue) weight(s *span) int { return len(s.region) + s.live*q.config.RecordBytes }

// holding is the part of it that the spans have with records that are taken and
// not released.
func (q *Queue) holding() (bytes int) {
	for i := 0; i <= q.reading && i < len(q.spans); i++ {
		if q.spans[i].held > 0 {
			bytes += q.weight(q.spans[i])
		}
	}
	return bytes
}

// advance moves on to the first span that is not read to its end.
func (q *Queue) advance() {
	for q.reading < len(q.spans) && q.spans[q.reading].unread == 0 {
		s := q.spans[q.reading]
		q.bury(s)
		if s == q.tail() && !s.sealed {
			break
		}
		q.reading++
		q.recycle(s)
	}
}

// recycle gives a span's memory and its file back once nothing can be written
// to it or read from it any more.
func (q *Queue) recycle(s *span) {
	if s.live > 0 || s.unread > 0 || s.loading || s.region == nil && s.file == nil {
		return
	}
	if s.region != nil {
		q.bytes -= len(s.region)
		q.free(s.region)
		s.region = nil
	}
	if s.file != nil {
		s.file.Discard()
		s.file = nil
	}
	i := slices.Index(q.spans, s)
	q.spans = slices.Delete(q.spans, i, i+1)
	if i < q.reading {
		q.reading--
	}
}

// Release gives back the memory of finished records.
func (q *Queue) Release(records []Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range records {
		q.release(&records[i])
	}
	q.prefetch()
	if q.config.Store != nil {
		q.signal() // Take may have stopped because too much was held
	}
	q.announceRoom()
}

func (q *Queue) release(r *Record) {
	s := r.span
	if s == nil {
		return
	}
	r.span = nil
	q.out--
	q.resident--
	q.config.Budget.give(q.config.RecordBytes)
	s.live--
	s.held--
	if s.live > 0 || s.unread > 0 {
		return
	}
	switch {
	case s != q.tail() || s.sealed:
		q.recycle(s)
	case s.survives():
		// It takes more records, behind those that are final.
	case q.config.Store != nil, q.config.Budget != nil:
		q.recycle(s) // the next one may get a file, or another queue the memory
	default:
		// Nothing in the tail matters any more: write from its start again.
		*s = span{region: s.region}
	}
}
