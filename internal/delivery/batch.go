package delivery

import (
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// batch is a group of records that travel together. The pump owns it, except
// while a sender has it.
type batch struct {
	lane     *Lane
	records  []queue.Record
	places   []int // of the records, among those of a Send; nil for all others
	attempt  Attempt
	protocol int       // that of the latest attempt
	attempts int       // that count
	first    time.Time // when the first attempt began
	failed   time.Time // when the latest one failed
	due      time.Time // when the next one may begin

	strikes   int  // failures that only this batch can be blamed for
	uncertain bool // some attempt may have reached the server
	overdue   bool // past its budget, and kept because nothing says that it is to blame
	last      bool // the next attempt is the last before the deadline of Close

	answer   Answer // of the latest attempt
	endpoint string // that it was made to
}

// newBatch returns a batch of records.
func (l *Lane) newBatch(records []queue.Record) *batch {
	return &batch{lane: l, records: records, attempt: Attempt{ID: l.ids.New(time.Now())}}
}

// verdict describes the end of the batch in o.
func (b *batch) verdict(o queue.Outcome) Verdict {
	return Verdict{
		Outcome:     o,
		Status:      b.answer.Status,
		Message:     b.answer.Message,
		Result:      b.answer.Word,
		Code:        b.answer.Code,
		Description: b.answer.Description,
		RequestID:   b.answer.RequestID,
		Endpoint:    b.endpoint,
		Attempts:    b.attempts,
		Err:         b.answer.Err,
	}
}

// abandoned is the outcome of a batch that is given up for the reason o.
func (b *batch) abandoned(o queue.Outcome) queue.Outcome {
	if b.uncertain {
		return queue.Unconfirmed
	}
	return o
}

// part returns a batch with the history of b, without records, for a request
// of its own.
func (b *batch) part() *batch {
	part := *b
	part.records, part.places = nil, nil
	part.attempt = Attempt{ID: b.lane.ids.New(time.Now()), Created: b.attempt.Created}
	return &part
}

// halve splits the batch in two, in order. The halves keep its history.
func (b *batch) halve() (front, back *batch) {
	middle := (len(b.records) + 1) / 2
	front, back = b.part(), b.part()
	front.records, back.records = b.records[:middle:middle], slices.Clone(b.records[middle:])
	if b.places != nil {
		front.places, back.places = b.places[:middle:middle], b.places[middle:]
	}
	return front, back
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
