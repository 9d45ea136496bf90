//go:build unix

package posthog_test

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// away makes the server fail all requests.
func (w *crashWorld) away() {
	w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
}

// back ends that.
func (w *crashWorld) back() { w.server.ClearFaults() }

// A panic that the library reports, and passes on, is one event, whether or not
// PostHog was there when the process ended, and what the process prints is what
// it prints without the library. Proves EXC-34, ZIG-18, ZIG-21.
func TestReportedPanicsAreOneEvent(t *testing.T) {
	t.Parallel()
	const unprintable = "fatal error: panic while printing panic value"
	for end, want := range map[string]struct{ text, source, printed string }{
		"CapturePanic":                     {"gateway down", "go.panic", "panic: gateway down"},
		"CapturePanic, without a text":     {"<panic in Error(): *main.mute>", "go.panic", unprintable},
		"CapturePanic of nothing":          {"<nil>", "go.panic", unprintable},
		"CapturePanic of a struct":         {"{7}", "go.panic", "panic: (struct { id int }) 0x"},
		"CapturePanic of a pointer":        {"(*int)", "go.panic", "panic: (*int) 0x"},
		"CapturePanic of a named text":     {`a "b"`, "go.panic", `panic: main.label("a "b"")`},
		"CapturePanic of a long text":      {strings.Repeat("\u00e9", 5000), "go.panic", "panic: \u00e9"},
		"CapturePanic of what is no text":  {"a\ufffd\r\nb", "go.panic", "panic: a\xff"},
		"CapturePanic of a text as a type": {"main.label(7)", "go.panic", "panic: main.label(7)"},
		"CapturePanic of a text as an int": {"(int) 0x7", "go.panic", "panic: (int) 0x7"},
		"CapturePanic and Close":           {"gateway down", "go.panic", "panic: gateway down"},
		"Go":                               {"in a goroutine", "go.goroutine", "panic: in a goroutine"},
	} {
		for _, away := range []bool{false, true} {
			name := end
			if away {
				name += ", and PostHog is away"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newCrashWorld(t, "plain")
				if away {
					w.away()
				}
				p := w.run(func(o *crashOrders) { o.End, o.ShutdownTimeout = end, 50*time.Millisecond })
				if p.exit != 2 || !strings.HasPrefix(p.stderr, want.printed) {
					t.Errorf("the process ended with %d and %s, want 2 and its panic", p.exit, p.stderr)
				}
				if stored := len(w.exceptions()); (stored == 0) != away {
					t.Errorf("PostHog had %d exceptions when the process was dead", stored)
				}
				w.back()
				w.restart()
				w.wantNoFiles()
				e := w.one()
				first := e.Exceptions()[0]
				if first.Value != want.text || first.ThreadID == 0 || e.Properties["$exception_source"] != want.source || e.Properties["$exception_level"] != "fatal" {
					t.Errorf("got %s of goroutine %d, want %s from %s: %s", titles([]posthogtest.Event{e}), first.ThreadID, want.text, want.source, e.Raw)
				}
			})
		}
	}
}

// A panic that replaces one that was reported is another event.
func TestAPanicAfterAReportedOne(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.die("CapturePanic, then another")
	w.restart()
	var texts []string
	for _, e := range w.exceptions() {
		texts = append(texts, e.Exceptions()[0].Value)
	}
	slices.Sort(texts)
	if want := []string{"first", "while leaving"}; !slices.Equal(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
}

// A fatal exception is on the disk when the capture returns. Proves ZIG-21.
func TestFatalExceptionsSurviveTheProcess(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		w := newCrashWorld(t, "plain")
		w.orders.Host = "http://127.0.0.1:1"
		if !away {
			w.orders.Host = w.server.URL()
		}
		w.die("fatal, then kill -9")
		w.orders.Host = w.server.URL()
		w.restart()
		w.wantNoFiles()
		e := w.one()
		requireProperties(t, onWire(e), map[string]any{
			"$exception_level": "fatal", "$exception_message": "no disk", "$exception_source": absent, "app_version": "of the dead",
		})
		if m := e.Exceptions()[0].Mechanism; m.Handled == nil || !*m.Handled {
			t.Errorf("got %+v, want one that was handled", m)
		}
	}
}

