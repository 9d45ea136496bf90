package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

func TestABatchIsDue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		adjust func(*delivery.Config)
		act    func(w *world)
		want   []string
	}{
		"by number": {
			act:  func(w *world) { w.put("a", "b"); w.pass(time.Second); w.put("c") },
			want: []string{"1s a b c"},
		},
		"by bytes": {
			adjust: func(c *delivery.Config) { c.FlushAt, c.BatchBytes = 10, 9 },
			act:    func(w *world) { w.put("aaaa"); w.pass(time.Second); w.put("bbbbb") },
			want:   []string{"1s aaaa bbbbb"},
		},
		"by time": {
			act:  func(w *world) { w.put("a"); w.pass(9 * time.Second); w.put("b"); w.pass(time.Minute) },
			want: []string{"10s a b"},
		},
		"by Flush": {
			act:  func(w *world) { w.put("a"); w.pass(time.Second); _, _ = w.flush(time.Second) },
			want: []string{"1s a"},
		},
		"by Close": {
			act:  func(w *world) { w.put("a"); w.pass(time.Second); w.close(time.Second) },
			want: []string{"1s a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, c.adjust, func(w *world) {
				c.act(w)
				w.wantRequests(c.want...)
			})
		})
	}
}

// A flush makes due what was accepted before it, and nothing that comes later.
func TestAFlushHurriesNothingThatComesLater(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.put("a", "b")
		_, _ = w.flush(time.Second)
		w.put("c")
		w.pass(time.Minute)
		w.wantRequests("0s a b", "10s c")
	})
}

func TestABatchIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size, bytes int
		want        []string
	}{
		"by number":                    {size: 2, bytes: 1000, want: []string{"0s first", "1s a bb", "1s cccc dd", "1s e"}},
		"by bytes":                     {size: 10, bytes: 6, want: []string{"0s first", "1s a bb", "1s cccc dd", "1s e"}},
		"by bytes smaller than events": {size: 10, bytes: 1, want: []string{"0s first", "1s a", "1s bb", "1s cccc", "1s dd", "1s e"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(config *delivery.Config) {
				config.Workers, config.FlushAt, config.BatchSize, config.BatchBytes = 1, 1, c.size, c.bytes
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(inTurn(after(time.Second, status(200))))
				w.put("first")
				synctest.Wait()
				w.put("a", "bb", "cccc", "dd", "e")
				w.pass(time.Minute)
				w.wantRequests(c.want...)
			})
		})
	}
}

// A queue that was empty begins to wait with its next event.
func TestTheIntervalBeginsWithTheFirstEvent(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.put("a", "b")
		w.pass(7 * time.Second)
		w.put("c")
		w.pass(2 * time.Second)
		w.put("d")
		w.pass(time.Minute)
		w.wantRequests("7s a b c", "19s d")
	})
}

// What a batch leaves in the queue waits for company from then on.
func TestTheIntervalBeginsAgainForWhatABatchLeaves(t *testing.T) {
	adjust := func(c *delivery.Config) { c.BatchSize = 3 }
	inWorld(t, adjust, func(w *world) {
		w.put("a")
		w.pass(time.Second)
		w.becomes(inTurn(pausing(8 * time.Second)))
		go func() { _, _ = w.lane.Send(w.Context(), items("sent")) }()
		synctest.Wait()
		w.put("b", "c", "d") // during the pause, which the pump notices together
		w.pass(time.Minute)
		got := w.requests()
		if want := "19s d"; got[len(got)-1] != want {
			w.Errorf("the event that was left went as %q, want %q; requests %q", got[len(got)-1], want, got)
		}
	})
}

// Batches that wait for a retry hold their places.
func TestMaxBatchesBoundsWhatIsOutstanding(t *testing.T) {
	adjust := func(c *delivery.Config) {
		c.MaxBatches, c.Retry.Delay = 3, func(int) time.Duration { return 30 * time.Second }
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(status(503))
		for i := range 5 {
			w.put(fmt.Sprint(i), "x", "x")
			w.pass(time.Second)
		}
		w.pass(20 * time.Second)
		w.wantRequests("0s 0 x x", "1s 1 x x", "2s 2 x x")
		if got := w.queue.Depth().Records; got != 6 {
			w.Errorf("%d events are queued, want 6", got)
		}
		w.becomes(status(200))
		w.pass(time.Minute)
		w.wantEnded(queue.Delivered, 15)
	})
}

// No more requests at once than there are workers.
func TestWorkersBoundTheRequests(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(after(time.Second, status(200)))
		for i := range 4 {
			w.put(fmt.Sprint(i), "x", "x")
			synctest.Wait()
		}
		if got := w.lane.InFlight(); got != 2 {
			w.Errorf("%d requests are in flight, want 2", got)
		}
		w.pass(10 * time.Second)
		w.wantEnded(queue.Delivered, 12)
		if got := w.lane.InFlight(); got != 0 {
			w.Errorf("%d requests are in flight, want none", got)
		}
	})
}

// With one worker nothing overtakes a batch that waits for its retry; with
// two, others go on.
func TestOrder(t *testing.T) {
	t.Parallel()
	for workers, want := range map[int][]string{
		1: {"0s a", "1s a", "1s b"},
		2: {"0s a", "500ms b", "1s a"},
	} {
		t.Run(fmt.Sprintf("%d workers", workers), func(t *testing.T) {
			t.Parallel()
			adjust := func(c *delivery.Config) { c.Workers, c.FlushAt, c.BatchSize = workers, 1, 1 }
			inWorld(t, adjust, func(w *world) {
				w.becomes(answers(503))
				w.put("a")
				w.pass(500 * time.Millisecond)
				w.put("b")
				w.pass(time.Minute)
				w.wantRequests(want...)
			})
		})
	}
}

// Retries leave in the order of acceptance, whatever order they failed in.
func TestRetriesLeaveInOrder(t *testing.T) {
	adjust := func(c *delivery.Config) { c.FlushAt, c.BatchSize = 1, 1 }
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(after(time.Second, status(503)), pausing(10*time.Second)))
		w.put("a")
		synctest.Wait()
		w.put("b")
		w.pass(9 * time.Second)
		w.becomes(after(time.Second, status(200)))
		w.pass(time.Second)
		requests := w.requests()[2:]
		if len(requests) != 2 {
			w.Fatalf("got requests %q, want both again at 10s", requests)
		}
		w.pass(time.Minute)
		w.wantEnded(queue.Delivered, 2)
	})
}
