//go:build linux

package posthog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// crashEnd is an end of a process, and the exception that becomes of it.
type crashEnd struct {
	exit            int
	title, text     string // no title: nothing is left of it but that the process was there
	mechanism       string
	inner           string // the innermost function
	outer           string // the outermost
	chained, signal string
}

// crashEnds are the ends that a process has when nobody does anything about it.
var crashEnds = map[string]crashEnd{
	"panic":                 {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},
	"goroutine":             {2, "panic", "in a goroutine", "panic", "main.charge", "main.elsewhere", "", ""},
	"pointer":               {2, "*int", "", "panic", "main.charge", "main.main", "", ""},
	"megabytes":             {2, "panic", strings.Repeat("tea ", 2500), "panic", "main.charge", "main.main", "", ""},
	"error":                 {2, "panic", "pay: gateway down", "panic", "main.charge", "main.main", "", ""},
	"nested":                {2, "panic", "second", "panic", "main.charge", "main.main", "first", ""},
	"nil dereference":       {2, "runtime.Error", "runtime error: invalid memory address or nil pointer dereference", "panic", "main.init", "main.main", "", "SIGSEGV"},
	"concurrent map writes": {2, "fatal error", "concurrent map writes", "crash_reporter", "main.", "", "", ""},
	"deadlock":              {2, "fatal error", "all goroutines are asleep - deadlock!", "crash_reporter", "main.init", "main.main", "", ""},
	"stack overflow":        {2, "fatal error", "stack overflow", "crash_reporter", "main.dive", "main.dive", "", ""},
	"out of memory":         {2, "fatal error", "out of memory", "crash_reporter", "main.init", "main.main", "", ""},
	"unlock":                {2, "fatal error", "sync: unlock of unlocked mutex", "crash_reporter", "internal/sync.(*Mutex).unlockSlow", "main.main", "", ""},
	"SIGABRT":               {2, "SIGABRT", "abort", "signal", "syscall.", "main.main", "", "SIGABRT"},
	"SIGQUIT":               {2, "SIGQUIT", "quit", "signal", "syscall.", "main.main", "", "SIGQUIT"},
	"SIGSEGV":               {2, "SIGSEGV", "segmentation violation", "signal", "syscall.", "main.main", "", "SIGSEGV"},

	"panic with a deferred Close":          {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},
	"panic with a Close far down":          {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},
	"panic while another goroutine closes": {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},
	"panic that wakes a Close":             {2, "panic", "out of tea", "panic", "main.charge", "main.init", "", ""},
	"panic after a first client":           {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},
	"panic in RunMain":                     {2, "panic", "out of tea", "panic", "main.charge", "main.main", "", ""},

	"Goexit":    {exit: 2},
	"os.Exit":   {exit: 3},
	"log.Fatal": {exit: 1},
	"kill -9":   {exit: -1},
	"SIGTERM":   {exit: -1},
	"return":    {exit: 0},
	"stolen":    {exit: 2},
}

// What ends a process arrives at its next start, as what it was, when it was;
// the file is gone then. Of ends without a word nothing arrives, unless that is
// asked for. Proves EXC-29, EXC-30, EXC-31, EXC-45, ZIG-20, ZIG-22, PY-23.
func TestCrashesArriveAtTheNextStart(t *testing.T) {
	t.Parallel()
	for build := range crashBuilds {
		t.Run(build, func(t *testing.T) {
			t.Parallel()
			for end, want := range crashEnds {
				t.Run(end, func(t *testing.T) {
					t.Parallel()
					w := newCrashWorld(t, build)
					p := w.die(end)
					if p.exit != want.exit {
						t.Errorf("the process ended with %d, want %d: %s", p.exit, want.exit, p.stderr)
					}
					if n := len(w.files()); n != 2 { // with the one for steps
						t.Errorf("the process left %v, want a file and its steps", w.files())
					}
					w.restart()
					w.wantNoFiles()
					if want.title == "" {
						if all := w.exceptions(); len(all) > 0 {
							t.Errorf("PostHog has %s, want nothing", titles(all))
						}
						return
					}
					want.check(t, w.one(), p)
				})
			}
		})
	}
}

