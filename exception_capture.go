package posthog

import (
	"context"
	"slices"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/stack"
)

// CaptureException reports an error that the application dealt with: its type,
// its text and its stack, and those of the errors that it wraps, 50 at most. A
// nil error reports nothing.
//
// The stack is the error's own if it, or one that it wraps, brought one along,
// as those of github.com/pkg/errors do, and that of the call otherwise. Who
// met the error, and the request's properties, come from ctx; see
// [RequestContext]. Without either the event has no person profile.
//
// One error that is captured in several places within ten seconds, by calls, the
// slog handler, or middleware, is sent once; the others count as
// [OutcomeDuplicate]. Only errors that are pointers can be told apart so, and
// one that passes the same line or another request is another occurrence.
// [ErrorTrackingConfig] has the options of a client, and opts those of a call.
//
// It waits for nothing, as [ServerClient.EnqueueWithContext] does, and returns
// the same errors.
func (c *ServerClient) CaptureException(ctx context.Context, err error, opts ...ExceptionOption) error {
	if c.inert() || err == nil {
		return nil
	}
	p := inCode
	p.pc = caller()[0]
	return c.capture(ctx, err, nil, &p, opts)
}

// CaptureException calls the method of the same name, for programs that hold an
// [EnqueueClient]. A client without that method gets a message such as that of
// [NewException], by which a [ServerClient] that it passes it on to knows an error
// that was captured before. A nil client does nothing.
func CaptureException(ctx context.Context, client EnqueueClient, err error, opts ...ExceptionOption) error {
	if client == nil || err == nil {
		return nil
	}
	if c, ok := client.(*ServerClient); ok {
		if c.inert() {
			return nil
		}
		p := inCode
		p.pc = caller()[0]
		return c.capture(ctx, err, nil, &p, opts)
	}
	p := inCode
	p.pc = caller()[0]
	if c, ok := client.(interface {
		CaptureException(context.Context, error, ...ExceptionOption) error
	}); ok {
		return c.CaptureException(ctx, err, slices.Concat([]ExceptionOption{p.line}, opts)...)
	}
	return send(ctx, client, err, nil, &p, opts)
}

// NewException returns err as a message: its list of exceptions, with the stack
// of the error or of the call, as [ServerClient.CaptureException] makes it by
// default, and what opts say. It knows no client, so the message has no
// level, and nothing of [ErrorTrackingConfig]. A nil error gives a message
// without a list, which cannot be sent.
func NewException(err error, opts ...ExceptionOption) Exception {
	o := exceptionOptions(opts)
	if err == nil {
		return o.message()
	}
	var trace stack.Trace
	trace.Capture(0, 0)
	return plain().message(stack.Walk(err, nil), &trace, &inNobody, o)
}

// message returns the exception that was read, as a message for any client.
func (x *describer) message(tree stack.Tree, trace *stack.Trace, p *place, o *ExceptionOptions) Exception {
	list := x.describe(tree, trace, p, o)
	msg := o.message()
	msg.ExceptionList = items(list)
	msg.DebugImages = append(msg.DebugImages, debugImages(stack.Images(list, x.image))...)
	msg.Level = o.level(p)
	fallback(&msg.Source, p.source)
	return msg
}

// captureAt reports value, which was captured at p with that stack, to any
// client.
func captureAt(ctx context.Context, client EnqueueClient, value any, trace *stack.Trace, p *place, opts []ExceptionOption) error {
	if c, ok := client.(*ServerClient); ok {
		if c.inert() {
			return nil
		}
		return c.capture(ctx, value, trace, p, opts)
	}
	return send(ctx, client, value, trace, p, opts)
}

// send hands an exception to a client of somebody else.
func send(ctx context.Context, client EnqueueClient, value any, trace *stack.Trace, p *place, opts []ExceptionOption) error {
	o := exceptionOptions(opts)
	if trace == nil {
		trace = new(stack.Trace)
		trace.Capture(0, 0)
	}
	markKnown(ctx, o.level(p))
	x := describing(client)
	msg := x.message(stack.Recovered(value, x.name), trace, p, o)
	msg.sighted = &sighting{value: value, place: p, request: requestContext(ctx)}
	return EnqueueWithContext(ctx, client, msg)
}

