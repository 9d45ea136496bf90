package delivery

import (
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// batch is a group of records that travel together. The pump owns it, except
// while a sender has it.
type batch struct {
	records  []queue.Record
	attempts int
	first    time.Time // when the first attempt began
	failed   time.Time // when the latest one failed
	due      time.Time // when the next one may begin

	strikes   int  // failures that only this batch can be blamed for
	uncertain bool // some attempt may have reached the server
	overdue   bool // past its budget, and kept because nothing says that it is to blame
	last      bool // the next attempt is the last before the deadline of Close

	answer transport.Response // of the latest attempt
}

// verdict describes the end of the batch in o.
func (b *batch) verdict(o queue.Outcome) Verdict {
	return Verdict{
		Outcome:  o,
		Status:   b.answer.Status,
		Message:  b.answer.Message,
		Attempts: b.attempts,
		Err:      b.answer.Err,
	}
}

// abandoned is the outcome of a batch that is given up for the reason o.
func (b *batch) abandoned(o queue.Outcome) queue.Outcome {
	if b.uncertain {
		return queue.Unconfirmed
	}
	return o
}

// halve splits the batch in two, in order. The halves keep its history.
func (b *batch) halve() (front, back *batch) {
	middle := (len(b.records) + 1) / 2
	tail := *b
	tail.records = append([]queue.Record(nil), b.records[middle:]...)
	b.records = b.records[:middle]
	return b, &tail
}

// sizer learns how many records the server takes at once. It shrinks to half
// of what was too large, and grows back by a quarter after every few batches
// that were not.
type sizer struct {
	most  int // configured
	limit int // learned, from 1 to most
	since int // batches that went through since the limit changed
}

const batchesToGrow = 8

func (s *sizer) tooLarge(records int) {
	s.limit = max(1, min(s.limit, records/2))
	s.since = 0
}

func (s *sizer) delivered() {
	if s.limit == s.most {
		return
	}
	if s.since++; s.since >= batchesToGrow {
		s.limit = min(s.most, s.limit+max(1, s.limit/4))
		s.since = 0
	}
}
