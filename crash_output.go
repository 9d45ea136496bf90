package posthog

import (
	"os"
	"runtime"
	"runtime/debug"
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
	kept   *file.File // of a client that a panic closed; referred to, so that its lock lasts
}

// claim makes output the crash output, unless it is that of another client. It
// reports whether it did.
func (s *outputSlot) claim(x *crashes, output *os.File) (claimed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != nil {
		return false, nil
	}
	if err := debug.SetCrashOutput(output, debug.CrashOptions{}); err != nil {
		return false, err
	}
	s.holder, s.kept = x, nil
	return true, nil
}

// release ends the crash output, if x has it.
func (s *outputSlot) release(x *crashes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == x {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{}) // it only closes a file
		s.holder = nil
	}
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

// closedByPanic reports whether a deferred function calls its caller, or the
// caller of that, because the goroutine panics. A deferred Close runs before
// the runtime has written anything.
func closedByPanic() bool {
	const nearby = 16 // calls between the panic and what looks for it
	var pcs [nearby]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
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
