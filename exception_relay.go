package posthog

import (
	"context"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// sighting is what a message tells a client of this library about its capture,
// however many clients of somebody else it comes through: for them the library
// makes messages, and limits and duplicates are the affair of who sends them.
type sighting struct {
	value   any // what was captured
	place   *place
	request *carried // that it was captured in; nil if there was none
}

// relayed returns a copy of msg if it is an exception that the library captured
// for a client of somebody else, and nil if it is anything else, as most are.
// Inlined, it would make every call of Enqueue hold room for that copy.
//
//go:noinline
func relayed(msg Message) *Exception {
	switch m := msg.(type) {
	case Exception:
		if m.sighted != nil {
			e := m
			return &e
		}
	case *Exception:
		if m != nil && m.sighted != nil {
			e := *m
			return &e
		}
	}
	return nil
}

// enqueueRelayed enqueues an exception that the library captured for a client of
// somebody else, unless it is a duplicate, or one too many.
func (c *ServerClient) enqueueRelayed(ctx context.Context, l *lane, msg *Exception, patience time.Duration, handle *Delivery) error {
	ctx = msg.sighted.within(ctx)
	outcome, takeBack := c.admit(ctx, msg)
	if outcome != queue.Delivered {
		return l.discard(outcome, handle)
	}
	err := c.take(ctx, l, msg, patience, handle)
	if !underway(err) {
		takeBack()
	}
	return err
}

// admit decides whether an exception that was relayed is sent, and adds to it what
// was held back because of it. An outcome other than Delivered is why it is not.
// Otherwise takeBack has to be called if nothing comes of it.
func (c *ServerClient) admit(ctx context.Context, msg *Exception) (outcome queue.Outcome, takeBack func()) {
	value, place, x := msg.sighted.value, msg.sighted.place, c.tracking()
	level := msg.Level.known()
	fallback(&level, LevelError)
	if x.again(ctx, value, place) && level != LevelFatal {
		return queue.Duplicate, nil
	}
	title, text := "", ""
	if len(msg.ExceptionList) > 0 { // whoever passed it on may have emptied it
		title, text = msg.ExceptionList[0].Type, msg.ExceptionList[0].Value
	}
	held, limited := x.limits(title, place, level)
	if limited {
		c.warnOfLimits()
		x.forget(ctx, value, place)
		return queue.RateLimited, nil
	}
	if held > 0 {
		msg.Properties = NewProperties().Merge(msg.Properties).Set(propertyHeldBack, held)
	}
	c.logCaptured(title, text)
	return queue.Delivered, func() {
		x.untold(title, place, held)
		x.forget(ctx, value, place)
	}
}

// within returns ctx with the request of the capture, which a client without
// EnqueueWithContext loses.
func (s *sighting) within(ctx context.Context) context.Context {
	if s.request == nil || requestContext(ctx) != nil {
		return ctx
	}
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, requestContextKey{}, s.request)
}

// describing returns what describes errors for client: its own rules if it is a
// client of this library, or embeds one, and the defaults otherwise.
func describing(client EnqueueClient) *describer {
	var x *describer
	switch c := client.(type) {
	case *ServerClient:
		x = c.describing()
	case interface{ describing() *describer }:
		x, _ = guarded(c.describing) // what embeds it may be nil
	}
	if x == nil {
		return plain()
	}
	return x
}

// describing returns what describes errors for c, nil if c is inert. Types that
// embed a client have this method, too.
func (c *ServerClient) describing() *describer {
	if c.inert() {
		return nil
	}
	return c.tracking().describer
}
