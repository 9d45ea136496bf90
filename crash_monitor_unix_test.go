//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog_test

import (
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func withMonitor(o *watchedOrders) { o.Monitor = true }

// watchedEnd is an end that somebody reports while nothing but a dead process is
// left.
type watchedEnd struct {
	abrupt      bool
	title, text string
	mechanism   string
	level       string
}

var monitoredEnds = map[string]watchedEnd{
	"panic":                       {title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"},
	"goroutine":                   {title: "panic", text: "in a goroutine", mechanism: "panic", level: "fatal"},
	"concurrent map writes":       {title: "fatal error", text: "concurrent map writes", mechanism: "crash_reporter", level: "fatal"},
	"SIGABRT":                     {title: "SIGABRT", text: "abort", mechanism: "signal", level: "fatal"},
	"panic with a deferred Close": {title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"},
	"kill -9":                     {abrupt: true, title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"},
	"exit 3":                      {abrupt: true, title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"},
	"CapturePanic":                {title: "errors.errorString", text: "gateway down", mechanism: "panic", level: "fatal"},
}

// Proves EXC-29, EXC-31, EXC-34, EXC-42.
func TestAMonitorReportsTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	for end, want := range monitoredEnds {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withMonitor)
			w.orders.Abrupt = want.abrupt
			w.dies(end)
			w.wantNoFiles()
			e := w.one()
			want.check(t, e)
			requireProperties(t, onWire(e), map[string]any{"app_version": "of the dead", "$lib": "hedgerow"})
			if steps, _ := e.Properties["$exception_steps"].([]any); end == "panic" && len(steps) != 1 {
				t.Errorf("got steps %v, want the one of the dead", steps)
			}
		})
	}
}

func (want watchedEnd) check(t *testing.T, e posthogtest.Event) {
	t.Helper()
	list := e.Exceptions()
	if len(list) == 0 {
		t.Fatalf("PostHog cannot read %s", e.Raw)
	}
	first := list[0]
	if first.Type != want.title || want.text != "" && first.Value != want.text || first.Mechanism.Type != want.mechanism || e.Properties["$exception_level"] != want.level {
		t.Errorf("got %s: %q by %s of level %v, want %s: %q by %s of level %s", first.Type, first.Value, first.Mechanism.Type,
			e.Properties["$exception_level"], want.title, want.text, want.mechanism, want.level)
	}
	if m := first.Mechanism; m.Handled == nil || *m.Handled {
		t.Errorf("got mechanism %+v, want one that is not handled", m)
	}
}

// Ends that are nobody's business start a monitor in vain.
func TestAMonitorReportsNothing(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"Close", "Close, and look for children", "panic that is recovered after Close", "kill -9", "exit 3"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withMonitor)
			w.orders.Abrupt = strings.Contains(end, "Close")
			w.dies(end)
			w.wantNothing()
			if end != "panic that is recovered after Close" { // whose file is for the next start
				w.wantNoFiles()
			}
			if said := w.stdout.String(); strings.Contains(end, "children") && !strings.Contains(said, "children: no child processes") {
				t.Errorf("after Close the process said %q, want that it has no children", said)
			}
		})
	}
}

// What a monitor cannot send, the next start does: the same event, which PostHog
// has once, whether or not it took it from the monitor. Proves EXC-29, EXC-32.
func TestAMonitorLeavesWhatItCannotSend(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"panic", "kill -9"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withMonitor)
			w.orders.Abrupt = true
			w.orders.ShutdownTimeout = 2 * time.Second // in which it tries
			w.isDown(true)
			w.dies(end)
			if len(namesIn(t, w.orders.Dir)) != 2 { // with that of the steps
				t.Fatalf("left in the directory of crash files: %v, want the file and its steps", namesIn(t, w.orders.Dir))
			}
			tried := w.server.Events()
			if len(tried) == 0 {
				t.Fatal("the monitor did not try")
			}
			w.server.ClearFaults()
			w.restarts()
			w.wantNoFiles()
			all := w.server.Events()
			last := all[len(all)-1]
			for _, e := range tried {
				if e.SentTimestamp != last.SentTimestamp || e.UUID != last.UUID || e.DistinctID != last.DistinctID || !reflect.DeepEqual(e.Properties, last.Properties) {
					t.Errorf("the monitor tried\n%s\nand the next start sent\n%s", e.Raw, last.Raw)
				}
			}
			w.restarts()
			w.one()
			if n := len(w.server.Events()); n != len(all) {
				t.Errorf("PostHog was told %d times more, want no more", n-len(all))
			}
		})
	}
}

