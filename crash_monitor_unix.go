//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// startMonitorProcess starts the program as a monitor, in a session of its own, so
// that what ends the process group, or the terminal, does not end it. It returns
// the pipe to its standard input. The guard, which may be nil, keeps the crash file
// from those who sweep as long as the monitor lives.
func startMonitorProcess(guard *os.File) (*os.File, *os.Process, error) {
	program, err := ownProgram()
	if err != nil {
		return nil, nil, err
	}
	nothing, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = nothing.Close() }() // the child has it
	if guard == nil {
		guard = nothing
	}
	in, out, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = in.Close() }() // the child has it
	process, err := os.StartProcess(program, []string{os.Args[0], monitorArgument}, &os.ProcAttr{
		Env:   markedEnvironment(monitorEnv, "1"),
		Files: []*os.File{in, nothing, nothing, guardFile: guard},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		_ = out.Close() // nothing was written
		return nil, nil, err
	}
	return out, process, nil
}

// ownProgram is a path of the running binary: the one that it has, unless another
// file has that now.
func ownProgram() (string, error) {
	const running = "/proc/self/exe"
	path, err := os.Executable()
	if self, e := os.Stat(running); e == nil && !isFile(path, self) {
		return running, nil
	}
	return path, err
}

func isFile(path string, info os.FileInfo) bool {
	named, err := os.Stat(path)
	return err == nil && os.SameFile(named, info)
}

// outliveGroup ignores what is sent to everybody, such as by the manager of a
// service that is stopped: a monitor ends when the process does that it watches.
func outliveGroup() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
}

func claimCrashFile(path string, guard *os.File, patience time.Duration) (*file.Left, error) {
	return monitor.Claim(path, guard, patience)
}
