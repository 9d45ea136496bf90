package stack_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/stack"
)

type chargeError struct {
	id    int
	cause error
}

func (e *chargeError) Error() string { return fmt.Sprintf("charge %d: %v", e.id, e.cause) }
func (e *chargeError) Unwrap() error { return e.cause }

// codeError is a plain value.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("code %d", int(e)) }

// causeError is one of the time before Unwrap.
type causeError struct{ cause error }

func (e *causeError) Error() string { return "old" }
func (e *causeError) Cause() error  { return e.cause }

// circleError wraps whatever it is told to, itself for one.
type circleError struct{ next error }

func (e *circleError) Error() string { return "circle" }
func (e *circleError) Unwrap() error { return e.next }

// incomparableError cannot be compared, nor be a key of a map.
type incomparableError struct{ parts []string }

func (e incomparableError) Error() string { return strings.Join(e.parts, " ") }
func (e incomparableError) Unwrap() error { return e }

type hostileError struct{}

func (*hostileError) Error() string                 { panic("no text") }
func (*hostileError) Unwrap() []error               { panic("no children") }
func (*hostileError) Callers() []uintptr            { panic("no stack") }
func (*hostileError) ErrorType() string             { panic("no name") }
func (*hostileError) StackTrace(int) (uintptr, int) { panic("no stack") }

type needyError struct{ text string }

func (e *needyError) Error() string { return e.text }

type namedError struct{}

func (namedError) Error() string     { return "declined" }
func (namedError) ErrorType() string { return "CardDeclined" }

type blankError struct{}

func (blankError) Error() string     { return "declined" }
func (blankError) ErrorType() string { return "\t\n" }

type box[T any] struct{ _ T }

func (b box[T]) Error() string { return "boxed" }

func circle() error {
	first, second := &circleError{}, &circleError{}
	first.next, second.next = second, first
	return first
}

func ring(n int) error {
	first := &circleError{}
	last := first
	for range n - 1 {
		next := &circleError{}
		last.next, last = next, next
	}
	last.next = first
	return first
}

func shared() error {
	root := &fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}
	return errors.Join(&chargeError{1, root}, &chargeError{2, root})
}

func deep(n int) error { return chain(n, codeError(7)) }

// chain returns an error at the end of n others.
func chain(n int, end error) error {
	for range n {
		end = &circleError{end}
	}
	return end
}

// Proves EXC-6, EXC-11, EXC-12, EXC-13, EXC-15, EXC-16.
func TestTrees(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(shop, stack.Options{})
	for name, err := range map[string]error{
		"single":                errBoom,
		"linear":                fmt.Errorf("pay: %w", &chargeError{9, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)}),
		"joined":                errors.Join(errors.New("gateway down"), nil, codeError(3)),
		"joined in wrapped":     &chargeError{9, errors.Join(&needyError{"gateway down"}, codeError(3), codeError(3))},
		"two verbs":             fmt.Errorf("%w, then %w", codeError(1), &causeError{codeError(2)}),
		"circle":                circle(),
		"incomparable":          errors.Join(incomparableError{[]string{"a"}}, errBoom),
		"shared child":          shared(),
		"typed nil":             fmt.Errorf("wrapped: %w", (*needyError)(nil)),
		"panicking methods":     &chargeError{1, errors.Join(&hostileError{})},
		"names":                 errors.Join(namedError{}, box[int]{}, struct{ error }{errBoom}),
		"sixty members":         errors.Join(sixty()...),
		"opaque all the way":    fmt.Errorf("a: %w", errors.New("b")),
		"opaque above a joined": fmt.Errorf("a: %w", errors.Join(errBoom, codeError(1))),
		"invalid text":          &needyError{"a\xffb"},
		"errors of the runtime": recovered(func() { explode("an index") }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := rules.Exceptions(stack.Walk(err, nil), nil, stack.Boundary{Mechanism: "generic", Handled: new(true)})
			golden.Compare(t, "testdata/trees/"+strings.ReplaceAll(name, " ", "_")+".json", indented(t, list))
		})
	}
}

func sixty() []error {
	var list []error
	for i := range 60 {
		list = append(list, codeError(i))
	}
	return list
}

func recovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// Proves EXC-13.
func TestDeepAndWideTreesAreCut(t *testing.T) {
	t.Parallel()
	wide := make([]error, 100_000)
	for i := range wide {
		wide[i] = errBoom
	}
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"ten thousand deep":         {deep(10_000), stack.MaxExceptions},
		"the same many times":       {many(wide), 2},
		"behind a thousand others":  {append(many(wide[:1500:1500]), codeError(1)), 2},
		"a value that wraps itself": {valueCircle(), 1},
		"a circle behind others":    {chain(10, ring(10)), 20},
		"wraps itself":              {incomparableError{[]string{"x"}}, stack.MaxExceptions},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := stack.NewRules(nil, stack.Options{}).Exceptions(stack.Walk(tc.err, nil), nil, stack.Boundary{})
			if len(list) != tc.want {
				t.Errorf("got %d exceptions, want %d", len(list), tc.want)
			}
		})
	}
}

