package delivery

import (
	"context"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// direct is one Send: the pump's loop on the caller's goroutine.
type direct struct {
	lane     *Lane
	sender   *sender
	verdicts []Verdict // of the items
}

// Send delivers items on the caller's goroutine, without the queue but with
// the lane's retries and pauses, until each is final or ctx ends. It returns a
// verdict for each, or [queue.ErrClosed]. It keeps the payloads until the
// observer has seen them.
func (l *Lane) Send(ctx context.Context, items []queue.Item) ([]Verdict, error) {
	l.directs.enter()
	defer l.directs.exit()
	if err := l.queue.Admit(len(items)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.requests, func() { cancel(queue.ErrClosed) })
	defer func() { stop(); cancel(nil) }()

	d := direct{lane: l, sender: &sender{exchange: l.config.NewExchange()}, verdicts: make([]Verdict, len(items))}
	for start := 0; start < len(items); {
		b := l.newBatch(nil)
		size := 0
		for i := start; i < len(items) && len(b.records) < l.config.BatchSize; i++ {
			size += len(items[i].Payload)
			if i > start && (size > l.config.BatchBytes || items[i].Format != items[start].Format) {
				break
			}
			b.records = append(b.records, queue.Record{Frame: items[i].Frame})
			b.places = append(b.places, i)
		}
		start += len(b.records)
		d.deliver(ctx, b)
	}
	return d.verdicts, nil
}

// deliver makes b final.
func (d *direct) deliver(ctx context.Context, b *batch) {
	for {
		if !d.sleep(ctx, time.Until(d.lane.pause.until())) {
			d.stop(ctx, b)
			return
		}
		if b.attempts++; b.attempts == 1 {
			b.first = time.Now()
		}
		d.sender.attempt(ctx, b)
		switch d.absorb(ctx, b) {
		case over:
			return
		case once:
			continue
		}
		if floor := b.answer.RetryAfter; floor > 0 {
			d.lane.pause.extend(time.Now().Add(floor))
		}
		policy := &d.lane.config.Retry
		spent := policy.Max >= 0 && b.attempts > policy.Max || policy.Max < 0 && time.Since(b.first) >= policy.Budget
		if ctx.Err() != nil {
			d.stop(ctx, b)
			return
		}
		if spent {
			d.settle(b.end(b.abandoned(queue.Exhausted)))
			return
		}
		if !d.sleep(ctx, policy.delay(b.attempts-1)) {
			d.stop(ctx, b)
			return
		}
	}
}

// step is what follows an attempt.
type step uint8

const (
	over  step = iota // nothing: all records are final
	once              // the next attempt, at once
	later             // the next one after a wait, if there is to be one
)

// absorb acts on the answer to an attempt, as the pump does.
func (d *direct) absorb(ctx context.Context, b *batch) step {
	if d.lane.turnsFrom(b) {
		b.attempts--
		return once
	}
	if b.answer.Reading == Doubled {
		if doubles := b.separate(); doubles != nil {
			d.both(ctx, b, doubles)
			return over
		}
	}
	switch b.answer.Outcome {
	case transport.Delivered, transport.Rejected:
		d.settle(b.conclude())
		if len(b.records) == 0 {
			return over
		}
	case transport.TooLarge:
		if len(b.records) == 1 {
			d.settle(b.end(queue.Rejected))
			return over
		}
		front, back := b.halve()
		d.both(ctx, front, back)
		return over
	default:
		b.uncertain = b.uncertain || b.answer.MaybeDelivered
	}
	return later
}

// both delivers two parts of a batch, whose latest attempt does not count.
func (d *direct) both(ctx context.Context, front, back *batch) {
	front.attempts--
	back.attempts--
	d.deliver(ctx, front)
	d.deliver(ctx, back)
}

// stop gives b up because ctx ended, and says so.
func (d *direct) stop(ctx context.Context, b *batch) {
	b.answer.Err = context.Cause(ctx)
	if d.lane.requests.Err() != nil {
		d.lane.left.Add(int64(len(b.records)))
		d.settle(b.end(b.abandoned(queue.Shutdown)))
		return
	}
	d.settle(b.end(b.abandoned(queue.Exhausted)))
}

// sleep waits for at least wait, and reports whether ctx is still alive.
func (d *direct) sleep(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *direct) settle(endings []ending) {
	for _, e := range endings {
		owned := 0
		for i := range e.records {
			owned += len(e.records[i].Payload)
		}
		d.lane.queue.Settle(len(e.records), e.Outcome)
		d.lane.announce(e.records, e.Verdict, owned)
		for _, place := range e.places {
			d.verdicts[place] = e.Verdict
		}
	}
}
