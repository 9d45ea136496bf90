package spool_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

const small = 4096 // size of the segments of most tests

// log is what a spool reported.
type log struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (l *log) write(level notice.Level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%d %s", level, text))
}

// count returns how many lines contain text.
func (l *log) count(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// world is a test with a spool and everything around it.
type world struct {
	*testing.T
	*spool.Spool
	config spool.Config
	queue  *memory
	system *faulty.System
	log    *log
}

// directory returns a directory of the test's own, in memory if there is such a
// place: some tests make thousands of files.
func directory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "spool") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove %s: got %v, want no error", dir, err)
		}
	})
	return dir
}

// configure returns what most tests want.
func configure(t *testing.T, dir string) spool.Config {
	t.Helper()
	return spool.Config{
		Dir: dir, Lane: "analytics", ProjectKey: "phc_test",
		SegmentSize: small, MaxBytes: 1 << 20,
		System: faulty.New(quick{disk.Local()}),
		Life: &life.Group{Panicked: func(name string, value any, stack []byte) {
			t.Errorf("goroutine %s: got panic %v, want none\n%s", name, value, stack)
		}},
	}
}

// newWorld returns a world whose spool is not open.
func newWorld(t *testing.T, c spool.Config) *world {
	t.Helper()
	w := &world{T: t, log: new(log)}
	c.Notices = notice.New(true, w.log.write)
	w.system, _ = c.System.(*faulty.System)
	w.config = c
	return w
}

// next returns a world in the place of one whose process is gone.
func next(t *testing.T, c spool.Config) *world {
	t.Helper()
	c.System = faulty.New(quick{disk.Local()})
	return newWorld(t, c)
}

// open opens the spool, and does not start it.
func (w *world) open() {
	w.Spool = spool.Open(w.config)
	w.queue = newMemory(w.Spool, w.config.SegmentSize)
}

// start opens the spool and starts it.
func (w *world) start() {
	w.open()
	w.Start(w.queue)
}

// leave ends the queue and closes the spool.
func (w *world) leave() {
	w.Helper()
	w.queue.end()
	if err := w.Close(context.Background()); err != nil {
		w.Errorf("Close: got error %v, want none", err)
	}
	w.requireNothingOpen()
}

// die ends the process, and gives back what the rest of the test would trip over.
func (w *world) die() {
	w.Helper()
	w.system.Kill()
	_ = w.Close(context.Background())
	w.requireNothingOpen()
}

func (w *world) requireNothingOpen() {
	w.Helper()
	if o, m := w.system.Opened(), w.system.Mapped(); o != 0 || m != 0 {
		w.Errorf("after Close: got %d open files and %d mappings, want none", o, m)
	}
}

// recovered is what a new spool finds in a directory.
type recovered struct {
	counts  map[string]int // by name
	damaged int            // files
}

// revive reads what dead spools left in c.Dir, discards it, and makes sure
// that nothing remains.
func revive(t *testing.T, c spool.Config) recovered {
	t.Helper()
	w := next(t, c)
	w.start()
	r := read(t, w.Found())
	w.leave()
	requireEmpty(t, c.Dir)
	return r
}

// read loads what was found, and discards it.
func read(t *testing.T, found []segment.Found) recovered {
	t.Helper()
	r := recovered{counts: make(map[string]int)}
	for _, f := range found {
		area := make([]byte, f.Pending.Used)
		loaded := make(chan segment.Contents)
		f.File.Load(area, func(c segment.Contents) { loaded <- c })
		contents := <-loaded
		if contents.Err != nil {
			r.damaged++
		}
		for _, at := range contents.Pending {
			var frame segment.Frame
			segment.View(area[at:], &frame)
			text := string(frame.Payload)
			name, _, _ := strings.Cut(text, ":")
			if text != string(record(name)) {
				t.Errorf("got record %q, want what was put", text)
			}
			r.counts[name]++
		}
		f.File.Discard()
	}
	return r
}

// requireEmpty fails the test unless the spool's directory has no owner left.
func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("got files %v, error %v, want none", left, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("got directories %v, error %v, want none", entries, err)
	}
}

// requireAll fails the test unless every name was recovered once, and no other
// was, unless it is among the others.
func (r recovered) requireAll(t *testing.T, names []string, others map[string]bool) {
	t.Helper()
	want := make(map[string]bool)
	for _, name := range names {
		want[name] = true
		if r.counts[name] == 0 {
			t.Errorf("%s: got nothing, want it recovered", name)
		}
	}
	for name := range r.counts {
		if !want[name] && !others[name] {
			t.Errorf("%s: got it recovered, want nothing: it was final", name)
		}
	}
}

// The supplies, for messages.
const (
	ready = segment.Ready
	soon  = segment.Soon
	full  = segment.Full
	none  = segment.None
)

// supply asks for a file, and gives it back.
func (w *world) supply(size int) segment.Supply {
	file, supply := w.Begin(size)
	if file != nil {
		file.Discard()
	}
	return supply
}
