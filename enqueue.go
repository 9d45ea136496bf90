package posthog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// Enqueue accepts msg for delivery. It never waits for the network, unless
// [Capture.SendFeatureFlags] asks it to, and keeps nothing of msg: maps may be
// changed as soon as it returns.
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
	return c.enqueue(context.Background(), c.main, msg, c.config.BatchSubmitTimeout, nil)
}

// EnqueueWithContext is Enqueue with the [RequestContext] that ctx carries.
// With [OverflowWait] it waits for room until ctx ends.
func (c *ServerClient) EnqueueWithContext(ctx context.Context, msg Message) error {
	if c.inert() {
		return nil
	}
	patience := untilDone
	if c.config.SyncMode || c.config.Overflow == OverflowWait {
		ctx, patience = c.forReport(ctx)
	}
	return c.enqueue(ctx, c.main, msg, patience, nil)
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
func (c *ServerClient) enqueue(ctx context.Context, l *lane, msg Message, patience time.Duration, handle *Delivery) error {
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	if c.keyless {
		l.refused.count(refusedKeyless, 1)
		return ErrSDKDisabled
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if outcome, discarded := c.discards(); discarded {
		return l.discard(outcome, handle)
	}
	if e := relayed(msg); e != nil && !c.ended() {
		return c.enqueueRelayed(ctx, l, e, patience, handle)
	}
	return c.take(ctx, l, msg, patience, handle)
}

// underway reports whether an event is on its way after a call that returned err.
func underway(err error) bool { return err == nil || errors.Is(err, ErrNotSynced) }

// take is enqueue without what it asks first.
func (c *ServerClient) take(ctx context.Context, l *lane, msg Message, patience time.Duration, handle *Delivery) error {
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	outcome, err := c.encode(ctx, l, s, msg)
	if err != nil {
		return err
	}
	if outcome != queue.Delivered {
		return l.discard(outcome, handle)
	}
	if s.fatal && c.crashes != nil {
		handle = c.crashes.record(ctx, s, handle)
	}
	return c.accept(ctx, l, s, patience, handle)
}

// accept queues the event that s is, or sends it if there is no queue.
func (c *ServerClient) accept(ctx context.Context, l *lane, s *scratch, patience time.Duration, handle *Delivery) error {
	if handle != nil {
		handle.UUID = s.draft.UUID.String()
		s.item.Tag = handle
	}
	if c.config.SyncMode {
		return c.sendNow(ctx, l, s, handle)
	}
	err := l.delivery.Put(ctx, &s.item, false)
	if err != nil && c.config.Overflow == OverflowWait && patience > 0 && errors.Is(err, queue.ErrFull) {
		return l.waitForRoom(ctx, s, patience)
	}
	if handle != nil {
		handle.kept = s.item.Kept
	}
	return l.refuse(err)
}

// waitForRoom puts the item of s into the queue as soon as there is room.
func (l *lane) waitForRoom(ctx context.Context, s *scratch, patience time.Duration) error {
	if patience != untilDone {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	err := l.refuse(l.delivery.Put(ctx, &s.item, true))
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
