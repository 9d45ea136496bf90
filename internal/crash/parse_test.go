package crash_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/golden"
)

// texts returns the crash texts of testdata by name. Those of folders named for a version of Go were written by that
// version, with -trimpath, on linux/amd64; see TestRecord.
func texts(tb testing.TB) map[string][]byte {
	tb.Helper()
	paths, err := filepath.Glob("testdata/texts/*/*.txt")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("got %d texts and error %v", len(paths), err)
	}
	found := make(map[string][]byte)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		found[strings.TrimSuffix(path, ".txt")] = text
	}
	return found
}

// summary writes what matters of a report for people to read.
func summary(r *crash.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %q", r.Kind, r.Type, r.Message)
	if r.Inferred {
		b.WriteString(" (inferred)")
	}
	if r.Truncated {
		b.WriteString(" (truncated)")
	}
	b.WriteByte('\n')
	for _, p := range r.Panics {
		fmt.Fprintf(&b, "panic %s: %q recovered=%v repanicked=%v\n", p.Type, p.Message, p.Recovered, p.Repanicked)
	}
	if s := r.Signal; s != nil {
		fmt.Fprintf(&b, "signal %+v\n", *s)
	}
	if r.Thrown != nil {
		fmt.Fprintf(&b, "thrown %+v\n", *r.Thrown)
	}
	if g := r.Crashed(); g != nil {
		fmt.Fprintf(&b, "goroutine %d of %d, %s, created by %d, %d elided\n", g.ID, len(r.Goroutines), g.State, g.Creator, g.Elided)
	}
	for i, f := range r.Stack() {
		if i == 12 {
			fmt.Fprintf(&b, "... %d frames\n", len(r.Stack()))
			break
		}
		fmt.Fprintf(&b, "  %s %s:%d", f.Function, f.File, f.Line)
		for _, mark := range []struct {
			is   bool
			name string
		}{{f.Inlined, " inlined"}, {f.Created, " created"}, {f.PC != 0, fmt.Sprintf(" pc=%#x", f.PC)}} {
			if mark.is {
				b.WriteString(mark.name)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Proves EXC-36.
func TestParse(t *testing.T) {
	t.Parallel()
	for name, text := range texts(t) {
		t.Run(strings.TrimPrefix(name, "testdata/texts/"), func(t *testing.T) {
			t.Parallel()
			r := crash.Parse(text)
			golden.Compare(t, name+".golden", []byte(summary(&r)))
			for _, f := range r.Stack() {
				if strings.Contains(f.Function, "0x") || strings.Contains(f.Function, "({") {
					t.Errorf("function %q has arguments", f.Function)
				}
			}
		})
	}
}

func TestNothingIsNoCrash(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "\n\n \n"} {
		if r := crash.Parse([]byte(text)); r.Kind != crash.Nothing || r.Stack() != nil {
			t.Errorf("Parse(%q): got %+v, want nothing", text, r)
		}
	}
}

// Whatever part of a text is lost, what remains is no other crash, and its places are true.
func TestTextsMayBeCutAnywhere(t *testing.T) {
	t.Parallel()
	for name, text := range texts(t) {
		if len(text) > 2000 {
			continue
		}
		whole := make(map[crash.Frame]bool)
		full := crash.Parse(text)
		for _, g := range full.Goroutines {
			for _, f := range g.Frames {
				whole[f] = true
			}
		}
		for n := range text {
			r := crash.Parse(text[:n])
			for _, g := range r.Goroutines {
				for _, f := range g.Frames {
					if !whole[f] {
						t.Fatalf("%s, cut after %d bytes: got frame %+v, which is not in the whole text", name, n, f)
					}
				}
			}
			if r.Kind == crash.Panic && full.Kind != crash.Panic {
				t.Fatalf("%s, cut after %d bytes: got a panic, want %s", name, n, full.Kind)
			}
		}
	}
}

func TestLinesOfWindows(t *testing.T) {
	t.Parallel()
	text := "panic: x\r\n\r\ngoroutine 1 [running]:\r\nmain.main()\r\n\tC:/src/main.go:5 +0x25\r\n"
	r := crash.Parse([]byte(text))
	if got, want := summary(&r), "panic: panic: \"x\"\npanic panic: \"x\" recovered=false repanicked=false\n"+
		"goroutine 1 of 1, running, created by 0, 0 elided\n  main.main C:/src/main.go:5\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	block := "goroutine 1 [running]:\nmain.f()\n\t/f.go:1 +0x1\n\n"
	for name, text := range map[string]string{
		"a message of megabytes":   "panic: " + strings.Repeat("é", 5<<20) + "\n\n" + block,
		"very many goroutines":     "panic: x\n\n" + strings.Repeat(block, 10_000),
		"a very deep stack":        "panic: x\n\ngoroutine 1 [running]:\n" + strings.Repeat("main.f()\n\t/f.go:1 +0x1\n", 10_000),
		"very many panics":         strings.Repeat("panic: x\n\t", 50_000),
		"a line of megabytes":      "panic: x\n\ngoroutine 1 [running]:\n" + strings.Repeat("(", 2<<20),
		"a name of megabytes":      "panic: x\n\ngoroutine 1 [running]:\n" + strings.Repeat("x", 900_000) + "()\n\t/f.go:1 +0x1\n",
		"a signal of megabytes":    "SIG: " + strings.Repeat("x", 900_000) + "\nPC=" + strings.Repeat("1", 90_000) + "\n",
		"a header without its end": "panic: x\n\ngoroutine " + strings.Repeat("1", 900_000),
	} {
		r := crash.Parse([]byte(text))
		if bytes := checkBounds(t, name, &r); bytes > 4<<20 {
			t.Errorf("%s: the report holds %d bytes", name, bytes)
		}
	}
}

// checkBounds fails the test if a report is larger than reports are, and returns how long its texts are together.
func checkBounds(t *testing.T, input string, r *crash.Report) int {
	t.Helper()
	total := 0
	text := func(what, s string, most int) {
		total += len(s)
		if len(s) > most || !utf8.ValidString(s) && most == 10_000 {
			t.Errorf("%.60q: %s has %d bytes, want valid text of %d at most", input, what, len(s), most)
		}
	}
	text("the type", r.Type, 10_000)
	text("the message", r.Message, 10_000)
	if len(r.Goroutines) > 256 || len(r.Panics) > 50 {
		t.Errorf("%.60q: got %d goroutines and %d panics", input, len(r.Goroutines), len(r.Panics))
	}
	for _, p := range r.Panics {
		text("a panic", p.Type+p.Message, 20_000)
	}
	if s := r.Signal; s != nil {
		text("the signal", s.Name+s.Description+s.Code+s.Addr+s.PC, 50_000)
	}
	for _, g := range r.Goroutines {
		text("a state", g.State, 10_000)
		if len(g.Frames) > 512 {
			t.Errorf("%.60q: got %d frames", input, len(g.Frames))
		}
		for _, f := range g.Frames {
			text("a frame", f.Function+f.File, 8_200)
		}
	}
	return total
}

func FuzzParse(f *testing.F) {
	for _, text := range texts(f) {
		if len(text) < 8000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := crash.Parse(text)
		checkBounds(t, string(text), &r)
		for _, frame := range r.Stack() {
			if frame.Function == "" || frame.Line < 0 {
				t.Errorf("%q: got frame %+v", text, frame)
			}
		}
		if r.Kind == crash.Panic && (len(r.Panics) == 0 || r.Type == "") {
			t.Errorf("%q: got a panic without a value: %+v", text, r)
		}
		r.Complete(func(p []byte, _ uint64) int { return copy(p, text) })
		checkBounds(t, string(text), &r)
	})
}
