package stack

import "runtime"

// Within says whether one of the functions that begin at these addresses is among the calls. A function that the
// compiler inlined is not found.
func (t *Trace) Within(entries []uintptr) bool {
	for _, pc := range t.pcs[:t.n] {
		for _, entry := range entries {
			if pc > entry && pc-entry < longest && beginsAt(pc, entry) {
				return true
			}
		}
	}
	return false
}

// longest is more code than a function has that somebody wrote, in bytes. It spares a look at most calls.
const longest = 1 << 16

// beginsAt says whether the call that returns to pc is in the function that begins at entry.
func beginsAt(pc, entry uintptr) bool {
	f := runtime.FuncForPC(pc - 1)
	return f != nil && f.Entry() == entry
}

// Drop leaves out n more calls, the innermost first. The outermost one stays.
func (t *Trace) Drop(n int) {
	if n = min(n, t.n-1); n > 0 {
		t.n = copy(t.pcs[:], t.pcs[n:t.n])
	}
}

// Keep leaves out the outermost calls that [Trace.Capture] would not have taken for a stack of up to frames calls.
func (t *Trace) Keep(frames int) { t.n = min(t.n, wanted(frames)) }
