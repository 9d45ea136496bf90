package delivery

import (
	"slices"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// ending is the end of some records of a batch, all for the same reason.
type ending struct {
	Verdict

	records []queue.Record
	places  []int // of the records, if the batch has them
}

// conclude returns the ends that the answer of b tells, and leaves the records
// in b that are to be sent again.
func (b *batch) conclude() []ending {
	switch {
	case b.answer.Reading == Garbled:
		return b.end(queue.Unconfirmed)
	case b.answer.Reading == Each:
		return b.divide(func(r *Result) (queue.Outcome, bool) { return r.Fate.outcome() })
	case b.answer.Outcome == transport.Delivered:
		return b.end(queue.Delivered)
	}
	return b.end(b.refusal())
}

// end ends every record of b in o.
func (b *batch) end(o queue.Outcome) []ending {
	if len(b.answer.Results) > 0 { // they have asked to be sent again
		return b.divide(func(*Result) (queue.Outcome, bool) { return o, true })
	}
	e := ending{Verdict: b.verdict(o), records: b.records, places: b.places}
	b.records, b.places = nil, nil
	return []ending{e}
}

// divide takes out of b the records that end according to their results, and
// puts those together that end in the same way.
func (b *batch) divide(outcome func(*Result) (o queue.Outcome, ends bool)) []ending {
	var endings []ending
	rest := *b
	rest.records, rest.places, rest.answer.Results = nil, nil, nil
	for i := range b.records {
		result := &b.answer.Results[i]
		o, ends := outcome(result)
		if !ends {
			rest.records = append(rest.records, b.records[i])
			rest.answer.Results = append(rest.answer.Results, *result)
			if b.places != nil {
				rest.places = append(rest.places, b.places[i])
			}
			continue
		}
		at := slices.IndexFunc(endings, func(e ending) bool {
			return e.Outcome == o && e.Result == result.Word && e.Details == result.Details
		})
		if at < 0 {
			at = len(endings)
			v := b.verdict(o)
			v.Result, v.Details = result.Word, result.Details
			if result.Fate == Unmentioned {
				v.Message = "the answer does not mention the event"
			}
			endings = append(endings, ending{Verdict: v})
		}
		e := &endings[at]
		e.records = append(e.records, b.records[i])
		if b.places != nil {
			e.places = append(e.places, b.places[i])
		}
	}
	*b = rest
	return endings
}

// refusal is how the records of a batch end that was refused whole.
func (b *batch) refusal() queue.Outcome {
	if b.answer.Status == statusOverLimit {
		return queue.OverLimit
	}
	return queue.Rejected
}

// statusOverLimit is the status of a project that has used up what it may.
const statusOverLimit = 402

// separate takes out of b the records whose uuid another one before them has,
// and returns them as a batch of their own: nil if there is none.
func (b *batch) separate() (doubles *batch) {
	met := make(map[[16]byte]bool, len(b.records))
	first, again := b.part(), b.part()
	for i := range b.records {
		into := first
		if met[b.records[i].UUID] {
			into = again
		}
		met[b.records[i].UUID] = true
		into.records = append(into.records, b.records[i])
		if b.places != nil {
			into.places = append(into.places, b.places[i])
		}
	}
	if len(again.records) == 0 {
		return nil
	}
	*b = *first
	return again
}
