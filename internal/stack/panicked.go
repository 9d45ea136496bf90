package stack

import (
	"runtime"
	"slices"
)

// Repanicked says whether the panic at which the stack was captured was one that the library passed on.
func (t *Trace) Repanicked() bool {
	panicked := false
	for frames := runtime.CallersFrames(slices.Clone(t.pcs[:t.n])); ; { // as in lookUp, but only as far as it is needed
		frame, more := frames.Next()
		if panicked && frame.Function != "" {
			return ofLibrary(packageOf(frame.Function))
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
		if !more {
			return false
		}
	}
}

// From leaves out what was called by the call that returns to pc, such as the code of a logger. If pc is not on the
// stack, because the record was made elsewhere, the stack is that call alone. It returns how many calls it left out,
// -1 if it did not find the one to begin with.
func (t *Trace) From(pc uintptr) int {
	if pc == 0 {
		return -1
	}
	for i, at := range t.pcs[:t.n] {
		if at == pc {
			t.n = copy(t.pcs[:], t.pcs[i:t.n])
			return i
		}
	}
	t.pcs[0], t.n = pc, 1
	return -1
}

// Panicked returns the return addresses of the calls that led to the panic at which the stack was captured, innermost
// first. It is nil if there was none.
func (t *Trace) Panicked() []uintptr {
	for i, pc := range t.pcs[:t.n] {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Name() == "runtime.gopanic" {
			return slices.Clone(t.pcs[i+1 : t.n])
		}
	}
	return nil
}
