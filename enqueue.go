package posthog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// Enqueue accepts msg for delivery. It never waits for the network, and keeps
// nothing of msg: maps may be changed as soon as it returns.
//
// Nil means that the event was accepted: [Stats] counts it, and it ends in
// exactly one [Outcome]. An event that a hook, OptOut, [Config.Disabled] or
// [Config.DryRun] discards counts as accepted, too.
//
// An error means that the event was not accepted, and says why: a
// [FieldError], [ErrQueueFull], [ErrMessageTooBig], [ErrClosed] or
// [ErrSDKDisabled]. With [Config.SyncMode] it may also be a [*DeliveryError].
// The exception is [ErrNotSynced], which says of an accepted event that it may
// not be on the disk.
func (c *ServerClient) Enqueue(msg Message) error {
	if c.inert() {
		return nil
	}
	return c.enqueue(context.Background(), msg, c.config.BatchSubmitTimeout, nil)
}

// EnqueueWithContext is Enqueue with the [RequestContext] that ctx carries.
// With [OverflowWait] it waits for room until ctx ends.
func (c *ServerClient) EnqueueWithContext(ctx context.Context, msg Message) error {
	if c.inert() {
		return nil
	}
	return c.enqueue(ctx, msg, untilDone, nil)
}

// EnqueueWithContext calls the method of the same name, for programs that
// hold an [EnqueueClient]. A client without that method gets the message
// without the context, and a nil client does nothing.
func EnqueueWithContext(ctx context.Context, client EnqueueClient, msg Message) error {
	if client == nil {
		return nil
	}
	if c, ok := client.(interface {
		EnqueueWithContext(context.Context, Message) error
	}); ok {
		return c.EnqueueWithContext(ctx, msg)
	}
	return client.Enqueue(msg)
}

// untilDone is the patience of calls that wait for room until their context
// ends.
const untilDone = time.Duration(math.MaxInt64)

// enqueue is Enqueue for all its callers. Patience bounds how long it waits for
// room with OverflowWait. A handle, if there is one, learns the event's fate,
// and its uuid if it travels.
func (c *ServerClient) enqueue(ctx context.Context, msg Message, patience time.Duration, handle *Delivery) error {
	if c.keyless {
		c.refused.count(refusedKeyless, 1)
		return ErrSDKDisabled
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if outcome, discarded := c.discards(); discarded {
		return c.discard(outcome, handle)
	}
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	outcome, err := c.encode(ctx, s, msg)
	if err != nil {
		return err
	}
	if outcome != queue.Delivered {
		return c.discard(outcome, handle)
	}
	if handle != nil {
		handle.UUID = s.draft.UUID.String()
		s.item.Tag = handle
	}
	if c.config.SyncMode {
		return c.sendNow(ctx, s, handle)
	}
	err = c.lane.Put(ctx, &s.item, false)
	if err != nil && c.config.Overflow == OverflowWait && patience > 0 && errors.Is(err, queue.ErrFull) {
		return c.waitForRoom(ctx, s, patience)
	}
	return c.refuse(err)
}

// waitForRoom puts the item of s into the queue as soon as there is room.
func (c *ServerClient) waitForRoom(ctx context.Context, s *scratch, patience time.Duration) error {
	if patience != untilDone {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	err := c.refuse(c.lane.Put(ctx, &s.item, true))
	if errors.Is(err, ErrQueueFull) {
		err = fmt.Errorf("%w, and the wait for room ended: %w", err, context.Cause(ctx))
	}
	return err
}

// discards reports whether the client discards every event at the moment.
func (c *ServerClient) discards() (queue.Outcome, bool) {
	if c.config.Disabled {
		return queue.Disabled, true
	}
	return queue.OptedOut, c.optedOut.Load()
}

// discard counts an event that ends before it is a record. A client that has
// ended accepts not even those, unless it is disabled.
func (c *ServerClient) discard(outcome queue.Outcome, handle *Delivery) error {
	if outcome != queue.Disabled && c.ended() {
		return c.refuseClosed(1)
	}
	c.count(outcome)
	if handle != nil {
		resolve(handle, delivery.Verdict{Outcome: outcome})
	}
	return nil
}

// count accepts an event that ends at once, and reports one that a hook broke.
func (c *ServerClient) count(outcome queue.Outcome) {
	c.queue.Count(outcome)
	if outcome == queue.HookFailed {
		c.lane.Report(delivery.Verdict{Outcome: outcome})
	}
}

// refuse turns the queue's refusal, if it is one, into the caller's error.
func (c *ServerClient) refuse(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrNotSynced): // accepted
		return err
	case errors.Is(err, queue.ErrClosed):
		return c.refuseClosed(1)
	case errors.Is(err, queue.ErrTooLarge):
		c.refused.count(refusedTooLarge, 1)
		return fmt.Errorf("%w: it does not fit into Config.MaxQueueBytes, %d", ErrMessageTooBig, c.config.MaxQueueBytes)
	}
	c.refused.count(refusedFull, 1)
	bounds := "Config.MaxQueueSize, MaxQueueBytes and Overflow"
	if c.spool != nil {
		bounds = "Config.Spool.MaxBytes, MaxQueueSize, MaxQueueBytes and Overflow"
	}
	c.notices.Report(notice.Warn, "queue full", "posthog: the queue is full, so new events are refused; see %s", bounds)
	return ErrQueueFull
}

// refuseClosed refuses events because the client was closed.
func (c *ServerClient) refuseClosed(events int) error {
	c.refused.count(refusedClosed, events)
	c.notices.Report(notice.Warn, "client closed", "posthog: events are refused because the client was closed")
	return ErrClosed
}
