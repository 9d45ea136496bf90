package stack_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

type badStringer struct{}

func (badStringer) String() string { panic("no") }

type orderName string

type plainOrder struct {
	ID    int
	Lines []string
	next  *plainOrder
	notes map[string]any
	any   any
}

func TestRecoveredValues(t *testing.T) {
	t.Parallel()
	nested := [][][][]int{{{{1}}}}
	for name, tc := range map[string]struct {
		value       any
		title, text string
		made        bool
	}{
		"text":                        {"out of tea", "panic", "out of tea", false},
		"an error":                    {&needyError{"x"}, "stack_test.needyError", "x", false},
		"an error of the runtime":     {recovered(func() { explode("a nil pointer") }), "runtime.Error", "runtime error: invalid memory address or nil pointer dereference", false},
		"panic(nil)":                  {recovered(func() { panic(nil) }), "runtime.Error", "panic called with nil argument", false}, //nolint:govet // that is the case
		"nothing":                     {nil, "panic", "<nil>", true},
		"a number":                    {42, "int", "42", true},
		"a named text":                {orderName("o-1"), "stack_test.orderName", "o-1", true},
		"a value with String":         {netip.MustParseAddr("192.0.2.1"), "netip.Addr", "192.0.2.1", true},
		"a String that panics":        {badStringer{}, "stack_test.badStringer", "<panic in String(): stack_test.badStringer>", true},
		"a struct":                    {plainOrder{ID: 1, Lines: []string{"a", "b"}, any: 2.5}, "stack_test.plainOrder", "{1 [a b] <nil> <nil> 2.5}", true},
		"a struct full of references": {plainOrder{next: &plainOrder{}, notes: map[string]any{}, any: complex(1, 2)}, "stack_test.plainOrder", "{0 [] (*stack_test.plainOrder) (map[string]interface {}) (1+2i)}", true},
		"a pointer":                   {&plainOrder{}, "*stack_test.plainOrder", "(*stack_test.plainOrder)", true},
		"nested lists":                {nested, "[][][][]int", "[[[[...]]]]", true},
		"unsigned numbers":            {[]any{uint8(1), true, float32(0.1)}, "[]interface {}", "[1 true 0.1]", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := stack.Recovered(tc.value, nil)
			if tree.Title() != tc.title || tree.Value() != tc.text {
				t.Errorf("got %q: %q, want %q: %q", tree.Title(), tree.Value(), tc.title, tc.text)
			}
			list := stack.NewRules(nil, stack.Options{}).Exceptions(tree, nil, stack.Boundary{Mechanism: "panic"})
			if got := *list[0].Mechanism.Synthetic; got != tc.made {
				t.Errorf("got synthetic %v, want %v", got, tc.made)
			}
		})
	}
}

func TestLargeValuesAreCut(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"a long list": make([]int, 1_000_000),
		"long texts":  []string{strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20)},
		"bytes":       make([]byte, 1<<20),
	} {
		if got := len(stack.Recovered(value, nil).Value()); got > 10_000 {
			t.Errorf("%s: got %d bytes, want 10,000 at most", name, got)
		}
	}
}
