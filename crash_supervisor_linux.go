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
