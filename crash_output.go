package posthog

import (
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// crashOutput is the runtime's crash output. It is a global because the
// runtime has one for all of the process, and does not say who has it: what
// clients know of each other has to be somewhere.
var crashOutput outputSlot

// outputSlot says whose file the crash output is.
type outputSlot struct {
	mu     sync.Mutex // guards what follows, and setting the crash output
	holder *crashes   // nil if it is to be had
	next   []*crashes // those that wait for it, the first to have asked first
	kept   *file.File // of a client that a panic closed; referred to, so that its lock lasts

	supervisor *os.File // the pipe to it, which is the crash output that nobody holds; nil without one
}

// claim makes output the crash output, unless it is that of another client: then
// x has it when its turn comes. It reports whether it did.
func (s *outputSlot) claim(x *crashes, output *os.File) (claimed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != nil && s.holder != x {
		if !slices.Contains(s.next, x) {
			s.next = append(s.next, x)
		}
		return false, nil
	}
	if err := debug.SetCrashOutput(output, debug.CrashOptions{}); err != nil {
		return false, err
	}
	s.holder, s.kept = x, nil
	return true, nil
}

// knows reports whether x has the crash output, or waits for it.
func (s *outputSlot) knows(x *crashes) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holder == x || slices.Contains(s.next, x)
}

// release ends the crash output, if x has it, or gives it to the next client.
func (s *outputSlot) release(x *crashes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = slices.DeleteFunc(s.next, func(other *crashes) bool { return other == x })
	if s.holder != x {
		return
	}
	for s.holder = nil; len(s.next) > 0; {
		other := s.next[0]
		s.next = slices.Delete(s.next, 0, 1)
		own := other.own.Load() // nil if it is ending
		if own != nil && debug.SetCrashOutput(own.Output(), debug.CrashOptions{}) == nil {
			s.holder = other
			other.later(other.watchNext)
			return
		}
		other.later(other.tendLater)
	}
	_ = debug.SetCrashOutput(s.supervisor, debug.CrashOptions{}) // it only closes a file
}

// leave lets the crash output of x be what it is, because the process is about to
// write there, and reports whether x has it. Another client may take it.
func (s *outputSlot) leave(x *crashes, own *file.File) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != x {
		return false
	}
	s.holder, s.kept = nil, own
	return true
}

// closedByPanic reports whether a deferred function called what calls it, because
// the goroutine panics. A deferred Close runs before the runtime has written
// anything. It cannot tell a panic that the function has recovered: then the file
// stays, with nothing to tell, until the next start.
func closedByPanic() bool {
	const nearby = 128 // calls between the panic and what looks for it
	var pcs [nearby]uintptr
	return inPanic(pcs[:runtime.Callers(2, pcs[:])])
}

// somebodyPanics reports whether a goroutine panics, and has come no further than
// its deferred functions: one of them may wait for another goroutine to close the
// client. One that is about to be recovered looks the same, and one that has made
// some thirty calls since is missed. With very many goroutines nobody looks, for it
// takes microseconds for each, and Close may be late already.
func somebodyPanics() bool {
	const most = 5000
	n := runtime.NumGoroutine()
	if n > most {
		return false
	}
	stacks := make([]runtime.StackRecord, n+n/10+10) // some may come meanwhile
	n, ok := runtime.GoroutineProfile(stacks)
	if !ok {
		return false
	}
	calls := make(map[uintptr]struct{}) // goroutines have most of them in common
	for i := range stacks[:n] {
		for _, pc := range stacks[i].Stack() {
			calls[pc] = struct{}{}
		}
	}
	return inPanic(slices.Collect(maps.Keys(calls)))
}

// inPanic reports whether one of the calls, given by their return addresses, is
// that of a panic that runs deferred functions.
func inPanic(pcs []uintptr) bool {
	frames := runtime.CallersFrames(pcs)
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.gopanic" {
			return true
		}
		if !more {
			return false
		}
	}
}