// A program that crashes as soon as it has started, and is started again, tells of
// it while it does. Proves ZIG-22.
func TestACrashLoop(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	const rounds = 4
	for range rounds {
		w.die("panic")
	}
	if told := len(w.exceptions()); told != rounds-1 {
		t.Errorf("after %d crashes PostHog has %d, want all but the last", rounds, told)
	}
	if n := len(w.files()); n != 2 {
		t.Errorf("left %v, want the last crash and its steps", w.files())
	}
}

// Of two clients of a process, one tells of its end.
func TestACrashBesideASecondClient(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.orders.Abrupt = true
	w.die("panic beside a second client")
	w.restart()
	w.wantNoFiles()
	if e := w.one(); e.Properties["$exception_message"] != "out of tea" {
		t.Errorf("got %s", e.Raw)
	}
}

// What a closed client could not deliver stays in its crash file, if it was
// fatal.
func TestFatalExceptionsSurviveClose(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.away()
	w.run(func(o *crashOrders) { o.End, o.ShutdownTimeout = "fatal, then Close", 50*time.Millisecond })
	w.back()
	w.restart()
	w.wantNoFiles()
	if e := w.one(); e.Properties["$exception_message"] != "no disk" {
		t.Errorf("got %s", e.Raw)
	}
}

// After a crash, what was queued arrives as well if there is a spool, or if it was
// written in time, and each event once. Proves ZIG-18, ZIG-42.
func TestTheQueueSurvivesACrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end       string
		spool     bool
		says      string
		crashes   int
		events    int
		duplicate bool
	}{
		"a panic, with a spool":              {"panic", true, "", 1, 5, false},
		"a panic, without":                   {"panic", false, "", 1, 0, false},
		"CapturePanic, with a spool":         {"CapturePanic", true, "", 1, 5, true},
		"kill -9 after WriteCrashFile":       {"WriteCrashFile, then kill -9", false, "wrote 5 <nil>", 0, 5, false},
		"the same, with a spool that has it": {"WriteCrashFile, then kill -9", true, "wrote 0 <nil>", 0, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			if c.spool {
				w.orders.Spool = filepath.Join(t.TempDir(), "spool")
			}
			w.away()
			p := w.run(func(o *crashOrders) { o.End, o.Events = c.end, 5 })
			if !strings.Contains(p.stdout, c.says) {
				t.Errorf("the process said %q, want %q", p.stdout, c.says)
			}
			w.back()
			w.restart()
			w.restart()
			w.wantNoFiles()
			events := len(w.server.Rows()) - len(w.exceptions())
			if events != c.events || len(w.exceptions()) != c.crashes {
				t.Errorf("PostHog has %d events and %d exceptions, want %d and %d", events, len(w.exceptions()), c.events, c.crashes)
			}
		})
	}
}

// Processes that start before PostHog has confirmed a crash send it again, and it
// is one event. Proves EXC-32.
func TestACrashThatIsSentTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.die("panic")
	w.server.Inject(posthogtest.Fault{Status: 503, Persist: -1, Times: -1})
	for range 2 {
		w.until = len(w.server.Events()) + 1
		w.run(func(o *crashOrders) { o.End, o.Wait, o.ShutdownTimeout = "Close", true, 50*time.Millisecond })
	}
	w.until = 0
	w.back()
	w.restart()
	w.wantNoFiles()
	w.one()
	var sent []string
	for _, e := range w.server.Events() {
		sent = append(sent, canonical(t, map[string]any{"uuid": e.UUID, "at": e.SentTimestamp, "of": e.DistinctID, "properties": e.Properties}))
	}
	if len(sent) < 3 || len(slices.Compact(sent)) != 1 {
		t.Errorf("the crash was sent as %d events, want at least three, which are the same: %s", len(sent), strings.Join(sent, "\n"))
	}
}

