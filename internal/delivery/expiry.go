package delivery

import (
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// tooOld is the outcome's explanation.
const tooOld = "older than the spool keeps events"

// expire ends queued records that are too old.
func (p *pump) expire(now time.Time) {
	if p.config.MaxAge <= 0 || now.Before(p.expiry) {
		return
	}
	p.expiry = now.Add(min(time.Minute, p.config.MaxAge/8))
	if old := p.queue.Expire(now.Add(-p.config.MaxAge).UnixNano()); len(old) > 0 {
		p.lane.announce(old, Verdict{Outcome: queue.Expired, Message: tooOld}, 0)
	}
}

// expireBatch ends those records of a failed batch that are too old, and
// reports whether none is left.
func (p *pump) expireBatch(b *batch, now time.Time) bool {
	if p.config.MaxAge <= 0 {
		return false
	}
	before := now.Add(-p.config.MaxAge).UnixNano()
	n := 0
	for n < len(b.records) && b.records[n].Accepted < before {
		n++
	}
	if n == 0 {
		return false
	}
	v := b.verdict(b.abandoned(queue.Expired))
	v.Message = tooOld
	p.lane.settle(b.records[:n], v)
	b.records = b.records[n:]
	if len(b.answer.Results) > 0 {
		b.answer.Results = b.answer.Results[n:]
	}
	return len(b.records) == 0
}
