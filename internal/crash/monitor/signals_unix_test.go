//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package monitor_test

import (
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

func TestSignalsThatArePassedOn(t *testing.T) {
	t.Parallel()
	for s, want := range map[syscall.Signal]bool{
		syscall.SIGTERM: true, syscall.SIGINT: true, syscall.SIGHUP: true, syscall.SIGQUIT: true, syscall.SIGUSR1: true,
		syscall.SIGKILL: false, syscall.SIGSTOP: false, // which nobody can catch
		syscall.SIGSEGV: false, syscall.SIGBUS: false, syscall.SIGFPE: false, // which a thread causes itself
		syscall.SIGCHLD: false, syscall.SIGURG: false, syscall.SIGPIPE: false, // which are about the supervisor
		syscall.SIGTSTP: false, syscall.SIGTTIN: false, syscall.SIGTTOU: false, // which the child has as well
	} {
		if got := slices.Contains(monitor.Forwarded(), os.Signal(s)); got != want {
			t.Errorf("%s is passed on: %t, want %t", s, got, want)
		}
	}
}

func TestNamesOfSignals(t *testing.T) {
	t.Parallel()
	for s, want := range map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGKILL: "SIGKILL", 63: "signal 63"} {
		if got := monitor.Name(s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSignalsToDieOf(t *testing.T) {
	t.Parallel()
	for s, want := range map[syscall.Signal]bool{syscall.SIGTERM: true, syscall.SIGKILL: true, syscall.SIGABRT: false, syscall.SIGUSR1: false} {
		if got := monitor.Echoes(s); got != want {
			t.Errorf("got %t for %s, want %t", got, s, want)
		}
	}
}