// capture reports value, which is an error or what a panic was called with, and
// was captured at p, with its stack if that is not the caller's.
func (c *ServerClient) capture(ctx context.Context, value any, trace *stack.Trace, p *place, opts []ExceptionOption) error {
	_, err := c.captured(ctx, value, trace, p, opts)
	return err
}

// captured captures value, and says whether an event of it is on its way. Only
// then is another capture of it a duplicate.
func (c *ServerClient) captured(ctx context.Context, value any, trace *stack.Trace, p *place, opts []ExceptionOption) (sent bool, err error) {
	if outcome, discarded := c.discards(); discarded || c.keyless || c.ended() {
		return false, c.drop(outcome)
	}
	o := c.exceptions.read(opts)
	defer c.exceptions.release(o)
	if o.panicked != nil {
		c.notices.Report(notice.Warn, "exception option panicked", "posthog: an ExceptionOption panicked, and was left out: %v", o.panicked)
	}
	if o.line != 0 {
		p = p.at(o.line)
	}
	x := c.tracking()
	level := o.level(p)
	markKnown(ctx, level)
	if x.again(ctx, value, p) && level != LevelFatal {
		return true, c.drop(queue.Duplicate)
	}
	defer func() {
		if !sent {
			x.forget(ctx, value, p)
		}
	}()
	tree := stack.Recovered(value, x.name)
	held, limited := x.limits(tree.Title(), p, level)
	if limited {
		c.warnOfLimits()
		return false, c.drop(queue.RateLimited)
	}
	if trace == nil {
		trace = new(stack.Trace)
		trace.Capture(1, x.frames)
	}
	there := p
	if level == LevelFatal {
		there = p.on(goroutineID())
	}
	err = c.put(ctx, tree, trace, there, o, held)
	if sent = underway(err); !sent {
		x.untold(tree.Title(), p, held)
	}
	return sent, err
}

// put enqueues the exception that was read, with what is held back because of it.
func (c *ServerClient) put(ctx context.Context, tree stack.Tree, trace *stack.Trace, p *place, o *ExceptionOptions, held uint64) error {
	x := c.tracking()
	list := x.describe(tree, trace, p, o)
	r := &report{Exception: o.message(), list: list, held: held, most: c.main.maxEvent / listShare, buffer: x.buffer()}
	defer x.recycle(r.buffer)
	r.DebugImages = append(r.DebugImages, debugImages(stack.Images(list, x.image))...)
	r.Level = o.level(p)
	fallback(&r.Source, p.source)
	c.logCaptured(list[0].Type, list[0].Value)
	return c.enqueueReport(ctx, r, p)
}

// logCaptured says that an exception was captured, if the log is to have it.
func (c *ServerClient) logCaptured(title, text string) {
	if c.config.ErrorTracking.LogCaptured {
		c.notices.Say(notice.Error, "posthog: captured %s: %s", title, text)
	}
}

// warnOfLimits says that there are more exceptions than the limits allow.
func (c *ServerClient) warnOfLimits() {
	c.notices.Report(notice.Warn, "exceptions held back",
		"posthog: there are too many exceptions of one type, or of all types, so some are held back; see Config.ErrorTracking.RateLimit")
}

// enqueueReport enqueues r. What the application captures waits for room as
// Enqueue does; everything else does so for a moment, because whoever reports
// by itself must hold up nobody.
func (c *ServerClient) enqueueReport(ctx context.Context, r *report, p *place) error {
	patience := untilDone
	if p.boundary != atCode {
		patience = c.config.BatchSubmitTimeout
		if ctx != nil && !p.last {
			ctx = context.WithoutCancel(ctx)
		}
	}
	return c.enqueue(ctx, c.main, r, patience, nil)
}

// drop counts an exception that is not sent.
func (c *ServerClient) drop(outcome queue.Outcome) error {
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	if c.keyless {
		c.main.refused.count(refusedKeyless, 1)
		return ErrSDKDisabled
	}
	if own, discarded := c.discards(); discarded {
		outcome = own
	}
	return c.main.discard(outcome, nil)
}
