//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// watchedOrders are the orders of testdata/monitor.
type watchedOrders struct {
	Host, Dir, Spool, End  string
	Supervise, Abrupt      bool
	Monitor, Hooks         bool
	Disabled, Ready, Alone bool
	ShutdownTimeout        time.Duration
}

// watchedProgram is testdata/monitor, which is built once.
var watchedProgram = sync.OnceValues(func() (string, error) {
	dir, err := crashBuildDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "monitor")
	command := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./testdata/monitor")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return program, nil
})

// fewVigils bounds how many of these tests have processes, for the machine has
// others as well.
var fewVigils = make(chan struct{}, 4)

// vigil is a process with all that it started, and the PostHog that is told
// of its end.
type vigil struct {
	*testing.T
	server  *posthogtest.Server
	orders  watchedOrders
	group   string // the control group to run in, empty for that of the test
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bytes.Buffer
	stderr  *bytes.Buffer
	said    chan string // lines of stdout that begin a conversation; closed by its reader
	gone    *os.File    // ends with the last process
	passed  []*os.File  // what the process inherits as well, beginning with the number 5
	awake   bool        // it is one of fewVigils
}

// rests lets another vigil have processes.
func (w *vigil) rests() {
	if w.awake {
		w.awake = false
		<-fewVigils
	}
}

// watching is a process that somebody watches.
func watching(t *testing.T, change func(*watchedOrders)) *vigil {
	t.Helper()
	w := &vigil{T: t, server: listening(t)}
	t.Cleanup(w.rests)
	w.orders = watchedOrders{Host: w.server.URL(), Dir: filepath.Join(t.TempDir(), "crash")}
	change(&w.orders)
	return w
}

// start starts a process with changes to the orders.
func (w *vigil) start(env []string, change func(*watchedOrders), arguments ...string) {
	w.Helper()
	program, err := watchedProgram()
	if err != nil {
		w.Fatalf("build testdata/monitor: %v", err)
	}
	orders := w.orders
	change(&orders)
	text, err := json.Marshal(orders)
	if err != nil {
		w.Fatal(err)
	}
	if !w.awake {
		fewVigils <- struct{}{}
		w.awake = true
	}
	ctx, cancel := context.WithTimeout(w.Context(), patience) // or a process that lives outlives the test
	w.Cleanup(cancel)
	arguments = append([]string{program, string(text)}, arguments...)
	if w.group != "" {
		arguments = append([]string{"sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, w.group}, arguments...)
	}
	w.command = exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	w.command.Env = append(append(os.Environ(), "GOTRACEBACK=single"), env...)
	w.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Every process that descends from this one has the same file number 4. A monitor has another number 3 than its
	// process.
	gone, descent, err := os.Pipe()
	if err != nil {
		w.Fatal(err)
	}
	defer descent.Close()
	w.Cleanup(func() { gone.Close() })
	w.gone, w.command.ExtraFiles = gone, append([]*os.File{descent, descent}, w.passed...)
	w.stdout, w.stderr, w.said = &bytes.Buffer{}, &bytes.Buffer{}, make(chan string, 100)
	w.command.Stderr = w.stderr
	w.command.Stdout = &lineTeller{whole: w.stdout, lines: w.said}
	if w.stdin, err = w.command.StdinPipe(); err != nil {
		w.Fatal(err)
	}
	if err := w.command.Start(); err != nil {
		w.Fatal(err)
	}
}

// lineTeller keeps what is written, and passes on its lines.
type lineTeller struct {
	whole *bytes.Buffer
	part  []byte
	lines chan<- string
}

func (l *lineTeller) Write(p []byte) (int, error) {
	l.whole.Write(p)
	l.part = append(l.part, p...)
	for {
		line, rest, found := bytes.Cut(l.part, []byte("\n"))
		if !found {
			return len(p), nil
		}
		select {
		case l.lines <- string(line):
		default:
		}
		l.part = rest
	}
}

// hears waits for a line of the process that contains text, and returns it.
func (w *vigil) hears(text string) string {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	for {
		select {
		case line := <-w.said:
			if strings.Contains(line, text) {
				return line
			}
		case <-ctx.Done():
			w.Fatalf("the process did not say %q", text)
			return ""
		}
	}
}

// ended waits for the end of the process, and returns it.
func (w *vigil) ended() *os.ProcessState {
	w.Helper()
	_ = w.command.Wait() // most ends are failures, as they should be
	return w.command.ProcessState
}

// allEnded waits for the end of every process that descends from the one that was
// started.
func (w *vigil) allEnded() {
	w.Helper()
	if err := w.gone.SetReadDeadline(time.Now().Add(patience)); err != nil {
		w.Fatal(err)
	}
	if _, err := w.gone.Read(make([]byte, 1)); err != io.EOF {
		w.Fatalf("some process that descends from the one that ended lives: %v", err)
	}
	w.rests()
}

// dies runs a process that ends in that way, and waits for whoever watches it.
func (w *vigil) dies(end string) *os.ProcessState {
	w.Helper()
	w.start(nil, func(o *watchedOrders) { o.End = end })
	state := w.ended()
	w.allEnded()
	return state
}

// restarts runs a process that finds what the others left, and ends in order.
func (w *vigil) restarts() {
	w.Helper()
	w.start(nil, func(o *watchedOrders) {
		o.End, o.Monitor, o.Supervise, o.Ready, o.Alone, o.ShutdownTimeout = "Close", false, false, false, false, 0
	})
	if state := w.ended(); !state.Success() {
		w.Fatalf("the restarted process ended with %s: %s %s", state, w.stdout, w.stderr)
	}
}

// exceptions are the exceptions that PostHog has, one for each row.
func (w *vigil) exceptions() []posthogtest.Event {
	var all []posthogtest.Event
	for _, e := range w.server.Rows() {
		if e.Name == "$exception" {
			all = append(all, e)
		}
	}
	return all
}

// one is the only exception that PostHog has.
func (w *vigil) one() posthogtest.Event {
	w.Helper()
	all := w.exceptions()
	if len(all) != 1 {
		w.Fatalf("PostHog has %d exceptions, want one: %s; the process said %s %s", len(all), titles(all), w.stdout, w.stderr)
	}
	return all[0]
}

// wantNothing fails the test if PostHog was told of an end.
func (w *vigil) wantNothing() {
	w.Helper()
	if all := w.exceptions(); len(all) > 0 {
		w.Errorf("PostHog has %s, want nothing", titles(all))
	}
}

// wantNoFiles fails the test if something is left.
func (w *vigil) wantNoFiles() {
	w.Helper()
	if names := namesIn(w.T, w.orders.Dir); len(names) > 0 {
		w.Errorf("left in the directory of crash files: %v, want nothing", names)
	}
}

// isDown makes PostHog refuse everything, although it stores it if that is said.
func (w *vigil) isDown(stores bool) {
	fault := posthogtest.Fault{Status: 503, Times: -1}
	if stores {
		fault.Persist = -1
	}
	w.server.Inject(fault)
}
