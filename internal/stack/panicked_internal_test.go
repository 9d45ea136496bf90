package stack

import (
	"slices"
	"testing"
)

// passedOn is a panic that the library recovers and passes on, as a function of this package does.
func passedOn() {
	defer func() {
		value := recover()
		panic(value)
	}()
	panic("first")
}

func TestRepanicked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call func()
		want bool
	}{
		"a panic that the library passed on": {passedOn, true},
		"a panic of the runtime's":           {func() { clear(nothing()[1:]) }, false},
		"no panic":                           {func() {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var trace Trace
			func() {
				defer func() {
					trace.CapturePanic(0, 0)
					_ = recover()
				}()
				tc.call()
			}()
			if got := trace.Repanicked(); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
	if new(Trace).Repanicked() {
		t.Error("an empty trace: got true, want false")
	}
}

//go:noinline
func nothing() []int { return nil }

func TestFrom(t *testing.T) {
	t.Parallel()
	var trace Trace
	trace.Capture(0, 0)
	whole := trace
	caller := whole.pcs[1]
	for name, tc := range map[string]struct {
		pc   uintptr
		want []uintptr
		left int
	}{
		"a call on the stack": {caller, whole.pcs[1:whole.n], 1},
		"the innermost one":   {whole.pcs[0], whole.pcs[:whole.n], 0},
		"a call elsewhere":    {1, []uintptr{1}, -1},
		"no call":             {0, whole.pcs[:whole.n], -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := whole
			left := cut.From(tc.pc)
			if got := cut.pcs[:cut.n]; !slices.Equal(got, tc.want) || left != tc.left {
				t.Errorf("got %x after leaving out %d, want %x and %d", got, left, tc.want, tc.left)
			}
		})
	}
}
