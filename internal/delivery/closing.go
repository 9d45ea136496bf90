package delivery

import (
	"fmt"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// hurry gives every waiting batch that would come too late its last chance.
func (p *pump) hurry(now time.Time) {
	for _, b := range p.waiting {
		if p.tooLate(b, now) {
			p.lastChance(b, now)
		}
	}
}

// tooLate reports whether the next attempt would come after the deadline of
// Close.
func (p *pump) tooLate(b *batch, now time.Time) bool {
	return p.closing && !p.close.deadline.IsZero() && b.due.After(p.latest(now))
}

// latest is when the last attempt before the deadline of Close begins.
func (p *pump) latest(now time.Time) time.Time {
	left := p.close.deadline.Sub(now)
	return p.close.deadline.Add(-min(p.config.AttemptTimeout, left/2))
}

// lastChance moves the next attempt to before the deadline of Close: as late
// as leaves an attempt its time, so that the server has the longest chance to
// recover. A pause that the server asked for is kept all the same.
func (p *pump) lastChance(b *batch, now time.Time) {
	b.due = p.latest(now)
	b.last = true
}

// abandon ends everything when the caller of Close stops waiting: requests
// are canceled, and what is left is counted.
func (p *pump) abandon() {
	p.lane.cancel()
	p.collect()
	p.relinquish()
}

// relinquish counts what is left.
func (p *pump) relinquish() {
	p.lane.retire()
	for _, b := range p.flying {
		// The request ignores its cancellation. Its sender may still read the
		// records and write the answer, so both are left alone.
		lost := &batch{lane: p.lane, records: slices.Clone(b.records), attempts: b.attempts, uncertain: true}
		p.leave(lost)
	}
	for _, b := range p.waiting {
		p.leave(b)
	}
	for {
		records := p.queue.Take(nil, p.config.BatchSize, p.config.BatchBytes)
		if len(records) == 0 {
			return
		}
		p.leave(p.lane.newBatch(records))
	}
}

// collect takes in the results of canceled requests.
func (p *pump) collect() {
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	for len(p.flying) > 0 {
		select {
		case b := <-p.desk.results:
			p.landed(b)
			p.landLate(b)
		case <-grace.C:
			return
		}
	}
}

// landLate acts on an answer after which nothing is sent any more.
func (p *pump) landLate(b *batch) {
	switch {
	case p.lane.turnsFrom(b), b.answer.Reading == Doubled:
	case b.answer.Outcome == transport.Delivered, b.answer.Outcome == transport.Rejected:
		for _, e := range b.conclude() {
			p.lane.settle(e.records, e.Verdict)
		}
	default:
		b.uncertain = b.uncertain || b.answer.MaybeDelivered
	}
	p.leave(b)
}

// errLeft is why events are left that nothing else is known of.
var errLeft = fmt.Errorf("closed before there was an answer: %w", queue.ErrClosed)

// leave gives a batch up because the client closes, or leaves it to the next
// process.
func (p *pump) leave(b *batch) {
	all := len(b.records)
	if b.records = p.lane.keep(b.records); len(b.records) < all {
		b.answer.Results = nil // the order has changed
	}
	if len(b.records) == 0 {
		return
	}
	p.lane.left.Add(int64(len(b.records)))
	if b.answer.Err == nil || b.answer.Outcome == transport.Canceled {
		b.answer.Err = errLeft
	}
	p.settle(b, b.abandoned(queue.Shutdown))
}
