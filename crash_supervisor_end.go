//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"fmt"
	"syscall"

	"github.com/hedgerow/posthog/internal/crash/monitor"
	"github.com/hedgerow/posthog/internal/stack"
)

// end returns what is known of a child that ended without a word, nil if that is
// not to be told.
func (s *supervised) end(words *monitor.Words, status syscall.WaitStatus, abrupt bool) *processEnd {
	if status.Signaled() && status.Signal() == syscall.SIGKILL {
		if kills, known := s.count(); known && s.counted && kills > s.kills {
			return outOfMemory()
		}
	}
	failed := status.Signaled() || status.ExitStatus() != 0
	if !abrupt || words.Closed || !failed && words.Hello == nil {
		return nil
	}
	switch {
	case !status.Signaled():
		return exited(status.ExitStatus())
	case status.Signal() == syscall.SIGKILL:
		return killed()
	default:
		return endedBy(monitor.Name(status.Signal()))
	}
}

// outOfMemory is the end of a process that the kernel killed.
func outOfMemory() *processEnd {
	end := silentEnd("process.oom_kill", "the kernel killed the process (SIGKILL), for want of memory in its control group", LevelFatal)
	end.properties["crash_signal"] = "SIGKILL"
	end.always = true
	return end
}

// killed is the end of a process that somebody killed.
func killed() *processEnd {
	end := silentEnd("process.killed", "somebody killed the process (SIGKILL), which it cannot know before", LevelFatal)
	end.properties["crash_signal"] = "SIGKILL"
	return end
}

// endedBy is the end of a process by a signal that it did nothing about.
func endedBy(signal string) *processEnd {
	end := silentEnd("process.abrupt_exit", "the process ended without Close and without a word, by "+signal, LevelError)
	end.properties["crash_signal"] = signal
	return end
}

// exited is the end of a process that ended itself.
func exited(code int) *processEnd {
	end := silentEnd("process.abrupt_exit", fmt.Sprintf("the process ended without Close and without a word, with exit code %d", code), LevelError)
	end.properties["crash_exit_code"] = code
	return end
}

// silentEnd is an end that the runtime says nothing about.
func silentEnd(title, text string, level Level) *processEnd {
	return &processEnd{
		exception: stack.Exception{
			Type: title, Value: text,
			Mechanism: stack.Mechanism{Type: "crash_reporter", Handled: new(false), Synthetic: new(true)},
		},
		level:      level,
		properties: Properties{},
	}
}
