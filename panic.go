package posthog

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/stack"
)

// panicFlushTimeout is how long a panic that is about to end the program waits
// for what is queued.
const panicFlushTimeout = 2 * time.Second

// Recover ends a panic, and reports it. It must be deferred itself:
//
//	defer client.Recover(ctx)
//
// The function that deferred it returns normally, with the values that its
// results have then. [http.ErrAbortHandler] is no failure: it goes on as a
// panic, and nothing is reported. On a nil client, and on one that sends nothing,
// the panic ends all the same. So that it does not end in silence, the log has a
// panic that no event tells of, with its stack: [Config.Logger], at most once a
// minute, or slog.Default for a nil client.
func (c *ServerClient) Recover(ctx context.Context, opts ...ExceptionOption) {
	value := recover()
	if value == nil {
		return // no panic, or the end of the goroutine, which goes on
	}
	if aborts(value) {
		panic(value) //nolint:forbidigo // it is the application's, and goes where it was going
	}
	c.endPanic(ctx, value, &inRecover, opts)
}

// CapturePanic reports a panic, and lets it go on with the value that it has.
// It must be deferred itself, such as at the beginning of main:
//
//	defer client.CapturePanic(ctx)
//
// The exception is fatal. With [Config.Crash] it is on the disk before anything
// else happens. Then what is queued is sent, for two seconds at most, because
// the program is likely to end. What it prints, and its exit code, are those of
// the panic. For panics of other goroutines there are [ServerClient.Go] and
// [Config.Crash].
func (c *ServerClient) CapturePanic(ctx context.Context, opts ...ExceptionOption) {
	if c.inert() {
		return // and the panic goes on by itself
	}
	value := recover()
	if value == nil {
		return
	}
	c.dies(ctx, value, &inCapturePanic, opts)
	panic(value) //nolint:forbidigo // it is the application's, and goes where it was going
}

// Go calls fn on a goroutine of its own, and reports a panic of it as
// [ServerClient.CapturePanic] does, before the program ends of it. With
// [WithRecover] the goroutine ends and the program does not. Nobody waits for the
// goroutine. A nil fn is not called.
func (c *ServerClient) Go(ctx context.Context, fn func(context.Context), opts ...ExceptionOption) {
	if fn == nil {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	go func() {
		if exceptionOptions(opts).Recover {
			defer c.endGoroutine(ctx, opts)
		} else if !c.inert() {
			defer c.endProgram(ctx, opts)
		}
		fn(ctx)
	}()
}

// endGoroutine is deferred by a goroutine whose panics end with it.
func (c *ServerClient) endGoroutine(ctx context.Context, opts []ExceptionOption) {
	if value := recover(); value != nil {
		c.endPanic(ctx, value, &inGoroutineEnded, opts)
	}
}

// endPanic reports a panic that has come to its end, and logs one that no event
// tells of.
func (c *ServerClient) endPanic(ctx context.Context, value any, p *place, opts []ExceptionOption) {
	if sent, _ := c.recovered(ctx, value, p, opts); sent || aborts(value) { // counted and logged
		return
	}
	const format = "posthog: a panic was ended, and no event tells of it: %s: %s\n%s"
	read := stack.Recovered(value, nil)
	if c.inert() {
		slogLogger{least: slog.LevelError}.Errorf(format, read.Title(), read.Value(), debug.Stack())
		return
	}
	c.notices.Report(notice.Error, "panic not reported", format, read.Title(), read.Value(), debug.Stack())
}

// endProgram is deferred by a goroutine whose panics go on.
func (c *ServerClient) endProgram(ctx context.Context, opts []ExceptionOption) {
	value := recover()
	if value == nil {
		return
	}
	c.dies(ctx, value, &inGoroutine, opts)
	panic(value) //nolint:forbidigo // it is the application's, and goes where it was going
}

// Task returns a function that calls fn, and reports a panic of it and returns
// it as a [*PanicError]. It is for what runs functions on goroutines of its own,
// such as an errgroup or a pool of workers:
//
//	group.Go(client.Task(ctx, resize))
//
// A nil fn does nothing.
//
//go:noinline // what is inlined into the application has its name, and would be its own frame
func (c *ServerClient) Task(ctx context.Context, fn func(context.Context) error, opts ...ExceptionOption) func() error {
	if fn == nil {
		return func() error { return nil }
	}
	return func() (err error) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if aborts(value) {
				panic(value) //nolint:forbidigo // it is the application's, and goes where it was going
			}
			sent, _ := c.recovered(ctx, value, &inTask, opts) // counted and logged
			failed := newPanicError(value)
			if sent {
				c.tracking().again(ctx, failed, &inTask) // so that a log of it is not another event
			}
			err = failed
		}()
		return fn(ctx)
	}
}

