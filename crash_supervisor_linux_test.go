package posthog_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// openTerminal returns the two sides of a terminal of its own.
func openTerminal(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	raw, err := user.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var locked, number int32
	var failed syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, unlock := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCSPTLCK, reflect.ValueOf(&locked).Pointer())
		_, _, name := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCGPTN, reflect.ValueOf(&number).Pointer())
		failed = max(unlock, name)
	}); err != nil || failed != 0 {
		t.Fatalf("prepare a terminal: %v, %v", err, failed)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// A script that goes on after the program has its terminal as before: a process
// that is not in the foreground cannot read from it, and Ctrl-C does not reach it.
func TestASupervisorGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	binary, err := watchedProgram()
	if err != nil {
		t.Fatalf("build testdata/monitor: %v", err)
	}
	for name, supervise := range map[string]bool{"alone": false, "supervised": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			orders, err := json.Marshal(watchedOrders{Host: "http://127.0.0.1:9", Dir: t.TempDir(), End: "Close", Supervise: supervise})
			if err != nil {
				t.Fatal(err)
			}
			user, program := openTerminal(t)
			script := exec.CommandContext(t.Context(), "sh", "-c", `"$0" "$1"; read answer; echo "the script read $answer"`, binary, string(orders))
			script.Stdin, script.Stdout, script.Stderr = program, program, program
			script.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := script.Start(); err != nil {
				t.Fatal(err)
			}
			if err := program.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := user.WriteString("yes\n"); err != nil {
				t.Fatal(err)
			}
			if err := user.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(user) // it fails when nobody has the other side
			if err := script.Wait(); err != nil || !strings.Contains(string(said), "the script read yes") {
				t.Errorf("the terminal has %q, and the script ended with %v, want its answer read", said, err)
			}
		})
	}
}
