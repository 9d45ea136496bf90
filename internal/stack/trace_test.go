package stack_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

//go:noinline
func outer(t *stack.Trace, skip int) { middle(t, skip) }

//go:noinline
func middle(t *stack.Trace, skip int) { t.Capture(skip, 0) }

// Proves EXC-5, EXC-36.
func TestCapture(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(nil, stack.Options{})
	var trace stack.Trace
	if !trace.Empty() || len(rules.Frames(&trace)) != 0 || len(rules.Frames(nil)) != 0 {
		t.Error("an empty trace has frames")
	}
	outer(&trace, 0)
	got := functions(rules.Frames(&trace))
	want := "testing.tRunner stack_test.TestCapture stack_test.outer stack_test.middle"
	if got != want {
		t.Errorf("frames\n got %s\nwant %s", got, want)
	}
	outer(&trace, 1)
	if got := functions(rules.Frames(&trace)); !strings.HasSuffix(got, "TestCapture stack_test.outer") {
		t.Errorf("with one call left out: got frames %s, want outer last", got)
	}
	for _, f := range rules.Frames(&trace) {
		if strings.Contains(f.Function, "({") || f.Line <= 0 || f.Filename == "" || f.Platform != "go" {
			t.Errorf("frame %+v: want a bare name, a file and a line", f)
		}
	}
}

func TestGoroutinesBeginWithTheirFunction(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	done := make(chan struct{})
	go func() {
		defer close(done)
		trace.Capture(0, 0)
	}()
	<-done
	got := functions(stack.NewRules(nil, stack.Options{}).Frames(&trace))
	if want := "stack_test.TestGoroutinesBeginWithTheirFunction.func1"; got != want {
		t.Errorf("got frames %s, want %s", got, want)
	}
}

//go:noinline
func recurse(n int, f func()) {
	if n > 0 {
		recurse(n-1, f)
		return
	}
	f()
}

func TestFramesAreLimited(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ depth, wished, want int }{
		"a deep stack keeps 64 inner frames":          {1000, 0, 64},
		"a program may wish for fewer":                {1000, 5, 5},
		"a program may wish for more":                 {1000, 200, 200},
		"nobody gets more than there is room for":     {1000, 10_000, stack.Depth},
		"a stack of ten is not filled up with others": {6, 0, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var trace stack.Trace
			recurse(tc.depth, func() { trace.Capture(0, tc.wished) })
			frames := stack.NewRules(nil, stack.Options{MaxFrames: tc.wished}).Frames(&trace)
			if len(frames) > tc.want || len(frames) < tc.want-1 {
				t.Errorf("got %d frames, want %d", len(frames), tc.want)
			}
			if last := functions(innermost(frames, 1)); !strings.HasPrefix(last, "stack_test.TestFramesAreLimited") {
				t.Errorf("got innermost frame %s, want the test's function", last)
			}
		})
	}
}

var errBoom = errors.New("boom")

type pair struct{ left *int }

// nothing returns a value that is not there, and does not let the compiler know.
//
//go:noinline
func nothing[T any]() (none T) { return none }

//go:noinline
func explode(how string) {
	p, numbers, names := nothing[*pair](), nothing[[]int](), nothing[map[string]int]()
	switch how {
	case "a call of panic":
		panic(errBoom)
	case "a nil pointer":
		*p.left = 1
	case "an index":
		numbers[len(how)] = 1
	case "a nil map":
		names[how] = 1
	case "a type assertion":
		_ = any(how).(error)
	case "a closed channel":
		c := make(chan int, 1)
		close(c)
		c <- 1
	case "a division":
		_ = len(how) / len(numbers)
	}
}

// Proves EXC-5.
func TestPanicsEndAtTheCallThatPanicked(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(nil, stack.Options{})
	for _, how := range []string{
		"a call of panic", "a nil pointer", "an index", "a nil map", "a type assertion", "a closed channel", "a division",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			var trace stack.Trace
			func() {
				defer func() {
					trace.CapturePanic(0, 0)
					if recover() == nil {
						t.Error("got no panic")
					}
				}()
				explode(how)
			}()
			frames := rules.Frames(&trace)
			if got := functions(innermost(frames, 1)); got != "stack_test.explode" {
				t.Errorf("got frames %s, want explode last", functions(frames))
			}
		})
	}
}

func TestAPanicInADeferredFunctionIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	func() {
		defer func() {
			trace.CapturePanic(0, 0)
			_ = recover()
		}()
		defer explode("a nil map")
		explode("a nil pointer")
	}()
	frames := stack.NewRules(nil, stack.Options{}).Frames(&trace)
	if got, want := functions(frames), "runtime.gopanic"; strings.Count(got, want) != 1 {
		t.Errorf("got frames %s, want the earlier panic among them", got)
	}
	if got := functions(innermost(frames, 1)); got != "stack_test.explode" {
		t.Errorf("got innermost frame %s, want explode", got)
	}
}

func TestCaptureNoAlloc(t *testing.T) {
	var trace stack.Trace
	if n := testing.AllocsPerRun(100, func() { outer(&trace, 0) }); n != 0 {
		t.Errorf("got %v allocations a capture, want 0", n)
	}
}
