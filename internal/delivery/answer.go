package delivery

import (
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// absorb acts on the answer to an attempt.
func (p *pump) absorb(b *batch, now time.Time) {
	if p.lane.turnsFrom(b) {
		p.again(b)
		return
	}
	if b.answer.Reading == Doubled {
		if doubles := b.separate(); doubles != nil {
			p.answered = now
			p.again(b)
			p.again(doubles)
			return
		}
	}
	switch b.answer.Outcome {
	case transport.Delivered, transport.Rejected:
		p.conclude(b, now)
	case transport.TooLarge:
		p.answered = now
		p.split(b)
	default:
		p.retry(b, now)
	}
}

// conclude ends what the answer decides about. The rest the server wants again.
func (p *pump) conclude(b *batch, now time.Time) {
	records := b.records
	endings := b.conclude()
	if len(endings) > 0 && b.answer.Reading != Garbled {
		p.answered = now
	}
	if slices.ContainsFunc(endings, func(e ending) bool { return e.Outcome == queue.Delivered }) {
		p.recovered()
	}
	for _, e := range endings {
		p.lane.settle(e.records, e.Verdict)
	}
	if len(b.records) > 0 {
		p.repeat(b, now)
		return
	}
	p.desk.reuse(records)
}

// recovered notes that the server took something.
func (p *pump) recovered() {
	if p.failing {
		p.failing = false
		p.config.Notices.Over(p.config.Name + " delivery failing")
		p.config.Notices.Report(notice.Info, p.config.Name+" delivery recovered", "posthog: events are delivered again")
	}
	p.size.delivered()
	p.ramp.delivered()
}

// settle ends a batch.
func (p *pump) settle(b *batch, o queue.Outcome) {
	records := b.records
	for _, e := range b.end(o) {
		p.lane.settle(e.records, e.Verdict)
	}
	p.desk.reuse(records)
}

// again has b sent at once. Its latest attempt does not count.
func (p *pump) again(b *batch) {
	b.attempts--
	b.due = time.Time{}
	p.wait(b)
}

// split answers a 413: both halves go at once, in order, and cost no attempt.
// A record that is too large by itself is refused for good.
func (p *pump) split(b *batch) {
	if len(b.records) == 1 {
		p.settle(b, queue.Rejected)
		return
	}
	p.size.tooLarge(len(b.records))
	p.config.Notices.Report(notice.Warn, p.config.Name+" batch too large",
		"posthog: the server found a batch of %d events too large; it is sent again in halves", len(b.records))
	front, back := b.halve()
	p.again(front)
	p.again(back)
}

// strikesToGiveUp is how often a batch past its budget must have failed where
// others did not. A server that recovers only for a moment costs nothing.
const strikesToGiveUp = 3

// blames reports whether the failure of b cannot be the server's: it answered
// others since the first attempt of b, and no other batch has failed since.
func (p *pump) blames(b *batch) bool {
	if !p.answered.After(b.first) {
		return false
	}
	also := func(other *batch) bool { return other != b && other.failed.After(p.answered) }
	return !slices.ContainsFunc(p.waiting, also) && !slices.ContainsFunc(p.flying, also)
}

// retry answers an attempt that failed.
func (p *pump) retry(b *batch, now time.Time) {
	b.uncertain = b.uncertain || b.answer.MaybeDelivered
	p.failing = true
	p.ramp.failed()
	p.repeat(b, now)
}

// repeat puts a batch on the list for its next attempt, or gives it up.
func (p *pump) repeat(b *batch, now time.Time) {
	if floor := b.answer.RetryAfter; floor > 0 {
		p.lane.pause.extend(now.Add(floor))
	}
	if p.expireBatch(b, now) {
		return
	}
	if b.failed = now; p.blames(b) {
		b.strikes++
	}
	policy := &p.config.Retry
	if policy.Max >= 0 {
		if b.attempts > policy.Max {
			p.settle(b, b.abandoned(queue.Exhausted))
			return
		}
	} else if now.Sub(b.first) >= policy.Budget {
		// The server keeps failing this batch while it answers others: it is
		// given up. While the server answers nobody, nothing says that the
		// batch is to blame: it stays, and makes place for others to be tried.
		if b.strikes >= strikesToGiveUp {
			p.settle(b, b.abandoned(queue.Exhausted))
			return
		}
		if p.closing && p.close.deadline.IsZero() { // or Close would never end
			p.leave(b)
			p.lane.retire() // nor would it if each further batch had its time
			return
		}
		b.overdue = true
	}
	b.due = now.Add(policy.delay(b.attempts - 1))
	if p.tooLate(b, now) {
		if b.last {
			p.leave(b)
			p.lane.retire() // it is safe where it is, and would fill the memory to no purpose
			return
		}
		p.lastChance(b, now)
	}
	if b.answer.Reading == Each {
		p.config.Notices.Report(notice.Warn, p.config.Name+" delivery put off",
			"posthog: PostHog wants %d events once more: result %s %s", len(b.records), b.answer.Results[0].Word, b.answer.Results[0].Details)
	} else {
		p.config.Notices.Report(notice.Warn, p.config.Name+" delivery failing",
			"posthog: sending %d events failed and will be repeated: %s", len(b.records), b.verdict(0).Reason())
	}
	p.wait(b)
}

// wait puts b on the list, which is kept in order of acceptance.
func (p *pump) wait(b *batch) {
	at, _ := slices.BinarySearchFunc(p.waiting, b, func(a, b *batch) int {
		if a.records[0].Sequence() < b.records[0].Sequence() {
			return -1
		}
		return 1
	})
	p.waiting = slices.Insert(p.waiting, at, b)
}