// check fails the test unless e is what became of the process.
func (want crashEnd) check(t *testing.T, e posthogtest.Event, p process) {
	t.Helper()
	list := e.Exceptions()
	if len(list) == 0 {
		t.Fatalf("PostHog cannot read %s", e.Raw)
	}
	first := list[0]
	first.Value = strings.TrimPrefix(first.Value, "runtime: ") // out of memory has two texts
	if first.Type != want.title || first.Value != want.text || first.Mechanism.Type != want.mechanism {
		t.Errorf("got %s: %q by %s, want %s: %q by %s\n%s",
			first.Type, first.Value, first.Mechanism.Type, want.title, want.text, want.mechanism, p.stderr[:min(len(p.stderr), 500)])
	}
	if m := first.Mechanism; m.Handled == nil || *m.Handled || m.Synthetic == nil || *m.Synthetic {
		t.Errorf("got mechanism %+v, want one that is neither handled nor synthetic", m)
	}
	requireProperties(t, onWire(e), map[string]any{
		"$exception_level": "fatal", "$exception_source": "go.crash_output", "app_version": "of the dead",
		"$process_person_profile": false, "$is_server": true, "$lib": "hedgerow",
	})
	if signal, _ := e.Properties["crash_signal"].(string); signal != want.signal {
		t.Errorf("got signal %q, want %q", signal, want.signal)
	}
	if e.DistinctID != e.UUID {
		t.Errorf("got distinct id %s, want the event's %s", e.DistinctID, e.UUID)
	}
	if e.Timestamp.Before(p.began.Add(-time.Second)) || e.Timestamp.After(p.ended.Add(time.Second)) {
		t.Errorf("got time %s, want one from %s to %s", e.Timestamp, p.began, p.ended)
	}
	for key, value := range e.Properties { // no word of memory, but for the address that a signal was about
		if text := fmt.Sprint(value); strings.Contains(text, "0x") && key != "crash_addr" && key != "crash_code" {
			t.Errorf("%s has an address: %s", key, text)
		}
	}
	if want.chained != "" && (len(list) != 2 || list[1].Value != want.chained || list[1].Mechanism.Source != "context") {
		t.Errorf("got list %+v, want %s as the context", list, want.chained)
	}
	want.checkFrames(t, first.Frames)
}

func (want crashEnd) checkFrames(t *testing.T, frames []posthogtest.Frame) {
	t.Helper()
	if len(frames) == 0 {
		t.Fatal("got no frames")
	}
	inner, outer := frames[len(frames)-1], frames[0]
	if !strings.HasPrefix(inner.Function, want.inner) || !strings.HasPrefix(outer.Function, want.outer) {
		t.Errorf("got frames from %s to %s, want from %s to %s: %+v", outer.Function, inner.Function, want.outer, want.inner, frames)
	}
	own := 0
	for _, f := range frames {
		if f.InApp != strings.HasPrefix(f.Function, "main.") {
			t.Errorf("%s: got in_app %t", f.Function, f.InApp)
		}
		if f.InApp {
			own++
			if f.Line == 0 || !strings.HasPrefix(f.Filename, "testdata/crash/") {
				t.Errorf("%s: got %s:%d, want a line of testdata/crash", f.Function, f.Filename, f.Line)
			}
		}
		if strings.ContainsAny(f.Function, "{?") {
			t.Errorf("%s has arguments", f.Function)
		}
	}
	if own == 0 {
		t.Errorf("got no frame of the application in %+v", frames)
	}
}

// With ReportAbruptExit, an end without a word is told as well.
func TestAbruptExits(t *testing.T) {
	t.Parallel()
	for end, want := range crashEnds {
		if want.title != "" {
			continue
		}
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			w.orders.Abrupt = true
			p := w.run(func(o *crashOrders) { o.End, o.Version, o.Steps = end, "of the dead", 2 })
			w.restart()
			w.wantNoFiles()
			e := w.one()
			if got := stepsOf(t, onWire(e)); !slices.Equal(got, []string{"step 0", "step 1"}) {
				t.Errorf("got steps %v, want those of the dead", got)
			}
			first := e.Exceptions()[0]
			if first.Type != "process.abrupt_exit" || first.Mechanism.Type != "crash_reporter" || first.Mechanism.Synthetic == nil || !*first.Mechanism.Synthetic {
				t.Errorf("got %+v, want a process.abrupt_exit of the crash reporter, which is synthetic", first)
			}
			requireProperties(t, onWire(e), map[string]any{"$exception_level": "error", "app_version": "of the dead", "$exception_source": "go.crash_output"})
			if e.Timestamp.Before(p.began.Add(-time.Second)) || e.Timestamp.After(p.ended.Add(time.Second)) {
				t.Errorf("got time %s, want one from %s to %s", e.Timestamp, p.began, p.ended)
			}
		})
	}
	for _, end := range []string{"Close", "panic that is recovered after Close", "fatal, then Close"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			w.orders.Abrupt = true
			w.die(end)
			w.restart()
			w.wantNoFiles()
			for _, e := range w.exceptions() {
				if e.Properties["$exception_type"] == "process.abrupt_exit" {
					t.Error("a client that was closed was reported as an abrupt exit")
				}
			}
		})
	}
}

// The text of a fatal error is in the binary that crashed, be it another one than the
// one that starts next. If it is gone, the stack has to do.
func TestTheBinaryWasReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gone     bool
		text     string
		inferred any
	}{
		"and the old one is there": {false, "concurrent map writes", absent},
		"and the old one is gone":  {true, "concurrent map access", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			built, err := crashBuilds[w.build]()
			if err != nil {
				t.Fatal(err)
			}
			// A link, because a file that was just written may be open in a child
			// that another test starts, and cannot be run then.
			w.program = filepath.Join(t.TempDir(), "shop")
			if err := os.Link(built, w.program); err != nil {
				t.Fatal(err)
			}
			w.die("concurrent map writes")
			if c.gone {
				if err := os.Remove(w.program); err != nil {
					t.Fatal(err)
				}
			}
			w.program, w.build = "", "stripped, without a path"
			w.restart()
			e := w.one()
			requireProperties(t, onWire(e), map[string]any{"$exception_message": c.text, "crash_inferred": c.inferred})
		})
	}
}
