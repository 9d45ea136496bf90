package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/notice"
)

// tendInterval is the least time between two looks at the client's crash file.
const tendInterval = time.Minute

// look has the crash file tended if that was not done for long. A timer that is
// always there would do it as well, but the runtime, which tells a deadlock by
// that nothing is ever going to happen, would miss every one.
func (x *crashes) look(now time.Time) {
	last := x.looked.Load()
	if now.UnixNano()-last >= int64(tendInterval) && x.looked.CompareAndSwap(last, now.UnixNano()) {
		x.later(x.tend)
	}
}

// tend gives everything another try that could not be had: a crash file, room on
// the disk behind it, the runtime's crash output, steps, and a look at what was
// left. A disk that was full, or a process with too many open files, when the
// client was made, is no reason to go without for as long as the process lives. Nor
// is somebody who removes old files. Whoever watches the process needs none of it but
// the steps.
func (x *crashes) tend() {
	x.mu.Lock()
	ended := x.ended
	x.mu.Unlock()
	if ended {
		return
	}
	defer x.tendLater()
	if x.watcher == nil {
		x.mend()
	} else if own := x.own.Load(); own != nil && x.stepless() {
		_ = x.openSteps(own) // it has been said
	}
	if x.unswept {
		x.sweep()
	}
}

// tendLater has tend called again, if something is missing. It makes the timer only
// then: one that was stopped may stay with the runtime for as long as it was to take.
func (x *crashes) tendLater() {
	own := x.own.Load()
	missing := x.unswept || own != nil && x.stepless() || x.watcher == nil && (own == nil || !crashOutput.knows(x))
	switch {
	case !missing:
	case x.tending == nil:
		x.tending = time.AfterFunc(tendInterval, func() { x.later(x.tend) })
	default:
		x.tending.Reset(tendInterval)
	}
}

// stepless reports whether the file of steps is missing.
func (x *crashes) stepless() bool {
	return x.steps.Load() == nil && !x.client.config.Crash.DisableSteps
}

// mend makes what is missing of the crash file, and says so.
func (x *crashes) mend() {
	dir, notices := x.client.config.Crash.Dir, x.client.notices
	own := x.own.Load()
	lost := own != nil && own.Lost()
	if lost {
		notices.Report(notice.Warn, "crash file lost", "posthog: the crash file in %s was removed while it was in use, with all that was in it, and another one is made", dir)
	}
	if own == nil || lost {
		made, err := x.create() // nil with an error, of which has been said that there is none, or was lost
		x.replace(own, made)
		if err != nil {
			return
		}
		own = made
		notices.Report(notice.Warn, "crash file back", "posthog: there is a crash file in %s again", dir)
	}
	own.Reserve()
	if !crashOutput.knows(x) {
		_ = x.claimOutput(own) // it has been said
	}
	if x.steps.Load() == nil {
		_ = x.openSteps(own) // the same
	}
}

// replace makes a crash file the client's own, nil if there is none, and lets go of
// that which it had before, if somebody removed that one, with everything in it.
func (x *crashes) replace(lost, made *file.File) {
	x.mu.Lock()
	x.own.Store(made) // first, because who cannot write to the other one any more looks for it
	x.fatal = fatalRecords{open: x.fatal.open}
	x.mu.Unlock()
	if lost == nil {
		return
	}
	x.steps.Store(nil)
	// Before it is closed, because whoever gives the crash output to x may have it in hand.
	crashOutput.release(x)
	_ = lost.Record([]byte(closedRecord)) // it may be elsewhere now
	lost.Leave()
}
