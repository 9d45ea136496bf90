package delivery

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// pump decides what is sent when. Its fields belong to its goroutine, or to the
// pilot of its crew.
type pump struct {
	lane   *Lane
	config *Config
	queue  *queue.Queue
	desk   *desk // its own, or the crew's

	waiting  []*batch // cut and not in flight, oldest first
	flying   []*batch // given to senders
	size     sizer
	ramp     ramp
	taken    uint64    // sequence of the last record taken
	since    time.Time // when the queue was last seen to start waiting for company; zero if it is empty
	gather   time.Time // until when records of a process that is gone wait, so that a fleet does not start at once
	expiry   time.Time // when to look for records that are too old
	failing  bool      // an attempt failed since the last delivery
	answered time.Time // when the server last gave an answer that settled a batch

	closing bool
	close   closeRequest
}

func newPump(l *Lane, d *desk) *pump {
	return &pump{
		lane:   l,
		config: &l.config,
		queue:  l.queue,
		desk:   d,
		size:   sizer{most: l.config.BatchSize, limit: l.config.BatchSize},
		ramp:   ramp{step: steep},
	}
}

// run is the goroutine of a pump that belongs to no crew.
func (p *pump) run() {
	defer close(p.lane.pumped)
	defer func() { p.desk.join(len(p.flying)) }()
	defer p.lane.lose()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	if p.queue.Snapshot().Recovered > 0 {
		p.ramp.begin()
		p.gather = time.Now().Add(rand.N(max(p.config.Interval, 1)))
	}
	for {
		sleep, ended := p.turn(time.Now())
		if ended {
			return
		}
		timer.Reset(sleep)
		select {
		case <-p.queue.Ready():
		case <-p.lane.kick:
		case <-timer.C:
		case b := <-p.desk.results:
			p.landed(b)
			p.absorb(b, time.Now())
		case p.close = <-p.lane.closing:
			p.closing = true
			p.hurry(time.Now())
		case <-p.close.expired:
			p.abandon()
			return
		}
	}
}

// landed takes b back from its sender.
func (p *pump) landed(b *batch) {
	p.flying = slices.DeleteFunc(p.flying, func(f *batch) bool { return f == b })
}

// turn does what is due. It returns for how long nothing else can become due by
// itself, and whether the pump has ended.
func (p *pump) turn(now time.Time) (sleep time.Duration, ended bool) {
	p.lane.lose()
	p.expire(now)
	p.dispatch(now)
	if p.closing && p.empty() {
		return 0, true
	}
	return p.sleep(now), false
}

// empty reports whether nothing is left to deliver.
func (p *pump) empty() bool {
	return len(p.flying) == 0 && len(p.waiting) == 0 && p.queue.Depth().Records == 0
}

// dispatch gives senders whatever is due, as long as one is free.
func (p *pump) dispatch(now time.Time) {
	if now.Before(p.lane.pause.until()) {
		return
	}
	for len(p.flying) < p.senders() {
		b := p.due(now)
		if b == nil {
			b = p.cut(now)
		}
		if b == nil {
			return
		}
		if b.attempts++; b.attempts == 1 {
			b.first = now
		}
		p.flying = append(p.flying, b)
		p.desk.work <- b // never blocks: the channel has a place for each sender
	}
}

// senders is how many requests may be made at once. Close has no time to spare.
func (p *pump) senders() int {
	if p.closing {
		return p.config.Workers
	}
	return p.ramp.of(1, p.config.Workers)
}

// limit is how many records a new batch may have.
func (p *pump) limit() int {
	if p.closing {
		return p.size.limit
	}
	return p.ramp.of(min(p.config.FlushAt, p.size.limit), p.size.limit)
}

// blocks reports whether nothing may overtake the waiting batch b: with one
// worker, records leave in order.
func (p *pump) blocks(b *batch) bool { return p.config.Workers == 1 && !b.overdue }

// due removes and returns the oldest waiting batch whose time has come.
func (p *pump) due(now time.Time) *batch {
	for i, b := range p.waiting {
		if !b.due.After(now) {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return b
		}
		if p.blocks(b) {
			return nil
		}
	}
	return nil
}

// mark is the depth at which a new batch is due.
func (p *pump) mark() queue.Depth {
	return queue.Depth{Records: min(p.config.FlushAt, p.size.limit), Bytes: p.config.BatchBytes}
}

// cut takes a new batch from the queue if one is due and may be outstanding.
func (p *pump) cut(now time.Time) *batch {
	mark := p.mark()
	depth := p.queue.WakeAt(mark)
	if depth.Records == 0 {
		p.since = time.Time{}
		return nil
	}
	if p.since.IsZero() {
		p.since = now
	}
	if p.occupied() {
		return nil
	}
	all := p.queue.Depth() // with those that only wait for memory: waiting for more is no use
	full := all.Records >= mark.Records || all.Bytes >= mark.Bytes
	waited := now.Sub(p.since) >= p.config.Interval
	hurried := p.closing || p.lane.flushTo.Load() > p.taken
	if !hurried && (!full && !waited || now.Before(p.gather)) {
		return nil
	}
	most := p.limit()
	b := p.lane.newBatch(p.queue.Take(p.desk.slice(), most, p.config.BatchBytes))
	if len(b.records) == 0 {
		return nil // evicted since
	}
	p.taken = b.records[len(b.records)-1].Sequence()
	if len(b.records) == min(most, depth.Records) { // or what is left did not fit, and has waited as long
		p.since = now
	}
	return b
}

// occupied reports whether all places for outstanding batches are taken. With
// one worker there is one, so that no new batch overtakes the one that waits
// for its retry. What is left of batches that were stored in part shares
// places, or a few records that the server does not store would keep out all
// others.
func (p *pump) occupied() bool {
	held, parts := len(p.flying), 0
	for _, b := range p.waiting {
		switch {
		case b.overdue:
		case b.answer.Reading == Each:
			parts += len(b.records)
		default:
			held++
		}
	}
	held += (parts + p.config.BatchSize - 1) / p.config.BatchSize
	return held >= p.config.MaxBatches || held > 0 && p.config.Workers == 1
}

// forever stands for no time at which there is something to do.
const forever = 24 * time.Hour

// sleep returns how long nothing can become due by itself.
func (p *pump) sleep(now time.Time) time.Duration {
	if len(p.flying) >= p.senders() {
		return forever // a result comes first
	}
	if until := p.lane.pause.until(); now.Before(until) {
		return until.Sub(now) // dispatch looked at nothing
	}
	next := now.Add(forever)
	for _, b := range p.waiting {
		if b.due.Before(next) {
			next = b.due
		}
		if p.blocks(b) {
			break
		}
	}
	if !p.since.IsZero() && !p.occupied() {
		at := p.since.Add(p.config.Interval)
		if now.Before(p.gather) {
			at = p.gather
		}
		if at.Before(next) {
			next = at
		}
	}
	return max(next.Sub(now), 0)
}
