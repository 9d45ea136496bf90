//go:build !race

package posthog_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog"
)

// The gates of capturing: an error that wraps another one, on a stack of some 30
// calls, costs a few allocations whatever the number of frames; what is not sent
// as a duplicate costs none.
func TestCaptureNoAlloc(t *testing.T) {
	const most = 12
	client := roomy(t, posthog.OverflowReject)
	ctx := t.Context()
	err := fmt.Errorf("order 17: %w", &chargeError{17})
	callDepth(24, func() {
		capture := func() {
			if err := client.CaptureException(ctx, err); err != nil {
				t.Fatal(err)
			}
		}
		if got := leastAllocs(capture); got > most {
			t.Errorf("CaptureException allocates %v times, want %d at most", got, most)
		}
	})
	again := capturedElsewhere(t, client)
	got := leastAllocs(func() {
		if err := client.CaptureException(ctx, again); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("CaptureException of a duplicate allocates %v times, want 0", got)
	}
}

// leastAllocs is how often f allocates, as the best of several measurements has
// it: what the rest of the process does, and what a collection takes from pools,
// only adds to one, and seldom to all.
func leastAllocs(f func()) float64 {
	least := testing.AllocsPerRun(200, f)
	for range 9 {
		least = min(least, testing.AllocsPerRun(200, f))
	}
	return least
}
