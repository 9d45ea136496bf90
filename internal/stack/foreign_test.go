package stack_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

//go:noinline
func callers() []uintptr {
	pcs := make([]uintptr, 8)
	return pcs[:runtime.Callers(2, pcs)]
}

// The errors below show their stacks the way well-known packages do.

type address uintptr

type addresses []address

type traced struct {
	text string
	pcs  []uintptr
}

func (e *traced) Error() string { return e.text }

// StackTrace has types of its own.
func (e *traced) StackTrace() addresses {
	var list addresses
	for _, pc := range e.pcs {
		list = append(list, address(pc))
	}
	return list
}

// withTrace does nothing but add a stack to another error.
type withTrace struct {
	error
	traced
}

func (e *withTrace) Error() string { return e.error.Error() }
func (e *withTrace) Unwrap() error { return e.error }

type call struct{ PC uintptr }

type structs struct{ pcs []uintptr }

func (*structs) Error() string { return "structs" }
func (e *structs) StackFrames() []*call {
	list := []*call{nil}
	for _, pc := range e.pcs {
		list = append(list, &call{pc})
	}
	return list
}

type caller struct{ pcs []uintptr }

func (*caller) Error() string        { return "callers" }
func (e *caller) Callers() []uintptr { return e.pcs }

type holder struct{ pcs []uintptr }

func (*holder) Error() string         { return "pcs" }
func (e *holder) StackPCs() []uintptr { return e.pcs }

type plain struct{ pcs []uintptr }

func (*plain) Error() string           { return "plain" }
func (e *plain) StackTrace() []uintptr { return e.pcs }

type tracer interface{ StackTrace() addresses }

type asked struct{ pcs []uintptr }

func (*asked) Error() string            { return "asked" }
func (e *asked) GetStackTracer() tracer { return &traced{pcs: e.pcs} }

type framed struct{ pcs []uintptr }

func (*framed) Error() string { return "framed" }
func (e *framed) StackTrace() []runtime.Frame {
	var list []runtime.Frame
	for frames := runtime.CallersFrames(e.pcs); ; {
		f, more := frames.Next()
		list = append(list, f)
		if !more {
			return list
		}
	}
}

type lazy struct{ pcs []uintptr }

func (*lazy) Error() string                 { return "lazy" }
func (e *lazy) StackTrace() *runtime.Frames { return runtime.CallersFrames(e.pcs) }

type position struct{ frames [3]uintptr }

type positioned struct {
	text  string
	frame position
}

func (e *positioned) Error() string { return e.text }

//go:noinline
func position3() (p position) {
	runtime.Callers(1, p.frames[:])
	return p
}

type parameters struct{}

func (parameters) Error() string                   { return "parameters" }
func (parameters) StackTrace(deep bool) []uintptr  { return []uintptr{1} }
func (parameters) GetStackTracer() (tracer, error) { return nil, nil }

type strangers struct{}

func (strangers) Error() string          { return "strangers" }
func (strangers) StackTrace() []string   { return []string{"main.go:3"} }
func (strangers) StackFrames() []call    { return nil }
func (strangers) GetStackTracer() tracer { return nil }

// busy has all that errors usually have, and a stack.
type busy struct{ *traced }

func (busy) Unwrap() error   { return nil }
func (busy) Is(error) bool   { return false }
func (busy) As(any) bool     { return false }
func (busy) Timeout() bool   { return false }
func (busy) Temporary() bool { return false }

// busier wraps several.
type busier struct{ *traced }

func (busier) Unwrap() []error { return nil }

type garbage struct{}

func (garbage) Error() string      { return "garbage" }
func (garbage) Callers() []uintptr { return []uintptr{0, 1, 0xdeadbeef, ^uintptr(0)} }

// empty has frames that say nothing.
type empty struct{}

func (*empty) Error() string               { return "empty" }
func (*empty) StackTrace() []runtime.Frame { return make([]runtime.Frame, 3) }

