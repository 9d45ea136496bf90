package stack_test

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/stack"
)

// lost has a stack of addresses that belong to nothing.
type lost struct{ from uintptr }

func (lost) Error() string { return "lost" }

func (e lost) Callers() []uintptr {
	pcs := make([]uintptr, stack.Depth)
	for i := range pcs {
		pcs[i] = e.from + uintptr(i)
	}
	return pcs
}

func TestPlacesAreFoundOutOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	rules := stack.NewRules(nil, stack.Options{InApp: func(runtime.Frame) bool {
		asked.Add(1)
		return true
	}})
	var trace stack.Trace
	outer(&trace, 0)
	first := rules.Frames(&trace)
	before := asked.Load()
	outer(&trace, 0)
	second := rules.Frames(&trace)
	if n := asked.Load() - before; n > 1 { // the test called from two places
		t.Errorf("got %d questions about a stack that was known but for one call, want 1", n)
	}
	if len(first) != len(second) || first[0] != second[0] || first[len(first)-1] != second[len(second)-1] {
		t.Errorf("got frames %s and %s, want the same ones", functions(first), functions(second))
	}
	if got := first[1].Line; got == second[1].Line {
		t.Errorf("got line %d of two calls", got)
	}
}

// Proves EXC-5.
func TestWarmStacksAreThoseThatWereCold(t *testing.T) {
	t.Parallel()
	var inlined, panicked, deep stack.Trace
	around(&inlined, 0)
	func() {
		defer func() {
			panicked.CapturePanic(0, 0)
			_ = recover()
		}()
		explode("a nil pointer")
	}()
	recurse(500, func() { deep.Capture(0, stack.Depth) })
	for name, options := range map[string]stack.Options{
		"plain":        {},
		"native":       {Image: everywhere()},
		"few frames":   {MaxFrames: 3},
		"many frames":  {MaxFrames: stack.Depth},
		"own decision": {InApp: func(f runtime.Frame) bool { return strings.Contains(f.Function, "Test") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := stack.NewRules(shop, options)
			for _, trace := range []*stack.Trace{&inlined, &panicked, &deep, {}, nil} {
				cold := indented(t, stack.NewRules(shop, options).Frames(trace))
				for range 2 {
					if warm := indented(t, rules.Frames(trace)); !bytes.Equal(warm, cold) {
						t.Errorf("got  %s\nwant %s", warm, cold)
					}
				}
			}
		})
	}
}

// A stack that was printed has one address for a call and all that was inlined into it.
func TestAddressesOfPrintedStacks(t *testing.T) {
	t.Parallel()
	var pcs []uintptr
	inlinedTwiceMore(&pcs)
	rules := stack.NewRules(nil, stack.Options{})
	frames := func(pcs []uintptr) string {
		return functions(rules.Exceptions(stack.Walk(&plain{pcs}, nil), nil, stack.Boundary{})[0].Stack.Frames)
	}
	want := "stack_test.TestAddressesOfPrintedStacks stack_test.inlinedTwiceMore stack_test.inlinedOnceMore stack_test.take"
	if got := frames(pcs[:4]); got != want {
		t.Fatalf("got frames %s, want %s", got, want)
	}
	printed := []uintptr{pcs[0], pcs[1], pcs[4]}
	if got := frames(printed); !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "testing.tRunner") {
		t.Errorf("got frames %s, want testing.tRunner %s", got, want)
	}
	if got, want := frames(pcs[:2]), "stack_test.inlinedOnceMore stack_test.take"; got != want {
		t.Errorf("got frames %s, want no more than there were, %s", got, want)
	}
}

func inlinedTwiceMore(pcs *[]uintptr) { inlinedOnceMore(pcs) }

func inlinedOnceMore(pcs *[]uintptr) { take(pcs) }

//go:noinline
func take(pcs *[]uintptr) {
	*pcs = make([]uintptr, 8)
	*pcs = (*pcs)[:runtime.Callers(1, *pcs)]
}

func TestManyGoroutinesShareRules(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(shop, stack.Options{StableGrouping: true})
	var trace stack.Trace
	outer(&trace, 0)
	want := stack.AppendExceptions(nil, stack.NewRules(shop, stack.Options{StableGrouping: true}).
		Exceptions(stack.Walk(errPay, nil), &trace, stack.Boundary{}))
	var running sync.WaitGroup
	for g := range 8 {
		running.Go(func() {
			for i := range 40 { // which is more addresses than are remembered
				rules.Exceptions(stack.Walk(lost{uintptr(i * stack.Depth)}, nil), nil, stack.Boundary{})
				recurse(g+i, func() {
					var own stack.Trace
					own.Capture(0, 0)
					rules.Frames(&own)
				})
				list := rules.Exceptions(stack.Walk(errPay, nil), &trace, stack.Boundary{})
				if got := stack.AppendExceptions(nil, list); !bytes.Equal(got, want) {
					t.Errorf("got  %s\nwant %s", got, want)
					return
				}
			}
		})
	}
	running.Wait()
}

// Proves EXC-43.
func TestFramesOneAlloc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deep := captured32(t)
		var inlined stack.Trace
		around(&inlined, 0)
		for name, tc := range map[string]struct {
			trace   *stack.Trace
			options stack.Options
		}{
			"a deep stack":           {deep, stack.Options{}},
			"calls that are inlined": {&inlined, stack.Options{}},
			"lines of source code":   {deep, stack.Options{Sources: stack.NewSources(nil, time.Time{}), Include: []string{"testing"}}},
		} {
			rules := stack.NewRules(shop, tc.options)
			if n := testing.AllocsPerRun(100, func() { rules.Frames(tc.trace) }); n != 1 {
				t.Errorf("%s: got %v allocations for the frames of a known stack, want 1, the slice", name, n)
			}
		}
	})
}
