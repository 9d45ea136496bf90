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
	exchange Exchange
	verdicts []Verdict // of the items so far, in order
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

	d := direct{lane: l, exchange: l.config.NewExchange()}
	for start := 0; start < len(items); {
		b := &batch{}
		size := 0
		for i := start; i < len(items) && len(b.records) < l.config.BatchSize; i++ {
			if size += len(items[i].Payload); size > l.config.BatchBytes && i > start {
				break
			}
			b.records = append(b.records, queue.Record{Frame: items[i].Frame})
		}
		start += len(b.records)
		d.deliver(ctx, b)
	}
	return d.verdicts, nil
}

// deliver makes b final, and adds its verdicts in order.
func (d *direct) deliver(ctx context.Context, b *batch) {
	for {
		if !d.sleep(ctx, time.Until(d.lane.pause.until())) {
			d.stop(ctx, b)
			return
		}
		if b.attempts++; b.attempts == 1 {
			b.first = time.Now()
		}
		b.answer = d.lane.attempt(ctx, d.exchange, b.records)
		switch b.answer.Outcome {
		case transport.Delivered:
			d.settle(b, queue.Delivered)
			return
		case transport.Rejected:
			d.settle(b, queue.Rejected)
			return
		case transport.TooLarge:
			if len(b.records) == 1 {
				d.settle(b, queue.Rejected)
				return
			}
			b.attempts--
			front, back := b.halve()
			d.deliver(ctx, front)
			d.deliver(ctx, back)
			return
		}
		b.uncertain = b.uncertain || b.answer.MaybeDelivered
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
			d.settle(b, b.abandoned(queue.Exhausted))
			return
		}
		if !d.sleep(ctx, policy.delay(b.attempts-1)) {
			d.stop(ctx, b)
			return
		}
	}
}

// stop gives b up because ctx ended, and says so.
func (d *direct) stop(ctx context.Context, b *batch) {
	b.answer.Err = context.Cause(ctx)
	if d.lane.requests.Err() != nil {
		d.lane.left.Add(int64(len(b.records)))
		d.settle(b, b.abandoned(queue.Shutdown))
		return
	}
	d.settle(b, b.abandoned(queue.Exhausted))
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

func (d *direct) settle(b *batch, o queue.Outcome) {
	v := b.verdict(o)
	owned := 0
	for i := range b.records {
		owned += len(b.records[i].Payload)
	}
	d.lane.queue.Settle(len(b.records), o)
	d.lane.announce(b.records, v, owned)
	for range b.records {
		d.verdicts = append(d.verdicts, v)
	}
}
