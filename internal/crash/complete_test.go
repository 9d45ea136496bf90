package crash_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/crash"
)

func thrown(arguments string) crash.Report {
	return crash.Parse([]byte("\ngoroutine 1 [running]:\ninternal/runtime/maps.fatal(" + arguments + ")\n\tpanic.go:1 +0x18\nmain.main()\n\tmain.go:1 +0x1\n"))
}

func TestComplete(t *testing.T) {
	t.Parallel()
	const at = 0x5aa679
	for name, tc := range map[string]struct {
		arguments, memory string
		want              string
		certain           bool
	}{
		"a length that holds":                 {"{0x5aa679?, 0x15}", "concurrent map writesdefer on system stack", "concurrent map writes", true},
		"a length that may be an old one":     {"{0x5aa679?, 0x0?}", "concurrent map writesdefer on system stack", "concurrent map writes", true},
		"a function that is nil":              {"{0x5aa679?, 0x0?}", "go of nil func valuegrew heap, but", "go of nil func value", true},
		"the longest text counts":             {"{0x5aa679?, 0x0?}", "out of memory (stackalloc)", "out of memory (stackalloc)", true},
		"a new text, with its length":         {"{0x5aa679, 0x7}", "brand new", "brand n", true},
		"a new text, without its length":      {"{0x5aa679, 0x7?}", "brand new", "concurrent map access", false},
		"no text":                             {"{0x5aa679, 0x7}", "\x00\x01\x02\x03\x04\x05\x06", "concurrent map access", false},
		"a length that does not fit":          {"{0x5aa679, 0x7}", "abc", "concurrent map access", false},
		"a length of megabytes":               {"{0x5aa679, 0x7000000}", "concurrent map writes", "concurrent map writes", true},
		"nothing to read":                     {"{0x5aa679, 0x15}", "", "concurrent map access", false},
		"another form of the arguments":       {"0x5aa679, 0x15", "concurrent map writes", "concurrent map access", false},
		"arguments that are not there at all": {"...", "concurrent map writes", "concurrent map access", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := thrown(tc.arguments)
			certain := r.Complete(func(p []byte, addr uint64) int {
				if addr != at {
					t.Errorf("got address %#x, want %#x", addr, at)
				}
				return copy(p, tc.memory)
			})
			if r.Message != tc.want || certain != tc.certain || r.Inferred == certain || r.Kind != crash.Fatal {
				t.Errorf("got %s %q, certain %v; want %q, %v", r.Kind, r.Message, certain, tc.want, tc.certain)
			}
		})
	}
}

func TestAFatalErrorOfUnknownCause(t *testing.T) {
	t.Parallel()
	r := crash.Parse([]byte("\ngoroutine 1 [running]:\nruntime.throw({0x1, 0x5})\n\tp.go:1 +0x1\nmain.main()\n\tmain.go:1 +0x1\n"))
	if r.Kind != crash.Fatal || r.Message != "fatal error" || !r.Inferred {
		t.Errorf("got %s %q, want a fatal error", r.Kind, r.Message)
	}
}

func TestCompleteLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1 +0x1\n":                                                     false,
		"fatal error: fault\n\ngoroutine 1 [running]:\nruntime.throw({0x1, 0x5})\n\tp.go:1 +0x1\nmain.main()\n\tmain.go:1 +0x1\n": true,
		"": false,
	} {
		r := crash.Parse([]byte(text))
		before := r.Message
		got := r.Complete(func([]byte, uint64) int {
			t.Errorf("%.20q: the binary was read", text)
			return 0
		})
		if got != want || r.Message != before {
			t.Errorf("%.20q: got %q and %v, want %q and %v", text, r.Message, got, before, want)
		}
	}
}

func TestPanicsOfManyForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`main.T("a")`:           "main.T: a",
		`main.T("")`:            "main.T: ",
		`main.T("a\nb")`:        `main.T: a\nb`,
		"main.T(\"a\nb\")":      "main.T: a\nb",
		`main.T("say "a" (b)")`: `main.T: say "a" (b)`,
		`main.T(")`:             `panic: main.T(")`,
		`main.T("a)`:            `panic: main.T("a)`,
		"main.T(42)":            "main.T: 42",
		"main.T(-1.5e+300)":     "main.T: -1.5e+300",
		"main.T((1+2i))":        "main.T: (1+2i)",
		"main.T(true)":          "main.T: true",
		"main.G[int](1)":        "main.G[int]: 1",
		"http.Get(url)":         "panic: http.Get(url)",
		"f(1)":                  "panic: f(1)",
		"called main.T(1)":      "panic: called main.T(1)",
		"(main.T) 0xc000":       "main.T: ",
		"(func()) 0x1":          "func(): ",
		"(main.T) {...}":        "panic: (main.T) {...}",
		"(sic) and so on":       "panic: (sic) and so on",
		"(":                     "panic: (",
		"()":                    "panic: ()",
		"runtime error: x":      "runtime.Error: runtime error: x",
		"":                      "panic: ",
		"close of nil channel":  "runtime.Error: close of nil channel",
	} {
		r := crash.Parse([]byte("panic: " + strings.ReplaceAll(text, "\n", "\n\t") + "\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1 +0x1\n"))
		if got := r.Type + ": " + r.Message; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
