package posthog

import (
	"os"
	"syscall"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// adoptOrphans makes this process the one that orphans among its descendants come
// to, as those of process 1 do anyway, so that they are collected.
func adoptOrphans() {
	const childSubreaper = 36 // PR_SET_CHILD_SUBREAPER
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, childSubreaper, 1, 0)
}

// foregroundTerminal returns the terminal in whose foreground this process runs,
// nil if there is none.
func foregroundTerminal() *os.File {
	if !monitor.Foreground(os.DirFS("/")) {
		return nil
	}
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	return terminal
}

// enterForeground puts the process group of this process into the foreground of the
// terminal. Only a process that blocks SIGTTOU can do that from the background, as
// package syscall has it in a child that it starts. There is no program to start, so
// that child has ended when this returns.
func enterForeground(terminal *os.File) {
	_, _, _ = syscall.StartProcess("", []string{""}, &syscall.ProcAttr{
		Sys: &syscall.SysProcAttr{Foreground: true, Ctty: int(terminal.Fd()), Pgid: syscall.Getpgrp()},
	})
}
