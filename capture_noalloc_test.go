//go:build !race

package posthog_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog"
)

// The gates of capturing: an error that wraps another one, on a stack of some 30
// calls, costs a few allocations whatever the number of frames, and options add
// none; what is not sent as a duplicate costs none, with options or without.
func TestCaptureNoAlloc(t *testing.T) {
	const most = 10 // one is the text of the error
	client := roomy(t, posthog.OverflowReject)
	ctx, properties := t.Context(), scalars(5)
	err := fmt.Errorf("order 17: %w", &chargeError{17})
	again := capturedElsewhere(t, client)
	for name, capture := range map[string]func(error) error{
		"without options": func(err error) error { return client.CaptureException(ctx, err) },
		"with options": func(err error) error {
			return client.CaptureException(ctx, err, posthog.WithDistinctId("u_1"), posthog.WithProperties(properties),
				posthog.WithLevel(posthog.LevelWarning), posthog.WithSource("go.cron", "task"))
		},
	} {
		callDepth(24, func() {
			if got := leastAllocs(succeeds(t, capture, err)); got > most {
				t.Errorf("CaptureException %s allocates %v times, want %d at most", name, got, most)
			}
		})
		if got := leastAllocs(succeeds(t, capture, again)); got != 0 {
			t.Errorf("CaptureException of a duplicate %s allocates %v times, want 0", name, got)
		}
	}
}

// succeeds returns a call of capture that must not fail.
func succeeds(t *testing.T, capture func(error) error, err error) func() {
	t.Helper()
	return func() {
		if failure := capture(err); failure != nil {
			t.Fatal(failure)
		}
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
