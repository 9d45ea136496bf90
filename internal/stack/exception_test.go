package stack_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

// Proves EXC-16, EXC-44.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(nil, stack.Options{})
	var site, crash stack.Trace
	site.Capture(0, 0)
	func() {
		defer func() {
			crash.CapturePanic(0, 0)
			_ = recover()
		}()
		explode("a call of panic")
	}()
	for name, tc := range map[string]struct {
		tree     stack.Tree
		trace    *stack.Trace
		boundary stack.Boundary
		made     bool
		thread   int32
		frames   bool
	}{
		"an error gets the stack of the capture":       {stack.Walk(errBoom, nil), &site, stack.Boundary{}, true, 0, true},
		"a panic has a stack of its own":               {stack.Recovered(errBoom, nil), &crash, stack.Boundary{}, false, 0, true},
		"a panic with a text has one as well":          {stack.Recovered("x", nil), &crash, stack.Boundary{}, false, 0, true},
		"a panic with another value is made up":        {stack.Recovered(1, nil), &crash, stack.Boundary{}, true, 0, true},
		"no stack at all":                              {stack.Walk(errBoom, nil), nil, stack.Boundary{}, false, 0, false},
		"who knows better decides":                     {stack.Walk(errBoom, nil), &site, stack.Boundary{Synthetic: new(false)}, false, 0, true},
		"a goroutine":                                  {stack.Walk(errBoom, nil), nil, stack.Boundary{Goroutine: math.MaxInt32}, false, math.MaxInt32, false},
		"a goroutine whose id PostHog would not parse": {stack.Walk(errBoom, nil), nil, stack.Boundary{Goroutine: math.MaxInt32 + 1}, false, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := rules.Exceptions(tc.tree, tc.trace, tc.boundary)[0]
			if got := *first.Mechanism.Synthetic; got != tc.made {
				t.Errorf("got synthetic %v, want %v", got, tc.made)
			}
			if first.ThreadID != tc.thread || (first.Stack != nil) != tc.frames {
				t.Errorf("got thread %d and stack %v, want %d and %v", first.ThreadID, first.Stack, tc.thread, tc.frames)
			}
			if first.Mechanism.Handled != nil || first.Mechanism.Parent != nil || first.Mechanism.Source != "" {
				t.Errorf("got mechanism %+v, want nothing made up", first.Mechanism)
			}
		})
	}
}

func TestSupersede(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(nil, stack.Options{})
	b := stack.Boundary{Mechanism: "panic", Handled: new(false)}
	later := rules.Exceptions(stack.Walk(&chargeError{1, errBoom}, nil), nil, b)
	earlier := rules.Exceptions(stack.Walk(&chargeError{2, codeError(1)}, nil), nil, b)
	got := ""
	for _, e := range stack.Supersede(later, earlier) {
		parent := -1
		if e.Mechanism.Parent != nil {
			parent = *e.Mechanism.Parent
		}
		got += strings.Join([]string{e.Value, e.Mechanism.Type, e.Mechanism.Source}, "/") + string(rune('1'+parent)) + " "
	}
	if want := "charge 1: boom/panic/0 boom/chained/unwrap1 charge 2: code 1/chained/context1 code 1/chained/unwrap3 "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := len(stack.Supersede(nil, earlier)); n != 2 {
		t.Errorf("without a later one: got %d exceptions, want 2", n)
	}
	full := rules.Exceptions(stack.Walk(deep(100), nil), nil, b)
	if n := len(stack.Supersede(later, full)); n != stack.MaxExceptions {
		t.Errorf("got %d exceptions, want %d", n, stack.MaxExceptions)
	}
}