// What ends a process group, such as Ctrl-C, leaves the monitor alone.
func TestAMonitorOutlivesTheProcessGroup(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			w := watching(t, withMonitor)
			w.orders.Abrupt, w.orders.Ready = true, true
			w.start(nil, func(o *watchedOrders) { o.End = "nothing" })
			w.hears("ready")
			if err := syscall.Kill(-w.command.Process.Pid, s); err != nil {
				t.Fatal(err)
			}
			w.ended()
			w.allEnded()
			watchedEnd{title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"}.check(t, w.one())
		})
	}
}

// The end of the pipe is that of the process, whatever that started.
func TestChildrenOfTheProcessDoNotHaveThePipe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*watchedOrders){
		"to the monitor":    withMonitor,
		"to the supervisor": func(o *watchedOrders) { o.Supervise = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, change)
			w.start(nil, func(o *watchedOrders) { o.End = "panic, with a child that stays" })
			if err := w.server.WaitEvents(w.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if err := w.stdin.Close(); err != nil { // the end of the child
				t.Fatal(err)
			}
			w.ended()
			w.allEnded()
			watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}.check(t, w.one())
		})
	}
}

// A client that can have no monitor says so, and has its crash file. No process
// starts another that would start another.
func TestAMonitorThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*watchedOrders)
		env    string
		reason string
	}{
		"main does not begin with it":  {withMonitor, "MONITOR_TEST_LATE=1", "main does not begin with"},
		"hooks that it would not know": {func(o *watchedOrders) { o.Monitor, o.Hooks = true, true }, "A=1", "it would do without"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, c.change)
			w.start([]string{c.env}, func(o *watchedOrders) { o.End = "panic" })
			_ = w.stdin.Close() // which is a pipe
			w.ended()
			w.allEnded()
			if said := w.stdout.String(); !strings.Contains(said, c.reason) {
				t.Errorf("the process said %q, want %q", said, c.reason)
			}
			w.wantNothing()
			w.restarts()
			watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}.check(t, w.one())
		})
	}
}

// A second copy of the program would start a third, and so on.
func TestAMonitorWithoutItsPipeIsNoSecondCopyOfTheProgram(t *testing.T) {
	t.Parallel()
	program, err := watchedProgram()
	if err != nil {
		t.Fatalf("build testdata/monitor: %v", err)
	}
	for argument, succeeds := range map[string]bool{"crash-monitor": true, "no orders": false} {
		command := exec.CommandContext(t.Context(), program, argument) // its standard input is the null device
		command.Env = append(command.Environ(), "POSTHOG_CRASH_MONITOR=1")
		said, err := command.CombinedOutput()
		if (err == nil) != succeeds || (len(said) == 0) != succeeds {
			t.Errorf("with argument %q the program ended with %v and said %q; that it is a monitor which does nothing is %t", argument, err, said, succeeds)
		}
	}
}

func TestAMonitorHasTheHooksThatItIsTold(t *testing.T) {
	t.Parallel()
	w := watching(t, func(o *watchedOrders) { o.Monitor, o.Hooks = true, true })
	w.start([]string{"MONITOR_TEST_CONFIGURE=1"}, func(o *watchedOrders) { o.End = "panic" })
	w.ended()
	w.allEnded()
	requireProperties(t, onWire(w.one()), map[string]any{"hooked": true})
}

// The next client that has the crash output tells of itself, so that its crash is
// not taken for one of the client that was closed. The process may be faster; then
// the next start has it.
func TestTheNextClientIsWatchedAsWell(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*watchedOrders){"by a monitor": withMonitor, "by the supervisor": withSupervisor} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, change)
			w.dies("Close, then panic with a second client")
			w.restarts()
			requireProperties(t, onWire(w.one()), map[string]any{"app_version": "of the second", "$exception_message": "out of tea"})
			w.wantNoFiles()
		})
	}
}
