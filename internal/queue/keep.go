package queue

import (
	"errors"
	"slices"
)

// errBroken is why records are lost that were in one file only.
var errBroken = errors.New("the only file with them broke")

// Keep leaves records that outlive the process to the next one: they stay
// pending, and barriers count them as left. It moves them to the front of
// records, and returns how many there are.
func (q *Queue) Keep(records []Record) (kept int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range records {
		r := &records[i]
		if r.span == nil || !r.span.survives() {
			continue
		}
		q.keep(r)
		records[kept], records[i] = records[i], records[kept]
		kept++
	}
	return kept
}

func (q *Queue) keep(r *Record) {
	s := r.span
	r.span = nil
	q.taken--
	q.out--
	q.kept++
	s.held--
	q.barriers = slices.DeleteFunc(q.barriers, func(b *Barrier) bool { return b.keeps(r.sequence) })
}

// Retire leaves every queued record that outlives the process to the next one,
// as Keep does, and returns how many there are and their tags. Only what is
// in memory and nowhere else can be taken from then on. What was in a file that
// broke, and nowhere else, is for [Queue.Lost]. It may be called again.
func (q *Queue) Retire() (kept int, tags []any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.config.Store == nil {
		return 0, nil
	}
	q.retired = true
	for _, s := range q.spans[q.reading:] {
		q.bury(s)
		if !s.survives() {
			if s.region == nil {
				q.lost, q.damage = q.drop(q.lost, s, Unreadable), errBroken
			}
			continue
		}
		for _, tag := range s.tags {
			tags = append(tags, tag)
		}
		s.tags = nil
		kept += s.unread
		q.queued.Records -= s.unread
		q.queued.Bytes -= s.payload
		s.unread, s.payload = 0, 0
	}
	q.kept += kept
	q.advance()
	for _, b := range q.barriers { // sequences are not without gaps any more
		b.kept, b.left = b.kept+b.left, 0
		close(b.done)
	}
	q.barriers = nil
	return kept, tags
}

// End gives every file back to the store: those whose records are all final,
// and those that the next process will find something in. The queue must be
// closed, and nothing may be taken any more.
func (q *Queue) End() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range slices.Clone(q.spans) {
		q.seal(s)
		q.recycle(s)
		if s.held == 0 && s.survives() {
			q.bytes -= len(s.region)
			s.region = nil // a request that nobody waits for may still read it, so the arena does not get it
		}
	}
}
