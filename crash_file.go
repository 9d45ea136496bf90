package posthog

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/notice"
)

const (
	// crashPatience is how long NewWithConfig waits for the disk of crash files,
	// and for PostHog.
	crashPatience = time.Second
	// earlyDeath is the age at which a process may be dead before it has sent
	// anything.
	earlyDeath = 10 * time.Second
	// crashGrace is how long Close does when its deadline has passed.
	crashGrace = 10 * time.Millisecond
)

// crashes is what a client has to do with crash files: its own, and those that
// dead processes left. All that waits for the disk is done by one goroutine, one
// thing after the other; it lives while there is something to do. Only fatal
// exceptions are written by goroutines of their own, one at a time.
type crashes struct {
	client *ServerClient
	began  time.Time                 // when the client was made
	own    atomic.Pointer[file.File] // nil until it is made, if it cannot be, and once the client is closed
	steps  atomic.Pointer[ring.Ring] // the same, of the steps

	lefts   map[*leftBehind]struct{} // the goroutine's: files with events that have no verdict
	head    file.Header              // the goroutine's: that of own
	watcher *crashWatch              // the goroutine's: who reports the end of this process at once, nil if nobody does
	unswept bool                     // the goroutine's: too many open files kept it from looking at all of those that were left
	tending *time.Timer              // the goroutine's: until what is missing is tried again, nil if nothing ever was
	looked  atomic.Int64             // when tend was asked for, in Unix nanoseconds

	recording chan struct{} // capacity 1; holds a value while something is written to own, the wait for the disk included
	slow      atomic.Bool   // somebody waited in vain for recording, or for the disk, and nothing was written since

	mu      sync.Mutex    // guards what follows; never held while the disk is waited for
	work    []func()      // in order
	working bool          // the goroutine is there
	idle    chan struct{} // closed when it is gone
	ended   bool          // nothing is done any more
	fatal   fatalRecords
}

// startCrashes makes the client's crash file, and queues what dead processes
// left in theirs. If one of them died soon after it began, it waits for the
// verdict: this process may fare no better, and its crashes would never arrive. What
// does not answer goes on without the caller.
func (c *ServerClient) startCrashes() {
	if !c.keepsCrashes() {
		return
	}
	x := &crashes{client: c, began: time.Now(), lefts: make(map[*leftBehind]struct{}), recording: make(chan struct{}, 1)}
	c.crashes = x
	ready := make(chan struct{}) // closed when the crashes are queued
	soon := false                // set before
	x.looked.Store(x.began.UnixNano())
	x.later(func() {
		defer close(ready)
		defer x.tendLater()
		x.open()
		soon = x.sweep()
	})
	ctx, cancel := context.WithTimeout(context.Background(), crashPatience)
	defer cancel()
	select {
	case <-ready:
		if soon {
			_, _ = c.main.flush(ctx) // what has no verdict by then stays in its file
			x.wait(ctx)              // or it would be sent again
		}
	case <-ctx.Done():
		c.notices.Report(notice.Warn, "crash files slow",
			"posthog: the crash files in %s take longer than a second, because the disk does not answer, or a hook, so crashes are reported later", c.config.Crash.Dir)
	}
}

// open makes the crash file of this process, and has the runtime write to it.
// What it cannot have, tend tries again.
func (x *crashes) open() {
	c := x.client
	own, err := x.create()
	if err != nil {
		c.notices.Report(notice.Warn, "no crash file",
			"posthog: there is no crash file in %s, so the end of this process will not be reported by the next start, unless one can be made later: %v", c.config.Crash.Dir, err)
		x.watchWithoutFile()
		return
	}
	x.own.Store(own)
	if err := x.claimOutput(own); err != nil {
		c.notices.Report(notice.Warn, "no crash output",
			"posthog: the runtime does not take a crash file, so panics that nobody recovers will not be reported, unless it takes one later: %v", err)
	}
	if err := x.openSteps(own); err != nil {
		c.notices.Report(notice.Warn, "no steps", "posthog: there is no file for steps, so crashes are reported without them, unless one can be made later: %v", err)
	}
}

// create makes a crash file of this process.
func (x *crashes) create() (*file.File, error) {
	c := x.client
	now := time.Now()
	x.head = c.crashHeader(x.began)
	own, err := file.Create(c.config.Crash.Dir, x.head, now)
	if errors.Is(err, file.ErrTooLarge) {
		c.notices.Report(notice.Warn, "crash header too large",
			"posthog: the properties of every event do not fit into a crash file, so crashes are reported without them")
		x.head.Props = nil
		own, err = file.Create(c.config.Crash.Dir, x.head, now)
	}
	return own, err
}

// claimOutput has the runtime write to the crash file of this process, or to
// whoever watches it, unless another client has the crash output.
func (x *crashes) claimOutput(own *file.File) error {
	claimed, err := crashOutput.claim(x, own.Output())
	switch {
	case err != nil:
		return err
	case claimed:
		x.watch(own)
	default:
		_ = own.Record([]byte(closedRecord)) // or the end of the process would be told by both
		x.client.notices.Report(notice.Warn, "no crash output",
			"posthog: another client of this process has the runtime's crash output; until that one is closed, the crash file of this one is for fatal exceptions alone")
	}
	return nil
}

// openSteps makes the file of steps, if there are to be any.
func (x *crashes) openSteps(own *file.File) error {
	if x.client.config.Crash.DisableSteps {
		return nil
	}
	steps, err := own.OpenSteps(ring.DefaultSize)
	if err == nil {
		x.steps.Store(steps)
	}
	return err
}

// closeCrashes ends everything that has to do with crash files: those of others that
// have no verdict stay for the next start. The client's own goes, unless there
// is still something to tell: the process is panicking, or events stay behind
// that only the file has.
func (c *ServerClient) closeCrashes(ctx context.Context, panicking, lost bool) {
	x := c.crashes
	if x == nil {
		return
	}
	panicking = panicking || somebodyPanics() // before, because the grace is the disk's
	x.later(func() { x.end(panicking, lost) })
	if x.wait(ctx) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), crashGrace)
	defer cancel()
	x.wait(ctx)
}

// end is the last that the goroutine does.
func (x *crashes) end(panicking, lost bool) {
	x.mu.Lock()
	x.ended = true
	stays := x.fatal.stays(lost)
	x.mu.Unlock()
	if x.tending != nil {
		x.tending.Stop()
	}
	for left := range x.lefts {
		left.Keep()
	}
	own := x.own.Swap(nil)
	x.steps.Store(nil)
	x.endWatch(panicking)
	if panicking && crashOutput.leave(x, own) {
		if own != nil {
			_ = own.Record([]byte(closedRecord)) // for when somebody recovers after all
			own.EndSteps()
		}
		return
	}
	crashOutput.release(x)
	if own == nil {
		return
	}
	if stays {
		_ = own.Record([]byte(closedRecord)) // the next start need not wait for what this one could not deliver
		own.Leave()
		return
	}
	if err := own.Remove(); err != nil {
		x.client.notices.Report(notice.Warn, "crash file stays", "posthog: the crash file could not be removed: %v", err)
	}
}

// errNoCrashFile is why nothing can be written to it.
var errNoCrashFile = errors.New("posthog: there is no crash file; see Config.Crash.Dir")