// valueCircleError is a plain value that wraps what is at next, which may be itself.
type valueCircleError struct{ next *error }

func (valueCircleError) Error() string   { return "circle" }
func (e valueCircleError) Unwrap() error { return *e.next }

func valueCircle() error {
	var err error
	err = valueCircleError{&err}
	return err
}

type many []error

func (many) Error() string     { return "many" }
func (m many) Unwrap() []error { return m }

func TestMessagesAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want int
	}{
		"ten megabytes":            {strings.Repeat("x", 10<<20), 10_000},
		"a character on the limit": {strings.Repeat("x", 9_999) + "é", 9_999},
		"wide characters":          {strings.Repeat("日", 5_000), 9_999},
		"no text at all":           {strings.Repeat("\xbf", 20_000), 3}, // one replacement for all of it
		"a text that just fits":    {strings.Repeat("x", 10_000), 10_000},
		"an empty one":             {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := len(stack.Walk(&needyError{tc.text}, nil).Value()); got != tc.want {
				t.Errorf("got %d bytes, want %d", got, tc.want)
			}
		})
	}
}

func TestNothingIsNoException(t *testing.T) {
	t.Parallel()
	tree := stack.Walk(nil, nil)
	if !tree.Empty() || tree.Title() != "" || tree.Value() != "" {
		t.Errorf("got %q: %q, want an empty tree", tree.Title(), tree.Value())
	}
	if list := stack.NewRules(nil, stack.Options{}).Exceptions(tree, nil, stack.Boundary{}); list != nil {
		t.Errorf("got %v, want no exceptions", list)
	}
}

func TestTitlesOfTheApplications(t *testing.T) {
	t.Parallel()
	namer := func(err error) string {
		if _, ok := err.(*chargeError); ok {
			return "Charge"
		}
		if _, ok := err.(codeError); ok {
			panic("no name")
		}
		if err == errBoom {
			return strings.Repeat(" ", 300) + "beyond what is kept"
		}
		return ""
	}
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"a name of the namer's":     {&chargeError{1, errBoom}, "Charge"},
		"below an opaque type":      {fmt.Errorf("x: %w", &chargeError{1, errBoom}), "Charge"},
		"a namer that has none":     {&needyError{}, "stack_test.needyError"},
		"a namer that panics":       {codeError(1), "stack_test.codeError"},
		"a name of the error's own": {namedError{}, "CardDeclined"},
		"a blank of the namer's":    {errBoom, "errors.errorString"},
		"a blank of the error's":    {blankError{}, "stack_test.blankError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := stack.Walk(tc.err, namer).Title(); got != tc.want {
				t.Errorf("got title %q, want %q", got, tc.want)
			}
		})
	}
}

// FuzzWalk makes a graph of errors: each byte says what the error at that place is and which ones it wraps.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7})
	f.Add([]byte{12, 200, 40, 41, 99, 13, 255, 0, 8})
	f.Add([]byte{2, 2, 2, 2})
	rules := stack.NewRules(shop, stack.Options{StableGrouping: true})
	f.Fuzz(func(t *testing.T, graph []byte) {
		if len(graph) == 0 || len(graph) > 1000 {
			return
		}
		nodes := make([]*knot, len(graph))
		for i := range nodes {
			nodes[i] = &knot{}
		}
		for i, b := range graph {
			for j := range int(b % 4) {
				next := error(nodes[(i*31+int(b)*7+j)%len(nodes)])
				if b%5 == 0 {
					next = &circleError{next}
				}
				nodes[i].below = append(nodes[i].below, next)
			}
		}
		list := rules.Exceptions(stack.Walk(nodes[0], nil), nil, stack.Boundary{Mechanism: "generic"})
		if len(list) == 0 || len(list) > stack.MaxExceptions {
			t.Fatalf("graph %v: got %d exceptions", graph, len(list))
		}
		for i, e := range list {
			if e.Type == "" || e.Mechanism.ID != i {
				t.Errorf("graph %v: exception %d is %+v", graph, i, e)
			}
			if p := e.Mechanism.Parent; i == 0 && p != nil || i > 0 && (p == nil || *p >= i || *p < 0) {
				t.Errorf("graph %v: exception %d hangs on %v", graph, i, p)
			}
		}
	})
}

type knot struct{ below []error }

func (*knot) Error() string     { return "knot" }
func (k *knot) Unwrap() []error { return k.below }
