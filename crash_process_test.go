package posthog_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// crashOrders are the orders of testdata/crash.
type crashOrders struct {
	Host, Dir, Spool, End string
	Abrupt                bool
	DistinctID, Version   string
	Release               string
	Native                bool
	Events, Steps         int
	Wait                  bool
	ShutdownTimeout       time.Duration
}

// crashBuilds are the ways in which testdata/crash is built. Each is built once,
// without cgo, with which the runtime does not notice deadlocks.
var crashBuilds = map[string]func() (string, error){
	"plain":                    crashBuild("plain"),
	"position-independent":     crashBuild("pie", "-buildmode=pie"),
	"stripped, without a path": crashBuild("stripped", "-trimpath", "-ldflags=-s -w"),
}

// patience is how long tests wait for processes that do not end, or say nothing,
// on a machine that has other things to do.
const patience = 5 * time.Minute

// crashBuildDir is where the programs are, until removeCrashBuilds.
var crashBuildDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "hedgerow-crash-") })

func crashBuild(name string, flags ...string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		dir, err := crashBuildDir()
		if err != nil {
			return "", err
		}
		program := filepath.Join(dir, name)
		command := exec.Command("go", append(append([]string{"build", "-buildvcs=false", "-o", program}, flags...), "./testdata/crash")...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, output)
		}
		return program, nil
	})
}

// removeCrashBuilds removes the programs, if any were built.
func removeCrashBuilds() {
	if dir, err := crashBuildDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
}

// crashWorld is a directory of crash files and the PostHog of the programs that
// share it.
type crashWorld struct {
	*testing.T
	server *posthogtest.Server
	build  string
	orders crashOrders // of every process, but for its end

	program string // in place of that of the build, unless it is empty
	until   int    // standard input ends when PostHog has been told of so many events
}

func newCrashWorld(t *testing.T, build string) *crashWorld {
	t.Helper()
	w := &crashWorld{T: t, server: listening(t), build: build}
	w.orders = crashOrders{Host: w.server.URL(), Dir: filepath.Join(t.TempDir(), "crash")}
	return w
}

// command is a process of the program, with changes to the orders.
func (w *crashWorld) command(ctx context.Context, change func(*crashOrders)) *exec.Cmd {
	w.Helper()
	program, err := crashBuilds[w.build]()
	if err != nil {
		w.Fatalf("build testdata/crash: %v", err)
	}
	if w.program != "" {
		program = w.program
	}
	orders := w.orders
	change(&orders)
	text, err := json.Marshal(orders)
	if err != nil {
		w.Fatal(err)
	}
	command := exec.CommandContext(ctx, program, string(text))
	command.Env = append(os.Environ(), "GOTRACEBACK=single")
	return command
}

// process is one that has ended.
type process struct {
	began, ended   time.Time
	exit           int // -1 for a signal
	stdout, stderr string
}

// run runs a process to its end.
func (w *crashWorld) run(change func(*crashOrders)) process {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	command := w.command(ctx, change) // which may have to be built
	defer time.AfterFunc(patience, cancel).Stop()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if w.until > 0 {
		command.Stdin = eventually(func() error { return w.server.WaitEvents(ctx, w.until) })
	}
	p := process{began: time.Now()}
	err := command.Run()
	p.ended, p.stdout, p.stderr = time.Now(), stdout.String(), stderr.String()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		p.exit = exit.ExitCode()
	} else if err != nil {
		w.Fatal(err)
	}
	if ctx.Err() != nil {
		w.Fatalf("the process did not end by itself; it said %s %s", p.stdout, p.stderr)
	}
	return p
}

// eventually is a reader that waits, and ends.
type eventually func() error

func (wait eventually) Read([]byte) (int, error) { return 0, cmp.Or(wait(), io.EOF) }

// die runs a process that ends in that way.
func (w *crashWorld) die(end string) process {
	w.Helper()
	return w.run(func(o *crashOrders) { o.End, o.Version = end, "of the dead" })
}

// restart runs a process that finds what the others left, and ends in order.
func (w *crashWorld) restart() {
	w.Helper()
	if p := w.run(func(o *crashOrders) { o.Version = "of the living" }); p.exit != 0 {
		w.Fatalf("the restarted process ended with %d: %s %s", p.exit, p.stdout, p.stderr)
	}
}

// exceptions are the exceptions that PostHog has, one for each row.
func (w *crashWorld) exceptions() []posthogtest.Event {
	var all []posthogtest.Event
	for _, e := range w.server.Rows() {
		if e.Name == "$exception" {
			all = append(all, e)
		}
	}
	return all
}

// one is the only exception that PostHog has.
func (w *crashWorld) one() posthogtest.Event {
	w.Helper()
	all := w.exceptions()
	if len(all) != 1 {
		w.Fatalf("PostHog has %d exceptions, want one: %s", len(all), titles(all))
	}
	return all[0]
}

func titles(events []posthogtest.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprintf("%v: %v (%v)", e.Properties["$exception_type"], e.Properties["$exception_message"], e.Properties["$exception_source"]))
	}
	return strings.Join(all, "; ")
}

// files are the names in the directory of crash files.
func (w *crashWorld) files() []string {
	w.Helper()
	return namesIn(w.T, w.orders.Dir)
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// wantNoFiles fails the test if something is left.
func (w *crashWorld) wantNoFiles() {
	w.Helper()
	if names := w.files(); len(names) > 0 {
		w.Errorf("left in the directory of crash files: %v, want nothing", names)
	}
}

// onWire is an event that PostHog has, as requireProperties takes it.
func onWire(e posthogtest.Event) wireEvent {
	return wireEvent{Event: e.Name, DistinctID: e.DistinctID, UUID: e.UUID, Timestamp: e.SentTimestamp, Properties: e.Properties}
}

// journal is a logger that remembers.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(format string, args []any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) has(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(strings.Join(j.lines, "\n"), text)
}

func (j *journal) Debugf(format string, args ...any) { j.note(format, args) }
func (j *journal) Logf(format string, args ...any)   { j.note(format, args) }
func (j *journal) Warnf(format string, args ...any)  { j.note(format, args) }
func (j *journal) Errorf(format string, args ...any) { j.note(format, args) }
