package stack_test

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

// entryOf returns where a function begins.
func entryOf(function any) uintptr { return reflect.ValueOf(function).Pointer() }

//go:noinline
func farther(t *stack.Trace) { nearest(t) }

//go:noinline
func nearest(t *stack.Trace) { t.Capture(0, 0) }

//go:noinline
func elsewhere(t *stack.Trace) { farther(t) }

func TestWithin(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	if trace.Within([]uintptr{entryOf(farther)}) {
		t.Error("an empty trace is within a function")
	}
	farther(&trace)
	for name, c := range map[string]struct {
		entries []uintptr
		want    bool
	}{
		"the innermost":        {[]uintptr{entryOf(nearest)}, true},
		"one further out":      {[]uintptr{entryOf(farther)}, true},
		"another":              {[]uintptr{entryOf(elsewhere)}, false},
		"one of several":       {[]uintptr{entryOf(elsewhere), entryOf(farther)}, true},
		"none":                 {nil, false},
		"the middle of one":    {[]uintptr{entryOf(farther) + 1}, false},
		"what it came back of": {[]uintptr{entryOf((*stack.Trace).Capture)}, false},
	} {
		if got := trace.Within(c.entries); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestDrop(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{-1: "nearest", 0: "nearest", 1: "farther", 2: "func1", 1000: "goexit"} {
		func() {
			var trace stack.Trace
			farther(&trace)
			trace.Drop(n)
			frames := stack.NewRules(nil, stack.Options{}).Frames(&trace)
			last := frames[len(frames)-1].Function
			if want = "." + want; last[len(last)-len(want):] != want {
				t.Errorf("after %d calls were left out the stack ends with %s, want %s", n, last, want)
			}
		}()
	}
	var trace stack.Trace
	trace.Drop(1)
	if !trace.Empty() {
		t.Error("there are calls in an empty trace")
	}
	farther(&trace)
	trace.From(callHere())
	trace.Drop(1)
	if trace.Empty() {
		t.Error("the last call was left out")
	}
}

// What is kept of a deep stack is what would have been captured of it at first.
func TestKeep(t *testing.T) {
	t.Parallel()
	for _, frames := range []int{0, 1, 64, 1000} {
		var whole, part stack.Trace
		recurse(1000, func() {
			for _, take := range []func(){func() { part.Capture(1, frames) }, func() { whole.Capture(1, stack.Depth) }} {
				take()
			}
		})
		whole.Keep(frames)
		rules := stack.NewRules(nil, stack.Options{MaxFrames: stack.Depth})
		if got, want := len(rules.Frames(&whole)), len(rules.Frames(&part)); got != want {
			t.Errorf("of a stack kept for %d frames there are %d, want %d", frames, got, want)
		}
	}
}

// callHere returns the address of a call that is on no stack.
func callHere() uintptr {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	return pcs[0]
}
