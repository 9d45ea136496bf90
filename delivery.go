package posthog

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Delivery follows one event from [ServerClient.Submit] to its end.
type Delivery struct {
	// UUID is the event's, as it travels: hooks may have changed the one of the
	// message. It is empty if nothing travels, because a hook dropped the event,
	// or because the client is opted out, disabled or on a dry run.
	UUID string

	// Result is PostHog's word about the event, such as "ok", "warning" or
	// "drop", and Details its reason, if it gives one. They are empty where it
	// has none for single events; see [CaptureMode]. Read them when Done is closed.
	Result, Details string

	done chan struct{} // closed when the event is final
	err  error         // set before done is closed

	kept    bool                // in a file, when it was queued; for whoever queued it
	settled func(queue.Outcome) // told the outcome, unless it is nil; it must not wait
}

// Done is closed when the event's outcome is known.
func (d *Delivery) Done() <-chan struct{} {
	if d == nil {
		return closedChannel()
	}
	return d.done
}

// Wait returns when the event's outcome is known or ctx ends: nil if PostHog
// confirmed it, a [*DeliveryError] if it ended otherwise, or the error of ctx.
// It may be called any number of times. It does not hurry the event: see
// [ServerClient.Flush] for that.
func (d *Delivery) Wait(ctx context.Context) error {
	if d == nil {
		return nil
	}
	select {
	case <-d.done:
		return d.err
	default:
	}
	if ctx == nil {
		ctx = context.Background()
	}
	select {
	case <-d.done:
		return d.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func closedChannel() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// resolve ends the Delivery that a record is tagged with.
func resolve(tag any, v delivery.Verdict) {
	d := tag.(*Delivery)
	d.Result, d.Details = v.Result, v.Details
	d.err = deliveryError(v, 1, d.UUID)
	close(d.done)
	if d.settled != nil {
		d.settled(v.Outcome)
	}
}

// Submit is EnqueueWithContext for callers that want to know what becomes of
// the event. On a nil client it returns nil, nil, and a nil Delivery is
// delivered. With [ErrNotSynced] it returns a Delivery as well.
func (c *ServerClient) Submit(ctx context.Context, msg Message) (*Delivery, error) {
	if c.inert() {
		return nil, nil
	}
	return c.submit(ctx, c.main, msg)
}

// submit is Submit for any lane.
func (c *ServerClient) submit(ctx context.Context, l *lane, msg Message) (*Delivery, error) {
	d := &Delivery{done: make(chan struct{})}
	err := c.enqueue(ctx, l, msg, untilDone, d)
	if err != nil && !errors.Is(err, ErrNotSynced) { // with that one the event was accepted
		return nil, err
	}
	return d, err
}
