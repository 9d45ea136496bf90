package posthog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Verdict is what became of one event of a [ServerClient.Send].
type Verdict string

// The verdicts.
const (
	// VerdictPersisted: PostHog confirmed the event.
	VerdictPersisted Verdict = "persisted"
	// VerdictRejected: PostHog refused the event for good.
	VerdictRejected Verdict = "rejected"
	// VerdictRetryable: PostHog does not have the event, and may take it later.
	VerdictRetryable Verdict = "retryable"
	// VerdictUnknown: PostHog may have the event. Sending it again with the
	// same Uuid and Timestamp is safe.
	VerdictUnknown Verdict = "unknown"
	// VerdictDiscarded: the client did not send the event, because a hook
	// dropped it, or because the client is opted out, disabled or on a dry run.
	VerdictDiscarded Verdict = "discarded"
)

// SendResult says what became of the events of one Send.
type SendResult struct {
	// Events are in the order of the messages.
	Events []EventResult
}

// EventResult says what became of one event.
type EventResult struct {
	// Uuid is the event's, as it travelled.
	Uuid string
	// Verdict says what became of it.
	Verdict Verdict
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Err says why the event was not persisted; nil if it was.
	Err error
}

// Persisted counts the events that PostHog confirmed.
func (r *SendResult) Persisted() int {
	if r == nil {
		return 0
	}
	n := 0
	for i := range r.Events {
		if r.Events[i].Verdict == VerdictPersisted {
			n++
		}
	}
	return n
}

// Send sends messages on the calling goroutine, past the queue, and returns
// what became of each: for imports that move on only when a batch is stored,
// and for functions that are frozen between calls. It repeats what may pass,
// as the queue would, until ctx ends or, if ctx has no deadline,
// [Config.FlushTimeout] has passed.
//
// The error is nil if every event was persisted or discarded. If one message is
// invalid, nothing is sent. Otherwise the result is complete, and the error
// joins those of the events that were not persisted.
func (c *ServerClient) Send(ctx context.Context, msgs ...Message) (*SendResult, error) {
	if c == nil {
		return &SendResult{}, nil
	}
	if c.keyless {
		c.refused.count(refusedDisabled)
		return nil, ErrSDKDisabled
	}
	if !c.config.Disabled && c.ended() {
		c.refused.count(refusedClosed)
		return nil, ErrClosed
	}
	result := &SendResult{Events: make([]EventResult, len(msgs))}
	if outcome, discarded := c.discards(); discarded {
		for i := range msgs {
			c.queue.Count(outcome)
			result.Events[i].Verdict = VerdictDiscarded
		}
		return result, nil
	}
	var (
		items []queue.Item
		place []int // of each item, among the messages
		ended []queue.Outcome
	)
	for i, msg := range msgs {
		item, outcome, err := c.itemOf(ctx, msg)
		if err != nil {
			return nil, err
		}
		result.Events[i].Uuid = textOf(item.UUID)
		if outcome == queue.Delivered {
			items, place = append(items, item), append(place, i)
			continue
		}
		result.Events[i].Verdict = VerdictDiscarded
		ended = append(ended, outcome)
	}
	for _, outcome := range ended {
		c.queue.Count(outcome)
	}
	if len(items) == 0 {
		return result, nil
	}
	verdicts, err := c.deliver(ctx, items)
	if err != nil {
		return nil, err
	}
	var failures []error
	for i, v := range verdicts {
		r := &result.Events[place[i]]
		r.Verdict, r.Status = verdictOf(v), v.Status
		if r.Err = deliveryError(v, 1, r.Uuid); r.Err != nil {
			failures = append(failures, r.Err)
		}
	}
	return result, errors.Join(failures...)
}

// itemOf encodes msg into memory of its own.
func (c *ServerClient) itemOf(ctx context.Context, msg Message) (queue.Item, queue.Outcome, error) {
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	outcome, err := c.encode(ctx, s, msg)
	if err != nil {
		return queue.Item{}, outcome, err
	}
	item := s.item
	item.UUID = s.draft.UUID
	item.Payload = slices.Clone(s.item.Payload)
	return item, outcome, nil
}

// deliver sends items within the limits of ctx and the configuration.
func (c *ServerClient) deliver(ctx context.Context, items []queue.Item) ([]delivery.Verdict, error) {
	ctx, cancel := withLimit(ctx, c.config.FlushTimeout)
	defer cancel()
	verdicts, err := c.lane.Send(ctx, items)
	if err != nil {
		c.refused.count(refusedClosed)
		return nil, ErrClosed
	}
	return verdicts, nil
}

// sendNow is Enqueue with SyncMode.
func (c *ServerClient) sendNow(ctx context.Context, s *scratch, handle *Delivery) error {
	item := s.item
	item.Payload, item.Tag = slices.Clone(item.Payload), nil
	verdicts, err := c.deliver(ctx, []queue.Item{item})
	if err != nil {
		return err
	}
	if handle != nil {
		resolve(handle, verdicts[0])
	}
	return deliveryError(verdicts[0], 1, textOf(s.item.UUID))
}

func verdictOf(v delivery.Verdict) Verdict {
	switch v.Outcome {
	case queue.Delivered:
		return VerdictPersisted
	case queue.Rejected:
		return VerdictRejected
	case queue.Unconfirmed:
		return VerdictUnknown
	}
	return VerdictRetryable
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