// The crash file of a process that lives is its own. Proves EXC-33.
func TestTheFileOfALivingProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.orders.Abrupt = true
	living := w.command(t.Context(), func(o *crashOrders) { o.Wait = true })
	input, err := living.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := living.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := living.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the living process said %q, %v", line, err)
	}
	before := w.files()
	w.die("panic")
	w.restart()
	if after := w.files(); !slices.Equal(before, after) {
		t.Errorf("the files were %v, and are %v", before, after)
	}
	w.one()
	_ = input.Close()
	_, _ = io.Copy(io.Discard, output)
	if err := living.Wait(); err != nil {
		t.Errorf("the living process: %v", err)
	}
	w.wantNoFiles()
}

// Whatever lies in the directory, or takes its place, a program starts and
// works, and says at most once what is wrong.
func TestNothingInTheDirectoryKeepsAProgramFromStarting(t *testing.T) {
	t.Parallel()
	const header = `{"v":1,"uuid":"01990000-0000-7000-8000-000000000000","go":"go1.26"}` + "\n---\n"
	for name, c := range map[string]struct {
		text    string
		logs    string
		crashes int
	}{
		"an empty file":             {"", "", 0}, // somebody is making it
		"half a header":             {header[:20], "could not be understood", 0},
		"a version to come":         {strings.Replace(header, `"v":1`, `"v":2`, 1), "could not be understood", 0},
		"a uuid that is none":       {strings.Replace(header, "0199", "zzzz", 1) + "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n", "", 1},
		"an identity that is none":  {strings.Replace(header, `"go":`, `"distinct_id":"  ","props":[],"slide":"q","exe":"/","build_id":"x","go":`, 1) + "panic: x\n", "", 1},
		"half a text":               {header + "panic: x\n\ngorou", "", 1},
		"no text at all":            {header + "\x00\x01\xff", "", 1},
		"records that are no event": {header + "=00000000 {}\n=1c291ca3 {\"event\":\"$exception\",...}\n", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			if err := os.Mkdir(w.orders.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(w.orders.Dir, "ph-1-1-0123456789abcdef.crash"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := w.run(func(o *crashOrders) { o.Events = 1 })
			if p.exit != 0 || strings.Count(p.stdout, "log: ") != min(len(c.logs), 1) || !strings.Contains(p.stdout, c.logs) {
				t.Errorf("the process ended with %d and said %s%s, want 0 and %q", p.exit, p.stdout, p.stderr, c.logs)
			}
			if rows := len(w.server.Rows()); rows != 1+c.crashes {
				t.Errorf("PostHog has %d events, want one and %d crashes", rows, c.crashes)
			}
		})
	}
}

// A directory that cannot be used costs crash reports, and a line of the log.
func TestAnUnusableCrashDirectory(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.orders.Dir = filepath.Join(file, "crash") // which nobody can make, not even root
	p := w.run(func(o *crashOrders) { o.Events, o.Steps = 2, 2 })
	if p.exit != 0 || strings.Count(p.stdout, "log: ") != 1 || !strings.Contains(p.stdout, "no crash file") {
		t.Errorf("the process ended with %d and said %s%s, want 0 and one line about the crash file", p.exit, p.stdout, p.stderr)
	}
	if rows := len(w.server.Rows()); rows != 2 {
		t.Errorf("PostHog has %d events, want 2", rows)
	}
}

// A crash has the identity, the release and the steps that its process had.
func TestACrashSaysWhoseItWas(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, "plain")
	w.run(func(o *crashOrders) {
		o.End, o.DistinctID, o.Release, o.Steps = "panic", "worker-7", "the old one", 3
	})
	w.run(func(o *crashOrders) { o.DistinctID, o.Release = "somebody else", "the new one" })
	e := w.one()
	if e.DistinctID != "worker-7" {
		t.Errorf("got %s, want worker-7", e.DistinctID)
	}
	requireProperties(t, onWire(e), map[string]any{"$release_id": "the old one", "$process_person_profile": absent})
	steps, _ := e.Properties["$exception_steps"].([]any)
	if len(steps) != 3 {
		t.Fatalf("got steps %v, want three", steps)
	}
	first, _ := steps[0].(map[string]any)
	at, _ := first["$timestamp"].(string)
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", at); first["$message"] != "step 0" || canonical(t, first["i"]) != "0" || err != nil {
		t.Errorf("got step %v, %v", first, err)
	}
}
