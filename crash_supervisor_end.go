//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"fmt"
	"syscall"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// end returns what is known of a child that ended without a word, nil if that is
// not to be told.
func (s *supervised) end(words *monitor.Words, status syscall.WaitStatus, abrupt bool) *processEnd {
	shot := status.Signaled() && status.Signal() == syscall.SIGKILL
	starved, known := s.memory.killed()
	if shot && starved {
		return outOfMemory()
	}
	failed := status.Signaled() || status.ExitStatus() != 0
	if !abrupt || words.Closed || !failed && words.Hello == nil {
		return nil
	}
	switch {
	case !status.Signaled():
		return exited(status.ExitStatus())
	case shot:
		return killed(known)
	default:
		return endedBy(monitor.Name(status.Signal()))
	}
}

// outOfMemory is the end of a process that the kernel killed.
func outOfMemory() *processEnd {
	return &processEnd{
		Type: "process.oom_kill", Value: "the kernel killed the process (SIGKILL) for want of memory",
		Level: LevelFatal, Signal: "SIGKILL", Always: true,
	}
}

// killed is the end of a process that somebody killed. Counted says whether it is
// known that the kernel did not.
func killed(counted bool) *processEnd {
	end := &processEnd{
		Type: "process.killed", Value: "somebody killed the process (SIGKILL), which it cannot know before",
		Level: LevelFatal, Signal: "SIGKILL",
	}
	if !counted {
		end.Value = "somebody killed the process (SIGKILL), or the kernel did for want of memory, which nobody here can tell"
	}
	return end
}

// endedBy is the end of a process by a signal that it did nothing about.
func endedBy(signal string) *processEnd {
	return &processEnd{
		Type: "process.abrupt_exit", Value: "the process ended without Close and without a word, by " + signal,
		Level: LevelError, Signal: signal,
	}
}

// exited is the end of a process that ended itself.
func exited(code int) *processEnd {
	return &processEnd{
		Type: "process.abrupt_exit", Value: fmt.Sprintf("the process ended without Close and without a word, with exit code %d", code),
		Level: LevelError, Code: &code,
	}
}
