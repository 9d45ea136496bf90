package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// gentle gives a lane eight workers, and batches of two to a hundred.
func gentle(c *delivery.Config) {
	c.Workers, c.MaxBatches, c.FlushAt, c.BatchSize = 8, 8, 2, 100
}

// shape says how many events the requests since the first n had, by the time,
// the largest first.
func (w *world) shape(n int) (all []string) {
	w.Helper()
	synctest.Wait()
	sizes := make(map[string][]int)
	for _, request := range w.requests()[n:] {
		fields := strings.Fields(request)
		if sizes[fields[0]] == nil {
			all = append(all, fields[0])
		}
		sizes[fields[0]] = append(sizes[fields[0]], len(fields)-1)
	}
	for i, at := range all {
		slices.Sort(sizes[at])
		slices.Reverse(sizes[at])
		all[i] = fmt.Sprintf("%s: %v", at, sizes[at])
	}
	return all
}

// wantShape fails the test unless the requests since the first n were like that.
func (w *world) wantShape(n int, want ...string) {
	w.Helper()
	if got := w.shape(n); !slices.Equal(got, want) {
		w.Errorf("requests, by the time, with the number of their events:\ngot  %q\nwant %q", got, want)
	}
}

// many puts n events.
func (w *world) many(n int) {
	w.Helper()
	for range n {
		w.put("x")
	}
}

// A server that was out for three attempts in a row is met with one small
// request, and with twice as much after each delivery.
func TestAfterAnOutage(t *testing.T) {
	inWorld(t, gentle, func(w *world) {
		w.becomes(status(503))
		w.put("a", "b")
		w.pass(2 * time.Second)
		w.wantRequests("0s a b", "1s a b", "2s a b")
		w.becomes(after(500*time.Millisecond, status(200)))
		w.many(700)
		w.pass(900 * time.Millisecond)
		w.wantShape(3, "2s: [2]", "2.5s: [4 4]")
		w.pass(100 * time.Millisecond) // two deliveries, and so twice as much twice
		for _, request := range w.requests()[6:] {
			if n := len(strings.Fields(request)) - 1; n > 16 {
				w.Errorf("after three deliveries: got a request with %d events, want at most 16", n)
			}
		}
		w.pass(time.Second)
		w.wantEnded(queue.Delivered, 702)
	})
}

// Fewer failures are no outage.
func TestASingleFailureSlowsNothing(t *testing.T) {
	inWorld(t, gentle, func(w *world) {
		w.becomes(answers(503, 200, 503, 503, 200))
		w.put("a", "b")
		w.pass(2 * time.Second)
		w.put("c", "d")
		w.pass(4500 * time.Millisecond)
		w.wantRequests("0s a b", "1s a b", "2s c d", "3s c d", "4s c d")
		w.becomes(after(500*time.Millisecond, status(200)))
		w.many(100)
		w.pass(time.Second)
		if got := w.shape(5); len(got) != 1 {
			w.Errorf("got the requests %q, want all at once", got)
		}
	})
}

// Close has no time to be gentle.
func TestCloseAfterAnOutage(t *testing.T) {
	inWorld(t, gentle, func(w *world) {
		w.becomes(status(503))
		w.put("a", "b")
		w.pass(2 * time.Second)
		w.many(700)
		w.pass(500 * time.Millisecond)
		n := len(w.requests())
		w.becomes(after(500*time.Millisecond, status(200)))
		if left := w.close(10 * time.Second); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantShape(n, "3s: [2 2 2 2 2 2 2 2]", "3.5s: [100 100 100 100 100 100 86]")
	})
}

// Records of a process that is gone wait for a random share of the interval, so
// that a fleet that starts together does not send together; then they come like
// after an outage.
func TestRecoveredRecordsWait(t *testing.T) {
	times := make(map[string]bool)
	for range 6 {
		var d *disk
		adjust := func(c *delivery.Config) {
			gentle(c)
			d = leftBy(t, time.Now(), strings.Fields(strings.Repeat("x ", 40))...)
			c.Spool, c.Queue = d, newQueue(queue.Config{MaxBytes: 1 << 20, SegmentSize: 4 * 64, Store: d})
		}
		inWorld(t, adjust, func(w *world) {
			w.becomes(after(time.Minute, status(200)))
			w.lane.Recover(d.found())
			w.lane.Start()
			w.pass(10 * time.Second)
			requests := w.requests()
			if len(requests) != 1 {
				w.Fatalf("in the first interval: got the requests %q, want one", requests)
			}
			fields := strings.Fields(requests[0])
			if len(fields) != 3 {
				w.Errorf("got the first request with %d events, want 2", len(fields)-1)
			}
			times[fields[0]] = true
			w.pass(2 * time.Minute)
			w.wantEnded(queue.Delivered, 10)
		})
	}
	if len(times) == 1 {
		t.Errorf("six lanes began at %v, want different times", times)
	}
}

// Whoever flushes or closes waits for nothing.
func TestRecoveredRecordsDoNotWaitIfThereIsHurry(t *testing.T) {
	t.Parallel()
	for name, hurry := range map[string]func(w *world) int{
		"by Flush": func(w *world) int { left, _ := w.flush(time.Second); return left },
		"by Close": func(w *world) int { return w.close(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *disk
			adjust := func(c *delivery.Config) {
				d = leftBy(t, time.Now(), "a", "b", "c", "d", "e")
				onDisk(d, nil)(c)
				c.Interval = 1000 * time.Hour
			}
			inWorld(t, adjust, func(w *world) {
				w.lane.Recover(d.found())
				w.lane.Start()
				if left := hurry(w); left != 0 {
					w.Errorf("got %d events left, want none", left)
				}
				w.wantEnded(queue.Delivered, 5)
				w.wantClock("they were delivered", time.Millisecond) // that it takes to read them
			})
		})
	}
}
