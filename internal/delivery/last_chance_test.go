package delivery_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Whatever would be repeated too late gets its last attempt before the
// deadline of Close: as late as leaves it its time, two seconds, but in the
// second half of what is left.
func TestTheLastChance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		backoff  time.Duration
		react    reaction
		within   time.Duration // Close is called at 1s
		requests []string
		left     int
		took     time.Duration
	}{
		"the retry would come in good time": {
			backoff: 5 * time.Second, react: answers(503), within: 10 * time.Second,
			requests: []string{"0s a", "5s a"}, took: 4 * time.Second,
		},
		"the retry would come after the deadline": {
			backoff: time.Hour, react: answers(503), within: 10 * time.Second,
			requests: []string{"0s a", "9s a"}, took: 8 * time.Second,
		},
		"the retry would come shortly before the deadline": {
			backoff: 10500 * time.Millisecond, react: answers(503), within: 10 * time.Second,
			requests: []string{"0s a", "9s a"}, took: 8 * time.Second,
		},
		"there is less time than an attempt may take": {
			backoff: time.Hour, react: answers(503), within: time.Second,
			requests: []string{"0s a", "1.5s a"}, took: 500 * time.Millisecond,
		},
		"the last attempt fails, and Close need not wait": {
			backoff: time.Hour, react: status(503), within: 10 * time.Second,
			requests: []string{"0s a", "9s a"}, left: 1, took: 8 * time.Second,
		},
		"a shorter wait leads to more attempts": {
			backoff: 3 * time.Second, react: status(503), within: 10 * time.Second,
			requests: []string{"0s a", "3s a", "6s a", "9s a", "10s a"}, left: 1, took: 9 * time.Second,
		},
		"a pause is kept all the same": {
			backoff: time.Second, react: pausing(time.Minute), within: 10 * time.Second,
			requests: []string{"0s a"}, left: 1, took: 10 * time.Second,
		},
		"a pause that ends before the last attempt is no matter": {
			backoff: time.Hour, react: inTurn(pausing(5 * time.Second)), within: 10 * time.Second,
			requests: []string{"0s a", "9s a"}, took: 8 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(config *delivery.Config) {
				config.FlushAt = 1
				config.Retry.Delay = func(int) time.Duration { return c.backoff }
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(c.react)
				w.put("a")
				w.pass(time.Second)
				if left := w.close(c.within); left != c.left {
					w.Errorf("Close left %d events, want %d", left, c.left)
				}
				w.wantClock("Close returned", time.Second+c.took)
				w.wantRequests(c.requests...)
				w.wantEnded(queue.Shutdown, uint64(c.left))
			})
		})
	}
}

// What fails for the first time while the lane closes has a last chance, too.
func TestTheLastChanceOfWhatFailsDuringClose(t *testing.T) {
	adjust := func(c *delivery.Config) { c.Retry.Delay = func(int) time.Duration { return time.Hour } }
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(after(time.Second, status(503))))
		w.put("a")
		if left := w.close(10 * time.Second); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantRequests("0s a", "8s a")
	})
}

// Counted retries end a batch before the deadline does.
func TestCountedRetriesEndDuringClose(t *testing.T) {
	inWorld(t, counted(1), func(w *world) {
		w.becomes(status(503))
		w.put("a")
		if left := w.close(10 * time.Second); left != 0 {
			w.Errorf("Close left %d events, want none: its retries were spent", left)
		}
		w.wantRequests("0s a", "1s a")
		w.wantEnded(queue.Exhausted, 1)
	})
}