// CaptureRecovered reports the value of a panic that the caller recovered. It
// must be called by the deferred function that did, while the stack of the panic
// is there. What it does not do is panic again, or flush. The exception is
// handled, and has the source go.recover, unless opts say something else.
func (c *ServerClient) CaptureRecovered(ctx context.Context, value any, opts ...ExceptionOption) error {
	return c.reportRecovered(ctx, value, &inRecover, opts)
}

// CaptureRecovered calls the method of the same name, for programs that hold an
// [EnqueueClient]. A client without that method gets a message, and a nil client
// does nothing.
func CaptureRecovered(ctx context.Context, client EnqueueClient, value any, opts ...ExceptionOption) error {
	return recoveredAt(ctx, client, value, &inRecover, opts)
}

// recoveredAt reports the value of a panic that was recovered at p to any client.
func recoveredAt(ctx context.Context, client EnqueueClient, value any, p *place, opts []ExceptionOption) error {
	switch c := client.(type) {
	case nil:
		return nil
	case *ServerClient:
		return c.reportRecovered(ctx, value, p, opts)
	case interface {
		CaptureRecovered(context.Context, any, ...ExceptionOption) error
	}:
		if p != &inRecover {
			opts = slices.Concat([]ExceptionOption{p.option()}, opts)
		}
		return c.CaptureRecovered(ctx, value, opts...)
	}
	if value == nil || aborts(value) {
		return nil
	}
	var trace stack.Trace
	trace.CapturePanic(0, 0)
	if trace.Repanicked() {
		return nil // the library let it go on, and reported it then
	}
	return send(ctx, client, value, &trace, p, opts)
}

// reportRecovered reports the value of a panic, on the stack of the panic.
func (c *ServerClient) reportRecovered(ctx context.Context, value any, p *place, opts []ExceptionOption) error {
	_, err := c.recovered(ctx, value, p, opts)
	return err
}

// recovered reports the value of a panic, and says whether an event of it is on
// its way. The application sees its own panic, whatever happens here.
func (c *ServerClient) recovered(ctx context.Context, value any, p *place, opts []ExceptionOption) (sent bool, err error) {
	if c.inert() || value == nil || aborts(value) {
		return false, nil
	}
	defer func() {
		if trouble := recover(); trouble != nil {
			c.notices.Report(notice.Error, "capture panicked", "posthog: the report of a panic panicked: %v", trouble)
		}
	}()
	var trace stack.Trace
	trace.CapturePanic(0, c.config.ErrorTracking.MaxFrames)
	if trace.Repanicked() {
		return true, nil // the library let it go on, and reported it then
	}
	return c.captured(ctx, value, &trace, p, opts)
}

// dies reports a panic that is likely to end the program, and gives that and what
// is queued two seconds.
func (c *ServerClient) dies(ctx context.Context, value any, p *place, opts []ExceptionOption) {
	if c.inert() || aborts(value) {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), panicFlushTimeout)
	defer cancel()
	_ = c.reportRecovered(ctx, value, p, opts) // counted and logged
	_ = c.Flush(ctx)
	if c.crashes != nil {
		c.crashes.wait(ctx) // or the file does not say that it was sent, and it would be sent again
	}
}

// aborts reports whether a panic is the way in which handlers end a request.
func aborts(value any) bool {
	return value == http.ErrAbortHandler //nolint:errorlint // net/http knows it by its identity, too
}
