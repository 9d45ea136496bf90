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

// world is a spool with everything around it.
type world struct {
	*spool.Spool
	queue  *memory
	system *faulty.System
	log    *log
	config spool.Config
}

// configure returns what most tests want.
func configure(t *testing.T, dir string) spool.Config {
	t.Helper()
	return spool.Config{
		Dir: dir, Lane: "analytics", ProjectKey: "phc_test",
		SegmentSize: small, MaxBytes: 1 << 20,
		Life: &life.Group{Panicked: func(name string, value any, stack []byte) {
			t.Errorf("goroutine %s: got panic %v, want none\n%s", name, value, stack)
		}},
	}
}

// open opens a spool on a disk that can fail, and does not start it.
func open(t *testing.T, c spool.Config) *world {
	t.Helper()
	w := &world{log: new(log)}
	if c.System == nil {
		c.System = faulty.New(disk.Local())
	}
	w.system, _ = c.System.(*faulty.System)
	c.Notices = notice.New(true, w.log.write)
	w.config = c
	w.Spool = spool.Open(c)
	w.queue = newMemory(t, w.Spool, c.SegmentSize)
	return w
}

// start opens a spool and starts it. It is closed when the test, or the bubble
// around it, should end.
func start(t *testing.T, c spool.Config) *world {
	t.Helper()
	w := open(t, c)
	w.Start(w.queue)
	return w
}

// leave ends the queue and closes the spool.
func (w *world) leave(t *testing.T) {
	t.Helper()
	w.queue.end()
	if err := w.Close(context.Background()); err != nil {
		t.Errorf("Close: got error %v, want none", err)
	}
	w.requireNothingOpen(t)
}

func (w *world) requireNothingOpen(t *testing.T) {
	t.Helper()
	if w.system == nil {
		return
	}
	if o, m := w.system.Opened(), w.system.Mapped(); o != 0 || m != 0 {
		t.Errorf("after Close: got %d open files and %d mappings, want none", o, m)
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
	c.System = nil
	w := open(t, c)
	w.Start(w.queue)
	r := read(t, w.Found())
	w.leave(t)
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
