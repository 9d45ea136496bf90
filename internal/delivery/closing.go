package delivery

import (
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// hurry gives every waiting batch that would come too late its last chance.
func (p *pump) hurry(now time.Time) {
	for _, b := range p.waiting {
		if p.tooLate(b) {
			p.lastChance(b, now)
		}
	}
}

// tooLate reports whether the next attempt would come after the deadline of
// Close.
func (p *pump) tooLate(b *batch) bool {
	return p.closing && !p.close.deadline.IsZero() && !b.due.Before(p.close.deadline)
}

// lastChance moves the next attempt to before the deadline of Close: as late
// as leaves an attempt its time, so that the server has the longest chance to
// recover. A pause that the server asked for is kept all the same.
func (p *pump) lastChance(b *batch, now time.Time) {
	left := p.close.deadline.Sub(now)
	b.due = p.close.deadline.Add(-min(p.config.AttemptTimeout, left/2))
	b.last = true
}

// abandon ends everything when the caller of Close stops waiting: requests
// are canceled, and what is left is counted.
func (p *pump) abandon() {
	p.lane.cancel()
	p.collect()
	for _, b := range p.flying {
		// The request ignores its cancellation. Its sender still writes to
		// b.answer, so that is left alone.
		lost := &batch{records: b.records, attempts: b.attempts, uncertain: true}
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
		p.leave(&batch{records: records})
	}
}

// collect takes in the results of canceled requests.
func (p *pump) collect() {
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	for len(p.flying) > 0 {
		select {
		case b := <-p.results:
			p.landed(b)
			switch b.answer.Outcome {
			case transport.Delivered:
				p.settle(b, queue.Delivered)
			case transport.Rejected:
				p.settle(b, queue.Rejected)
			default:
				b.uncertain = b.uncertain || b.answer.MaybeDelivered
				p.leave(b)
			}
		case <-grace.C:
			return
		}
	}
}

// leave gives a batch up because the client closes.
func (p *pump) leave(b *batch) {
	p.lane.left += len(b.records)
	p.settle(b, b.abandoned(queue.Shutdown))
}
