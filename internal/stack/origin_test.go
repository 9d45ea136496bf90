package stack_test

import (
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

// The compiler inlines functions of the standard library into the test, and names their closures after it. They are
// still the standard library's. Proves EXC-37.
func TestInlinedClosuresBelongToWhoWroteThem(t *testing.T) {
	t.Parallel()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("got no build information")
	}
	rules := stack.NewRules(info, stack.Options{})
	var trace stack.Trace
	capture := sync.OnceFunc(func() {
		for range slices.Values([]int{1}) {
			trace.Capture(0, 0)
		}
	})
	capture()
	files := make(map[string]bool)
	for _, f := range rules.Frames(&trace) {
		if own := f.Filename == "internal/stack/origin_test.go"; own != f.InApp {
			t.Errorf("%s in %s: got in_app %v, want %v", f.Function, f.Filename, f.InApp, own)
		}
		files[f.Filename] = true
	}
	for _, want := range []string{"internal/stack/origin_test.go", "sync/oncefunc.go", "slices/iter.go"} {
		if !files[want] {
			t.Errorf("got frames of the files %v, want some of %s", slices.Sorted(maps.Keys(files)), want)
		}
	}
}
