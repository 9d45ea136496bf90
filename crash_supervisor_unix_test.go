//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog_test

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
)

func withSupervisor(o *watchedOrders) { o.Supervise = true }

// A supervisor ends as its child does, and reports what the child cannot.
// Proves EXC-34.
func TestASupervisorEndsAsItsChildDoes(t *testing.T) {
	t.Parallel()
	panicked := &watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}
	abrupt := &watchedEnd{abrupt: true, title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"}
	for name, c := range map[string]struct {
		end    string
		exit   int
		signal syscall.Signal
		alone  bool
		more   bool // it asks for a monitor as well
		abrupt bool // abrupt exits are to be reported
		want   *watchedEnd
	}{
		"Close":                       {end: "Close", abrupt: true},
		"panic":                       {end: "panic", exit: 2, want: panicked},
		"panic, with a monitor":       {end: "panic", exit: 2, more: true, want: panicked},
		"panic without a client":      {end: "goroutine", exit: 2, alone: true, want: &watchedEnd{title: "panic", text: "in a goroutine", mechanism: "panic", level: "fatal"}},
		"panic with a deferred Close": {end: "panic with a deferred Close", exit: 2, want: panicked},
		"panic after Close":           {end: "Close, then panic", exit: 2, want: panicked},
		"concurrent map writes":       {end: "concurrent map writes", exit: 2, want: &watchedEnd{title: "fatal error", text: "concurrent map writes", mechanism: "crash_reporter", level: "fatal"}},
		"CapturePanic":                {end: "CapturePanic", exit: 2, want: &watchedEnd{title: "errors.errorString", text: "gateway down", mechanism: "panic", level: "fatal"}},
		"os.Exit":                     {end: "exit 3", exit: 3},
		"os.Exit, reported":           {end: "exit 3", exit: 3, want: abrupt},
		"os.Exit without a client":    {end: "exit 3", exit: 3, alone: true, want: abrupt},
		"SIGTERM":                     {end: "SIGTERM", signal: syscall.SIGTERM},
		"SIGTERM, reported":           {end: "SIGTERM", signal: syscall.SIGTERM, want: abrupt},
		"kill -9":                     {end: "kill -9", signal: syscall.SIGKILL},
		"kill -9, reported":           {end: "kill -9", signal: syscall.SIGKILL, want: &watchedEnd{abrupt: true, title: "process.killed", mechanism: "crash_reporter", level: "fatal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withSupervisor)
			w.orders.Alone, w.orders.Monitor = c.alone, c.more
			w.orders.Abrupt = c.abrupt || c.want != nil && c.want.abrupt
			state := w.dies(c.end)
			if status := state.Sys().(syscall.WaitStatus); c.signal != 0 && (!status.Signaled() || status.Signal() != c.signal) {
				t.Errorf("the supervisor ended with %s, want %s", state, c.signal)
			} else if c.signal == 0 && state.ExitCode() != c.exit {
				t.Errorf("the supervisor ended with %s, want exit code %d: %s %s", state, c.exit, w.stdout, w.stderr)
			}
			w.wantNoFiles()
			if c.want == nil {
				w.wantNothing()
				return
			}
			e := w.one()
			c.want.check(t, e)
			requireProperties(t, onWire(e), map[string]any{"app_version": "of the dead"})
			if _, told := e.Properties["crash_exit_code"]; told != (c.want == abrupt && c.exit != 0) {
				t.Errorf("got properties %v, want an exit code where there is one and no text", e.Properties)
			}
		})
	}
}

// The next start tells what the supervisor saw, as it would have told it.
func TestASupervisorLeavesWhatItCannotSend(t *testing.T) {
	t.Parallel()
	panicked := watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}
	exited := watchedEnd{title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"}
	for name, c := range map[string]struct {
		end   string
		alone bool
		want  watchedEnd
		code  any
	}{
		"panic with a client":                 {end: "panic", want: panicked},
		"panic before there was a client":     {end: "panic", alone: true, want: panicked},
		"kill -9":                             {end: "kill -9", want: watchedEnd{title: "process.killed", mechanism: "crash_reporter", level: "fatal"}},
		"an exit":                             {end: "exit 3", want: exited, code: json.Number("3")},
		"an exit before there was a client":   {end: "exit 3", alone: true, want: exited, code: json.Number("3")},
		"an exit, and the crash file is gone": {end: "remove crash files and exit 3", want: exited, code: json.Number("3")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withSupervisor)
			w.orders.Alone, w.orders.Abrupt = c.alone, true
			w.orders.ShutdownTimeout = 200e6 // a fifth of a second
			w.isDown(false)
			w.dies(c.end)
			w.wantNothing()
			w.server.ClearFaults()
			w.orders.Abrupt = false // what was to be told was decided by then
			w.restarts()
			e := w.one()
			c.want.check(t, e)
			if code := e.Properties["crash_exit_code"]; code != c.code {
				t.Errorf("got exit code %v, want %v", code, c.code)
			}
			w.wantNoFiles()
		})
	}
}

// The child decides what a signal means, and gets it once, even if it was sent to
// the process group.
func TestASupervisorPassesSignalsOn(t *testing.T) {
	t.Parallel()
	for name, group := range map[string]bool{"to the supervisor": false, "to its process group": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withSupervisor)
			w.start(nil, func(o *watchedOrders) { o.End = "SIGUSR1 and 3" })
			w.hears("listening")
			pid := w.command.Process.Pid
			if group {
				pid = -pid
			}
			if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			if state := w.ended(); state.ExitCode() != 3 {
				t.Errorf("the supervisor ended with %s, want exit code 3", state)
			}
		})
	}
}

// Nothing in the child tells that there is a supervisor, and it has a process group
// of its own, so that what is sent to the group of both comes once.
func TestASupervisedProcessIsAsItWas(t *testing.T) {
	t.Parallel()
	var said [2]string
	for i, change := range []func(*watchedOrders){func(*watchedOrders) {}, withSupervisor} {
		w := watching(t, change)
		w.start([]string{"MONITOR_TEST_OTHER=kept"}, func(o *watchedOrders) { o.End = "tell of the process" }, "one", "two words")
		if _, err := w.stdin.Write([]byte("an input")); err != nil {
			t.Fatal(err)
		}
		if err := w.stdin.Close(); err != nil {
			t.Fatal(err)
		}
		w.ended()
		w.allEnded()
		said[i] = w.stdout.String() + w.stderr.String()
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if want := dir + ` ["one" "two words"] "an input" false kept true` + "\nan error\n"; said[0] != want || said[1] != want {
		t.Errorf("alone the process said\n%s\nand supervised\n%s\nwant\n%s", said[0], said[1], want)
	}
}

// Who sends nothing needs no supervisor.
func TestADisabledClientHasNoSupervisor(t *testing.T) {
	t.Parallel()
	w := watching(t, withSupervisor)
	w.orders.Disabled = true
	if state := w.dies("panic"); state.ExitCode() != 2 || strings.Contains(w.stderr.String(), "supervisor") {
		t.Errorf("the process ended with %s: %s", state, w.stderr)
	}
	w.wantNothing()
}
