package stack_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

// errPay wraps another error the way most errors do.
var errPay = fmt.Errorf("pay: %w", errBoom)

// captured32 is a stack of 32 calls.
func captured32(tb testing.TB) *stack.Trace {
	tb.Helper()
	var trace stack.Trace
	recurse(28, func() { trace.Capture(0, 0) })
	return &trace
}

var handled = true

// whole does everything that a capture does here.
func whole(rules *stack.Rules, to []byte) []byte {
	var trace stack.Trace
	trace.Capture(0, 0)
	list := rules.Exceptions(stack.Walk(errPay, nil), &trace, stack.Boundary{Mechanism: "generic", Handled: &handled})
	return stack.AppendExceptions(to, list)
}

// Proves EXC-43: a known stack costs four allocations, however deep it is, and so was looked up nowhere. They are the
// tree, the list, what that refers to, and its frames. The trace needs none.
func TestExceptionsFourAllocs(t *testing.T) {
	const want = 4
	rules := stack.NewRules(shop, stack.Options{StableGrouping: true})
	buffer := make([]byte, 0, 32<<10)
	recurse(28, func() {
		if n := testing.AllocsPerRun(100, func() { buffer = whole(rules, buffer[:0]) }); n > want {
			t.Errorf("got %v allocations for the list of an exception, want %d at most", n, want)
		}
	})
}

func BenchmarkCapture32(b *testing.B) {
	var trace stack.Trace
	recurse(28, func() {
		b.ReportAllocs()
		for b.Loop() {
			trace.Capture(0, 0)
		}
	})
}

func BenchmarkResolve32Warm(b *testing.B) {
	trace, rules := captured32(b), stack.NewRules(shop, stack.Options{})
	b.ReportAllocs()
	for b.Loop() {
		rules.Frames(trace)
	}
}

func BenchmarkResolve32Cold(b *testing.B) {
	trace := captured32(b)
	b.ReportAllocs()
	for b.Loop() {
		stack.NewRules(shop, stack.Options{}).Frames(trace)
	}
}

func BenchmarkAppend32(b *testing.B) {
	rules := stack.NewRules(shop, stack.Options{})
	list := rules.Exceptions(stack.Walk(errPay, nil), captured32(b), stack.Boundary{Mechanism: "generic"})
	buffer := make([]byte, 0, 32<<10)
	b.ReportAllocs()
	for b.Loop() {
		buffer = stack.AppendExceptions(buffer[:0], list)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkWalk(b *testing.B) {
	for name, err := range map[string]error{"one verb": errPay, "own types": &chargeError{9, &needyError{"x"}}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stack.Walk(err, nil)
			}
		})
	}
}

// BenchmarkWhole32 is all of the above, of an error that wraps another one.
func BenchmarkWhole32(b *testing.B) {
	rules := stack.NewRules(shop, stack.Options{StableGrouping: true})
	buffer := make([]byte, 0, 32<<10)
	recurse(28, func() {
		b.ReportAllocs()
		for b.Loop() {
			buffer = whole(rules, buffer[:0])
		}
	})
}
