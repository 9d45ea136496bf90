package posthog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Send sends messages on the calling goroutine, past the queue, and returns
// what became of each: for imports that move on only when a batch is stored,
// and for functions that are frozen between calls. It repeats what may pass,
// as the queue would, until ctx ends or, if ctx has no deadline,
// [Config.FlushTimeout] has passed.
//
// The error is nil if every event was persisted or discarded. If one message is
// invalid, nothing is sent. Otherwise the result is complete, and the error
// joins a [*DeliveryError] for each group of events that ended in the same way.
func (c *ServerClient) Send(ctx context.Context, msgs ...Message) (*SendResult, error) {
	if c.inert() {
		return &SendResult{}, nil
	}
	return c.send(ctx, c.main, msgs)
}

// send is Send for any lane.
func (c *ServerClient) send(ctx context.Context, l *lane, msgs []Message) (*SendResult, error) {
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	if c.keyless {
		l.refused.count(refusedKeyless, len(msgs))
		return nil, ErrSDKDisabled
	}
	if !c.config.Disabled && c.ended() {
		return nil, l.refuseClosed(len(msgs))
	}
	result := &SendResult{Events: make([]EventResult, len(msgs))}
	if outcome, discarded := c.discards(); discarded {
		for i := range msgs {
			l.count(outcome)
			result.Events[i].Verdict = VerdictDiscarded
		}
		return result, nil
	}
	var (
		items []queue.Item
		place []int // of each item, among the messages
		ended []queue.Outcome
		lost  []func() // of each item, what to call unless it arrives
	)
	defer func() {
		for _, takeBack := range lost {
			takeBack()
		}
	}()
	for i, msg := range msgs {
		item, outcome, takeBack, err := c.itemOf(ctx, l, msg)
		if err != nil {
			l.refused.count(refusedInvalid, len(msgs)-1) // itself it counted already
			return nil, fmt.Errorf("message %d of %d: %w", i, len(msgs), err)
		}
		if outcome == queue.Delivered {
			result.Events[i].UUID = textOf(item.UUID)
			items, place, lost = append(items, item), append(place, i), append(lost, takeBack)
			continue
		}
		result.Events[i].Verdict = VerdictDiscarded
		ended = append(ended, outcome)
	}
	var verdicts []delivery.Verdict
	if len(items) > 0 {
		var err error
		if verdicts, err = l.deliver(ctx, items); err != nil {
			l.refused.count(refusedClosed, len(ended))
			return nil, err
		}
	}
	for _, outcome := range ended {
		l.count(outcome)
	}
	for i, v := range verdicts {
		if v.Outcome == queue.Delivered {
			lost[i] = func() {}
		}
		r := &result.Events[place[i]]
		r.Verdict, r.Status, r.Err = verdictOf(v), v.Status, deliveryError(v, 1, r.UUID)
		r.Result, r.Details = v.Result, v.Details
	}
	return result, joinVerdicts(verdicts)
}

// joinVerdicts returns one error for each run of events that ended in the same
// way, which is what a request does to the events in it.
func joinVerdicts(verdicts []delivery.Verdict) error {
	var all []error
	for first := 0; first < len(verdicts); {
		v, events := verdicts[first], 1
		for ; first+events < len(verdicts) && verdicts[first+events].Same(v); events++ {
			if verdicts[first+events].RequestID != v.RequestID {
				v.RequestID = ""
			}
		}
		all = append(all, deliveryError(v, events, ""))
		first += events
	}
	return errors.Join(all...)
}

// itemOf encodes msg into memory of its own. What takeBack takes back is that the
// item is on its way.
func (c *ServerClient) itemOf(ctx context.Context, l *lane, msg Message) (item queue.Item, outcome queue.Outcome, takeBack func(), err error) {
	takeBack = func() {}
	if e := relayed(msg); e != nil {
		ctx = e.sighted.within(ctx)
		if outcome, takeBack = c.admit(ctx, e); outcome != queue.Delivered {
			return item, outcome, nil, nil
		}
		msg = e
	}
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	if outcome, err = c.encode(ctx, l, s, msg); err != nil {
		takeBack()
		return item, outcome, nil, err
	}
	item = s.item
	item.UUID = s.draft.UUID
	item.Payload = slices.Clone(s.item.Payload)
	return item, outcome, takeBack, nil
}

// deliver sends items within the limits of ctx and the configuration.
func (l *lane) deliver(ctx context.Context, items []queue.Item) ([]delivery.Verdict, error) {
	ctx, cancel := withLimit(ctx, l.client.config.FlushTimeout)
	defer cancel()
	verdicts, err := l.delivery.Send(ctx, items)
	if err != nil {
		return nil, l.refuseClosed(len(items))
	}
	return verdicts, nil
}

// sendNow is Enqueue with SyncMode.
func (c *ServerClient) sendNow(ctx context.Context, l *lane, s *scratch, handle *Delivery) error {
	item := s.item
	item.Payload, item.Tag = slices.Clone(item.Payload), nil
	verdicts, err := l.deliver(ctx, []queue.Item{item})
	if err != nil {
		return err
	}
	if handle != nil {
		resolve(handle, verdicts[0])
	}
	return deliveryError(verdicts[0], 1, textOf(s.item.UUID))
}

// withLimit returns ctx with a deadline, unless it has one or limit is
// negative.
func withLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := ctx.Deadline(); ok || limit < 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, limit)
}
