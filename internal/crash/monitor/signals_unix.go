//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package monitor

import (
	"os"
	"strconv"
	"syscall"
)

// Forwarded are the signals that a supervisor passes on to its child: all that anybody sends to a process to tell it
// something. Not among them are those that cannot be caught, those that a thread causes itself, those of job control
// from the terminal, which the child has as well, and what the runtime and the kernel use for themselves.
func Forwarded() []os.Signal {
	return []os.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGTERM,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGCONT,
	}
}

// Echoes reports whether a Go program can die of the signal that its child died of, so that whoever waits for it sees the
// same. At others the runtime writes its stacks, or does nothing.
func Echoes(s syscall.Signal) bool {
	switch s {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}

var names = map[syscall.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGILL: "SIGILL",
	syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
	syscall.SIGKILL: "SIGKILL", syscall.SIGUSR1: "SIGUSR1", syscall.SIGSEGV: "SIGSEGV", syscall.SIGUSR2: "SIGUSR2",
	syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM", syscall.SIGTERM: "SIGTERM", syscall.SIGXCPU: "SIGXCPU",
	syscall.SIGXFSZ: "SIGXFSZ", syscall.SIGSYS: "SIGSYS",
}

// Name is the name of a signal as in "SIGTERM".
func Name(s syscall.Signal) string {
	if name, known := names[s]; known {
		return name
	}
	return "signal " + strconv.Itoa(int(s))
}
