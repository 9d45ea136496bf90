package posthog

import "context"

// EnqueueAI is Enqueue for large events about the use of language models, such
// as $ai_generation: they travel on [LaneAI], with limits of their own, and may
// hold whole prompts and answers. Nothing in them is shortened or left out.
//
// The way is chosen by the method and never by the event's name: a $ai_ event
// that is passed to Enqueue goes with all others. PostHog's AI endpoint refuses
// names that do not begin with $ai_, those of an [Identify] or an [Exception]
// among them; such an event is accepted here, ends as [OutcomeRejected], and
// harms no other. A server without that endpoint gets AI events at /batch/,
// which refuses those above a million bytes.
//
// The errors are those of Enqueue. The limits are [Config.CaptureAIMaxQueueSize]
// and its neighbours.
func (c *ServerClient) EnqueueAI(msg Message) error {
	if c.inert() {
		return nil
	}
	return c.enqueue(context.Background(), c.aiLane(), msg, c.config.BatchSubmitTimeout, nil)
}

// EnqueueAIWithContext is EnqueueAI with the [RequestContext] that ctx carries.
// With [OverflowWait] it waits for room until ctx ends.
func (c *ServerClient) EnqueueAIWithContext(ctx context.Context, msg Message) error {
	if c.inert() {
		return nil
	}
	return c.enqueue(ctx, c.aiLane(), msg, untilDone, nil)
}

// EnqueueAIWithContext calls the method of the same name, for programs that
// hold an [EnqueueClient]. A client without that method gets the message as
// from [EnqueueWithContext], which is no AI lane, and a nil client does nothing.
func EnqueueAIWithContext(ctx context.Context, client EnqueueClient, msg Message) error {
	if c, ok := client.(interface {
		EnqueueAIWithContext(context.Context, Message) error
	}); ok {
		return c.EnqueueAIWithContext(ctx, msg)
	}
	return EnqueueWithContext(ctx, client, msg)
}

// SubmitAI is [ServerClient.Submit] on [LaneAI]; see [ServerClient.EnqueueAI].
func (c *ServerClient) SubmitAI(ctx context.Context, msg Message) (*Delivery, error) {
	if c.inert() {
		return nil, nil
	}
	return c.submit(ctx, c.aiLane(), msg)
}

// SendAI is [ServerClient.Send] on [LaneAI]; see [ServerClient.EnqueueAI].
func (c *ServerClient) SendAI(ctx context.Context, msgs ...Message) (*SendResult, error) {
	if c.inert() {
		return &SendResult{}, nil
	}
	return c.send(ctx, c.aiLane(), msgs)
}
