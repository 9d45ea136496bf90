package posthog_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// DefaultBackoff is what the library itself waits: it doubles, and half of it
// is random.
func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	backoff := posthog.DefaultBackoff()
	for attempt, whole := range map[int]time.Duration{
		-1: 500 * time.Millisecond, 0: 500 * time.Millisecond, 1: time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 1 << 30: 30 * time.Second,
	} {
		for range 100 {
			if got := backoff.Duration(attempt); got < whole/2 || got >= whole {
				t.Fatalf("the wait before retry %d is %v, want from %v to less than %v", attempt, got, whole/2, whole)
			}
		}
	}
}
