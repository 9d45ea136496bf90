package posthog_test

import (
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The key is on the pipe alone: who lists processes does not see it.
func TestAMonitorIsToldTheKeyThroughItsPipe(t *testing.T) {
	t.Parallel()
	w := watching(t, withMonitor)
	w.dies("tell of the monitor")
	if said := w.stdout.String(); !strings.Contains(said, "cmdline true false\nenviron true false\n") {
		t.Errorf("the process said %q, want that neither its monitor's arguments nor its environment have the key", said)
	}
}

// A process that loses its monitor still has its file.
func TestAMonitorThatIsKilledIsReplacedByTheFile(t *testing.T) {
	t.Parallel()
	w := watching(t, withMonitor)
	w.start(nil, func(o *watchedOrders) { o.End = "kill the monitor" })
	w.hears("the crash monitor ended")
	if err := w.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	w.ended()
	w.allEnded()
	w.wantNothing()
	w.restarts()
	watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}.check(t, w.one())
	w.wantNoFiles()
}

// Orphans come to a supervisor that is not process 1 as well, and are collected.
func TestASupervisorCollectsOrphans(t *testing.T) {
	t.Parallel()
	w := watching(t, func(o *watchedOrders) { o.Supervise = true })
	if state := w.dies("leave an orphan, and wait until it is gone"); !state.Success() {
		t.Errorf("the process ended with %s: %s %s", state, w.stdout, w.stderr)
	}
}

// A monitor that does not answer is ended with the client.
func TestAMonitorThatHangsIsEnded(t *testing.T) {
	t.Parallel()
	w := watching(t, withMonitor)
	if state := w.dies("stop the monitor, and Close"); !state.Success() || !strings.Contains(w.stdout.String(), "children: no child processes") {
		t.Errorf("the process ended with %s and said %q, want that it has no children", state, w.stdout)
	}
	w.wantNothing()
	w.wantNoFiles()
}

// A service that is stopped as a whole still has its end reported, if it crashes
// while it stops.
func TestAMonitorIgnoresWhatIsSentToAll(t *testing.T) {
	t.Parallel()
	w := watching(t, withMonitor)
	w.dies("tell the monitor to end, and panic")
	watchedEnd{title: "panic", text: "out of tea", mechanism: "panic", level: "fatal"}.check(t, w.one())
	w.wantNoFiles()
}

// Whoever waits for the end of a file that the process inherited, such as a pipe or the
// socket of a service, does not wait for its monitor.
func TestAMonitorKeepsNoFilesOfTheProcess(t *testing.T) {
	t.Parallel()
	w := watching(t, withMonitor)
	end, passed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	w.passed = []*os.File{passed}
	w.start(nil, func(o *watchedOrders) { o.End = "close file 5, and wait" })
	if err := passed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := end.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := end.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading what the process has closed: %v, want its end", err)
	}
	if err := w.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	w.ended()
	w.allEnded()
}

// No file of the library's is open in what the program starts.
func TestChildrenOfTheProcessInheritNothing(t *testing.T) {
	t.Parallel()
	alone := watching(t, func(*watchedOrders) {})
	alone.dies("tell of the files of a child")
	for name, change := range map[string]func(*watchedOrders){"with a monitor": withMonitor, "with a supervisor": withSupervisor} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, change)
			w.dies("tell of the files of a child")
			if got, want := w.stdout.String(), alone.stdout.String(); got != want || !strings.HasPrefix(got, "files: ") {
				t.Errorf("the process said %q, and alone it said %q", got, want)
			}
		})
	}
}

// A process that is started anew while the monitor still reports the last one
// leaves that one's crash file alone, however silent it is, and whether or not its
// client was closed.
func TestARestartDoesNotOvertakeTheMonitor(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]watchedEnd{
		"stop the monitor, and wait":                        monitoredEnds["kill -9"],
		"stop the monitor, and panic with a deferred Close": monitoredEnds["panic with a deferred Close"],
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := watching(t, withMonitor)
			w.orders.Abrupt = true
			w.start(nil, func(o *watchedOrders) { o.End = end })
			monitor := w.hears("monitor ")
			if want.abrupt {
				if err := w.command.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			w.ended()
			first := w.gone
			w.restarts()
			if n := len(w.server.Events()); n != 0 {
				t.Errorf("the next process sent %d events, want none of what the monitor has", n)
			}
			if left := namesIn(t, w.orders.Dir); len(left) != 2 { // with that of the steps
				t.Errorf("the next process left %v, want the file and its steps", left)
			}
			id, err := strconv.Atoi(strings.TrimPrefix(monitor, "monitor "))
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(id, syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			w.gone = first
			w.allEnded()
			want.check(t, w.one())
			w.wantNoFiles()
		})
	}
}