// Proves EXC-8, EXC-16.
func TestStacksOfErrors(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(shop, stack.Options{})
	var here stack.Trace
	here.Capture(0, 0)
	for name, tc := range map[string]struct {
		err error
		own bool
	}{
		"addresses of another type":         {&traced{"x", callers()}, true},
		"structs with an address":           {&structs{callers()}, true},
		"a method Callers":                  {&caller{callers()}, true},
		"a method StackPCs":                 {&holder{callers()}, true},
		"plain addresses":                   {&plain{callers()}, true},
		"somebody to ask":                   {&asked{callers()}, true},
		"frames":                            {&framed{callers()}, true},
		"frames to be read":                 {&lazy{callers()}, true},
		"one private frame":                 {&positioned{"x", position3()}, true},
		"a stack among usual methods":       {busy{&traced{"x", callers()}}, true},
		"a stack of somebody with several":  {busier{&traced{"x", callers()}}, true},
		"methods with parameters":           {parameters{}, false},
		"a stack of another kind":           {strangers{}, false},
		"addresses of nothing":              {garbage{}, false},
		"frames of nothing":                 {&empty{}, false},
		"no stack":                          {errBoom, false},
		"a nil pointer with a stack method": {(*traced)(nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := rules.Exceptions(stack.Walk(tc.err, nil), &here, stack.Boundary{})
			if list[0].Stack == nil {
				t.Fatal("got no stack")
			}
			frames := list[0].Stack.Frames
			if got, want := functions(innermost(frames, 1)), "stack_test.TestStacksOfErrors"; got != want {
				t.Errorf("got innermost frame %q, want %q", got, want)
			}
			if got := *list[0].Mechanism.Synthetic; got == tc.own {
				t.Errorf("got synthetic %v, want %v", got, !tc.own)
			}
		})
	}
}

func TestAShellAroundAnErrorGivesItsStackToTheError(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(shop, stack.Options{})
	shell := func(err error) error { return &withTrace{err, traced{"", callers()}} }
	for name, tc := range map[string]struct {
		err    error
		want   string
		stacks int
	}{
		"an error without a stack":      {shell(&needyError{"x"}), "stack_test.needyError", 1},
		"an error with a stack":         {shell(&traced{"x", callers()}), "stack_test.withTrace stack_test.traced", 2},
		"two shells":                    {shell(shell(&needyError{"x"})), "stack_test.withTrace stack_test.needyError", 2},
		"an error that was read before": {sharedBelowShell(shell), "stack_test.needyError stack_test.needyError stack_test.withTrace", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := rules.Exceptions(stack.Walk(tc.err, nil), nil, stack.Boundary{})
			got, stacks := "", 0
			for i := range list {
				got += " " + list[i].Type
				if list[i].Stack != nil {
					stacks++
				}
			}
			if got != " "+tc.want || stacks != tc.stacks {
				t.Errorf("got types%s and %d stacks, want %s and %d", got, stacks, tc.want, tc.stacks)
			}
		})
	}
}

func TestManyShellsHideNoError(t *testing.T) {
	t.Parallel()
	err := error(&needyError{"x"})
	for range 300 {
		err = fmt.Errorf("%w", err)
	}
	tree := stack.Walk(&withTrace{err, traced{"", callers()}}, nil)
	if tree.Empty() || tree.Value() != "x" {
		t.Errorf("got %q: %q, want an exception", tree.Title(), tree.Value())
	}
}

func sharedBelowShell(shell func(error) error) error {
	child := &needyError{"x"}
	return errors.Join(child, shell(child))
}

func TestTheStackBelongsToTheErrorThatHasIt(t *testing.T) {
	t.Parallel()
	var here stack.Trace
	here.Capture(0, 0)
	below := fmt.Errorf("pay: %w", &traced{"x", callers()})
	for name, tc := range map[string]struct {
		err     error
		options stack.Options
		want    string // how many frames each exception has: none, some or an empty list
		made    bool
	}{
		"below the first":               {below, stack.Options{}, "none some", false},
		"below the first, and a wish":   {below, stack.Options{AlwaysCaptureSite: true}, "some some", true},
		"below the first, for grouping": {below, stack.Options{StableGrouping: true}, "empty some", false},
		"nowhere":                       {fmt.Errorf("x: %w", errBoom), stack.Options{}, "some none", true},
		"addresses of nothing below":    {fmt.Errorf("x: %w", garbage{}), stack.Options{}, "some none", true},
		"nowhere, for grouping":         {fmt.Errorf("x: %w", errBoom), stack.Options{StableGrouping: true}, "some empty", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := stack.NewRules(nil, tc.options).Exceptions(stack.Walk(tc.err, nil), &here, stack.Boundary{})
			got := ""
			for i := range list {
				switch s := list[i].Stack; {
				case s == nil:
					got += " none"
				case len(s.Frames) == 0:
					got += " empty"
				default:
					got += " some"
				}
			}
			if got != " "+tc.want || *list[0].Mechanism.Synthetic != tc.made {
				t.Errorf("got stacks%s, synthetic %v; want %s, %v", got, *list[0].Mechanism.Synthetic, tc.want, tc.made)
			}
		})
	}
}
