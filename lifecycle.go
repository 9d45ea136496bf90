package posthog

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/hedgerow/posthog/internal/notice"
)

// Flush sends what is queued, and returns when every event that was accepted
// before the call has its [Outcome], on each [Lane], retries included. It waits
// until ctx ends or, if ctx has no deadline, for [Config.FlushTimeout]; then it
// returns an [*UndeliveredError] with the number of events that are left. Those
// stay queued, and nothing is lost by calling Flush.
//
// A lost event is no error of Flush: see [Config.Callback], [Config.OnError],
// [ServerClient.Submit] and [ServerClient.Stats] for those. Events accepted
// while it waits are not waited for, nor are those of a Send that goes on. It
// does not shorten the wait before a retry. After Close it returns [ErrClosed].
func (c *ServerClient) Flush(ctx context.Context) error {
	if c.inert() || c.keyless {
		return nil
	}
	if c.ended() {
		return ErrClosed
	}
	ctx, cancel := withLimit(ctx, c.config.FlushTimeout)
	defer cancel()
	if left, err := c.flush(ctx); err != nil {
		return &UndeliveredError{Call: "flush", Events: left, Err: err}
	}
	return nil
}

// flush flushes every lane that there is, and returns how many events are left
// and why.
func (c *ServerClient) flush(ctx context.Context) (left int, err error) {
	ai := c.ai.made.Load()
	if ai == nil {
		return c.main.flush(ctx)
	}
	var aiLeft int
	var aiErr error
	var flushing sync.WaitGroup
	flushing.Go(func() { aiLeft, aiErr = ai.flush(ctx) })
	left, err = c.main.flush(ctx)
	flushing.Wait()
	return left + aiLeft, cmp.Or(err, aiErr)
}

// Close is CloseWithContext with a deadline after [Config.ShutdownTimeout].
func (c *ServerClient) Close() error {
	if c.inert() {
		return nil
	}
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if c.config.ShutdownTimeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, c.config.ShutdownTimeout)
	}
	defer cancel()
	return c.CloseWithContext(ctx)
}

// CloseWithContext ends the client: new events are refused with [ErrClosed],
// what is queued is delivered, batches that wait for a retry get theirs, no
// flag definitions are loaded any more, and every goroutine of the client ends.
// When ctx ends first, requests are
// canceled, and the events that are left stay in the spool, or, without one,
// are counted as [OutcomeShutdown] or [OutcomeUnconfirmed]; the error is an
// [*UndeliveredError] with their number.
//
// It may be called from a callback, concurrently and repeatedly: every call
// returns the result of the first, or the error of its own ctx if that ends
// before. Without an API key it returns [ErrSDKDisabled].
func (c *ServerClient) CloseWithContext(ctx context.Context) error {
	if c.inert() {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if c.closing.CompareAndSwap(false, true) {
		if c.tenant != nil {
			var joined func()
			ctx, joined = c.tenant.close(ctx, c)
			defer joined()
		}
		defer close(c.closed)
		c.closeErr = c.close(ctx)
		return c.closeErr
	}
	if c.ended() {
		return c.closeErr
	}
	select {
	case <-c.closed:
		return c.closeErr
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// errLastChance is why a Close that returns before its deadline leaves events.
var errLastChance = fmt.Errorf("the last attempts failed, and no other fits before the deadline: %w", context.DeadlineExceeded)

func (c *ServerClient) close(ctx context.Context) error {
	var flags sync.WaitGroup
	flags.Go(func() {
		ctx, cancel := withFlagGrace(ctx)
		defer cancel()
		c.closeFlags(ctx)
	})
	panicking := c.crashes != nil && closedByPanic()
	left, spooled := c.closeLanes(ctx)
	flags.Wait()
	c.closeCrashes(ctx, panicking, left > spooled)
	c.closeTracking(ctx)
	if c.tenant == nil {
		defer c.notices.Flush()
	}
	if c.keyless {
		return ErrSDKDisabled
	}
	err := undelivered(ctx, left, spooled)
	reportLeft(c.notices, err, left == spooled)
	return err
}

// undelivered returns the error of a Close that leaves events, or nil if it
// leaves none.
func undelivered(ctx context.Context, left, spooled int) error {
	if left == 0 {
		return nil
	}
	cause := context.Cause(ctx)
	if cause == nil {
		cause = errLastChance
	}
	return &UndeliveredError{Call: "close", Events: left, Spooled: spooled, Err: cause}
}

// reportLeft reports that error. Nothing is lost if all is in the spool.
func reportLeft(notices *notice.Board, err error, allSpooled bool) {
	if err == nil {
		return
	}
	level := notice.Error
	if allSpooled {
		level = notice.Warn
	}
	notices.Report(level, "events left at close", "%v", err)
}

// closeLanes closes every lane that there is, all at the same time.
func (c *ServerClient) closeLanes(ctx context.Context) (left, spooled int) {
	ai := c.closeAI(ctx)
	if ai == nil {
		return c.main.close(ctx)
	}
	var aiLeft, aiSpooled int
	var closing sync.WaitGroup
	closing.Go(func() { aiLeft, aiSpooled = ai.close(ctx) })
	left, spooled = c.main.close(ctx)
	closing.Wait()
	return left + aiLeft, spooled + aiSpooled
}

// ended reports whether the client was closed.
func (c *ServerClient) ended() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// OptOut makes the client discard every event from now on. Events that were
// accepted before are delivered.
func (c *ServerClient) OptOut() {
	if c == nil {
		return
	}
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	c.optedOut.Store(true)
}

// OptIn ends what OptOut began.
func (c *ServerClient) OptIn() {
	if c != nil {
		c.optedOut.Store(false)
	}
}

// OptedOut reports whether the client discards every event because of OptOut.
func (c *ServerClient) OptedOut() bool { return c != nil && c.optedOut.Load() }
