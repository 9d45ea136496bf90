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
		boundary stack.Boundary
		made     bool
		thread   int32
		frames   bool
	}{
		"an error gets the stack of the capture":       {stack.Walk(errBoom, nil), stack.Boundary{Trace: &site}, true, 0, true},
		"a panic has a stack of its own":               {stack.Recovered(errBoom, nil), stack.Boundary{Trace: &crash}, false, 0, true},
		"a panic with a text has one as well":          {stack.Recovered("x", nil), stack.Boundary{Trace: &crash}, false, 0, true},
		"a panic with another value is made up":        {stack.Recovered(1, nil), stack.Boundary{Trace: &crash}, true, 0, true},
		"no stack at all":                              {stack.Walk(errBoom, nil), stack.Boundary{}, false, 0, false},
		"who knows better decides":                     {stack.Walk(errBoom, nil), stack.Boundary{Trace: &site, Synthetic: new(false)}, false, 0, true},
		"a goroutine":                                  {stack.Walk(errBoom, nil), stack.Boundary{Goroutine: math.MaxInt32}, false, math.MaxInt32, false},
		"a goroutine whose id PostHog would not parse": {stack.Walk(errBoom, nil), stack.Boundary{Goroutine: math.MaxInt32 + 1}, false, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := rules.Exceptions(tc.tree, tc.boundary)[0]
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
	later := rules.Exceptions(stack.Walk(&chargeError{1, errBoom}, nil), b)
	earlier := rules.Exceptions(stack.Walk(&chargeError{2, codeError(1)}, nil), b)
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
	full := rules.Exceptions(stack.Walk(deep(100), nil), b)
	if n := len(stack.Supersede(later, full)); n != stack.MaxExceptions {
		t.Errorf("got %d exceptions, want %d", n, stack.MaxExceptions)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	frame := func(function string, line int, own bool) stack.Frame {
		return stack.Frame{Platform: "go", Function: function, Filename: "f.go", Line: line, InApp: own}
	}
	with := func(title, value string, frames ...stack.Frame) []stack.Exception {
		e := stack.Exception{Type: title, Value: value}
		if frames != nil {
			e.Stack = &stack.Stack{Type: "raw", Frames: frames}
		}
		return []stack.Exception{e}
	}
	own, other := frame("main.f", 1, true), frame("net/http.Get", 1, false)
	for name, tc := range map[string]struct {
		a, b []stack.Exception
		same bool
	}{
		"lines and messages do not count": {with("T", "user 1", own), with("T", "user 2", frame("main.f", 9, true)), true},
		"types do":                        {with("T", "", own), with("U", "", own), false},
		"functions do":                    {with("T", "", own), with("T", "", frame("main.g", 1, true)), false},
		"frames of others do not, beside one's own":   {with("T", "", other, own), with("T", "", own), true},
		"without own frames, the outermost one does":  {with("T", "", other, other), with("T", "", other), true},
		"without a stack, the message counts":         {with("T", "user 1"), with("T", "user 2"), false},
		"an empty stack is a stack":                   {with("T", "user 1", []stack.Frame{}...), with("T", "user 2", []stack.Frame{}...), true},
		"a source line does not change the group":     {with("T", "", own), with("T", "", stack.Frame{Platform: "custom", Function: "main.f", Filename: "f.go", InApp: true}), true},
		"a wrapped error counts as well as the first": {with("T", "", own), append(with("T", "", own), with("U", "x")...), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := stack.Fingerprint(tc.a), stack.Fingerprint(tc.b)
			if (a == b) != tc.same || len(a) != 128 {
				t.Errorf("got %s and %s, want the same: %v", a, b, tc.same)
			}
		})
	}
	if got := stack.CustomFingerprint("checkout"); got != "checkout" {
		t.Errorf("a short one: got %q, want it kept", got)
	}
	if got := stack.CustomFingerprint(strings.Repeat("x", 65)); len(got) != 128 {
		t.Errorf("a long one: got %q, want a hash", got)
	}
}

func BenchmarkWalk(b *testing.B) {
	err := error(&chargeError{9, &needyError{"x"}})
	b.ReportAllocs()
	for b.Loop() {
		stack.Walk(err, nil)
	}
}
