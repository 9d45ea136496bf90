package stack

import "runtime"

const (
	// Depth is how many calls a [Trace] holds, and so the largest [Options.MaxFrames] that has an effect.
	Depth = 256
	// DefaultFrames is the number of frames that a stack has at most if nothing else is asked for.
	DefaultFrames = 64

	// slack is how many calls are captured beyond the wanted ones, for those that are left out later: the library's
	// own, and the runtime's.
	slack = 16
)

// A Trace is the stack of a goroutine at one moment, as program counters. The zero value is empty and ready; a Trace
// may be used again and copied. It is not safe for concurrent use.
type Trace struct {
	pcs      [Depth]uintptr // return addresses, innermost first
	n        int
	panicked bool
}

// Capture replaces the contents by the stack of the calling goroutine, from the caller on, or from further out: skip
// is how many calls to leave out. It takes what a stack of up to frames calls needs, [DefaultFrames] if frames is
// not positive. It allocates nothing.
func (t *Trace) Capture(skip, frames int) {
	t.n = runtime.Callers(skip+2, t.pcs[:wanted(frames)])
	t.panicked = false
}

// wanted is how many calls are captured for a stack of up to frames.
func wanted(frames int) int {
	if frames <= 0 {
		frames = DefaultFrames
	}
	return min(frames+slack, Depth)
}

// CapturePanic is Capture for a deferred function that recovered a panic: the stack then ends at the call that
// panicked, and what ran since then is left out.
func (t *Trace) CapturePanic(skip, frames int) {
	t.Capture(skip+1, frames)
	t.panicked = true
}

// Empty says whether nothing was captured.
func (t *Trace) Empty() bool { return t.n == 0 }

// sincePanic leaves out what a panic called: the deferred functions, and the runtime's way to the panic. Where the
// library passed a panic on, the stack of the first one counts.
func sincePanic(calls []*place) []*place {
	for rest := calls; ; {
		at := 0
		for at < len(rest) && !rest[at].panics {
			at++
		}
		if at == len(rest) {
			return calls
		}
		rest = rest[at+1:]
		for len(rest) > 0 && rest[0].ofRuntime {
			rest = rest[1:]
		}
		calls = rest
		if len(rest) == 0 || !rest[0].ofLibrary {
			return calls
		}
	}
}

// withoutLibrary leaves out the library's calls at the inner end of a stack, and the runtime's at the outer one. If
// nothing else is there, it keeps everything.
func withoutLibrary(calls []*place) []*place {
	rest := calls
	for len(rest) > 0 && rest[0].ofLibrary {
		rest = rest[1:]
	}
	for len(rest) > 0 && rest[len(rest)-1].startsGoroutine {
		rest = rest[:len(rest)-1]
	}
	if len(rest) == 0 {
		return calls
	}
	return rest
}
