package posthog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

// scratch is the memory that one Enqueue works in.
type scratch struct {
	draft   event.Draft
	encoder wire.Encoder
	buffer  []byte
	item    queue.Item
}

// maxScratch is the largest buffer that is kept for the next event.
const maxScratch = 64 << 10

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
func (c *ServerClient) Enqueue(msg Message) error {
	if c == nil {
		return nil
	}
	if c.config.Overflow == OverflowWait && c.config.BatchSubmitTimeout > 0 && !c.config.SyncMode {
		ctx, cancel := context.WithTimeout(context.Background(), c.config.BatchSubmitTimeout)
		defer cancel()
		return c.enqueue(ctx, msg, true, nil)
	}
	return c.enqueue(context.Background(), msg, false, nil)
}

// EnqueueWithContext is Enqueue with the [RequestContext] that ctx carries.
// With [OverflowWait] it waits for room until ctx ends.
func (c *ServerClient) EnqueueWithContext(ctx context.Context, msg Message) error {
	if c == nil {
		return nil
	}
	return c.enqueue(ctx, msg, true, nil)
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

// enqueue is Enqueue for all its callers. A handle, if there is one, learns
// the event's fate, and its uuid if it travels.
func (c *ServerClient) enqueue(ctx context.Context, msg Message, wait bool, handle *Delivery) error {
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
	wait = wait && c.config.Overflow == OverflowWait
	err = c.lane.Put(ctx, &s.item, wait)
	if err == nil {
		return nil
	}
	err = c.refuse(err)
	if wait && errors.Is(err, ErrQueueFull) {
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

// encode makes msg the item of s. An outcome other than Delivered ends the
// event although nothing is wrong with the call.
func (c *ServerClient) encode(ctx context.Context, s *scratch, msg Message) (queue.Outcome, error) {
	now := time.Now()
	h, err := load(&s.draft, msg)
	if err == nil {
		err = c.identify(ctx, &s.draft, &h)
	}
	if err != nil {
		c.refused.count(refusedInvalid, 1)
		c.warnOfInvalid(err)
		return 0, err
	}
	c.stamp(&s.draft, h, now)
	static := c.static.Load()
	if c.config.BeforeSend != nil || len(c.config.Hooks) > 0 {
		if outcome := c.runHooks(h, &s.draft, now); outcome != queue.Delivered {
			return outcome, nil
		}
		static = c.library
	}
	s.buffer = event.Append(s.buffer[:0], &s.encoder, &s.draft, static)
	if losses := s.encoder.Losses(); len(losses) > 0 {
		c.warnOfLosses(s.draft.Event, losses)
	}
	if len(s.buffer) > c.config.MaxEventBytes || slices.ContainsFunc(s.encoder.Losses(), wire.Loss.TooLarge) {
		c.refused.count(refusedTooLarge, 1)
		err := tooLarge(s.draft.Event, len(s.buffer), c.config.MaxEventBytes)
		c.notices.Report(notice.Warn, "event too large", "posthog: %v", err)
		return 0, err
	}
	s.item = queue.Item{Payload: s.buffer, UUID: s.draft.UUID, Accepted: now.UnixNano()}
	if c.config.DryRun {
		return queue.DryRun, nil
	}
	return queue.Delivered, nil
}

// identify completes the draft from the request context, and makes sure that
// it has a distinct id.
func (c *ServerClient) identify(ctx context.Context, d *event.Draft, h *header) error {
	if !h.usesContext {
		c.warnOfIllegalID(d)
		c.warnOfLongID(d.DistinctID)
		c.warnOfLongID(aliasOf(d))
		return nil
	}
	if rc := requestContext(ctx); rc != nil {
		d.Context = rc.Properties
		d.SessionID = rc.SessionId
		if event.Blank(d.DistinctID) {
			d.DistinctID = rc.DistinctId
		}
		if event.Blank(d.DistinctID) {
			d.DistinctID = c.ids.New(time.Now()).String()
			d.Personless = true
		}
	}
	if event.Blank(d.DistinctID) {
		return h.kind.invalid("DistinctId", d.DistinctID)
	}
	c.warnOfLongID(d.DistinctID)
	return nil
}

// stamp gives the draft its uuid and time.
func (c *ServerClient) stamp(d *event.Draft, h header, now time.Time) {
	var replaced bool
	if d.UUID, replaced = event.ID(&c.ids, h.uuid, now); replaced {
		c.notices.Report(notice.Warn, "invalid uuid", "posthog: the Uuid of a message is no UUID; it was replaced by a new one")
	}
	if d.Timestamp, replaced = event.Moment(h.timestamp, now); replaced {
		c.notices.Report(notice.Warn, "invalid timestamp",
			"posthog: the Timestamp of a message is outside of the years 0 to 9999; it was replaced by now")
	}
}

// refuse turns the queue's refusal into the caller's error.
func (c *ServerClient) refuse(err error) error {
	switch {
	case errors.Is(err, queue.ErrClosed):
		return c.refuseClosed(1)
	case errors.Is(err, queue.ErrTooLarge):
		c.refused.count(refusedTooLarge, 1)
		return fmt.Errorf("%w: it does not fit into Config.MaxQueueBytes, %d", ErrMessageTooBig, c.config.MaxQueueBytes)
	}
	c.refused.count(refusedFull, 1)
	c.notices.Report(notice.Warn, "queue full",
		"posthog: the queue is full, so new events are refused; see Config.MaxQueueSize, MaxQueueBytes and Overflow")
	return ErrQueueFull
}

// refuseClosed refuses events because the client was closed.
func (c *ServerClient) refuseClosed(events int) error {
	c.refused.count(refusedClosed, events)
	c.notices.Report(notice.Warn, "client closed", "posthog: events are refused because the client was closed")
	return ErrClosed
}

// recycle keeps the memory of s for the next event, and nothing else.
func (c *ServerClient) recycle(s *scratch) {
	s.draft.Reset()
	s.encoder.Reset()
	s.item = queue.Item{}
	if cap(s.buffer) > maxScratch {
		s.buffer = nil
	}
	c.scratch.Put(s)
}

// NewUUID returns a new UUIDv7 in its canonical form. Those of one program
// increase.
func NewUUID() string { return newUUIDs.New(time.Now()).String() }

var newUUIDs uuid7.Generator
