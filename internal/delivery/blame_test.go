package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// singly makes every event a batch of its own that is repeated every ten
// seconds, for a minute.
func singly(c *delivery.Config) {
	c.FlushAt, c.BatchSize = 1, 1
	c.Retry.Delay = func(int) time.Duration { return 10 * time.Second }
}

// A batch is given up when its time is over and the server has failed it three
// times between answers to others.
func TestABatchThatFailsAloneIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		other time.Duration // when another event is delivered
		want  time.Duration // when the one that fails is given up
	}{
		"the server answered others early":    {5 * time.Second, 60 * time.Second},
		"the server answered others recently": {55 * time.Second, 80 * time.Second},
		"the server answers others at last":   {115 * time.Second, 140 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, singly, func(w *world) {
				w.becomes(to("poison", status(503), status(200)))
				verdict := w.submit("poison")
				w.pass(c.other)
				w.put("fine")
				if v := <-verdict; v.Outcome != queue.Exhausted || v.Status != 503 {
					w.Errorf("the verdict is %+v, want retries_exhausted with status 503", v)
				}
				w.wantClock("it was given up", c.want)
			})
		})
	}
}

// While the server answers nobody, nothing is given up.
func TestAnOutageGivesNothingUp(t *testing.T) {
	inWorld(t, singly, func(w *world) {
		w.becomes(status(503))
		for i := range 20 {
			w.put(fmt.Sprint(i))
			w.pass(time.Minute)
		}
		w.becomes(status(200))
		w.pass(time.Minute)
		w.wantEnded(queue.Delivered, 20)
	})
}

// An answer before the outage blames nobody: others have failed since, whether
// they wait for their retry or are in flight again.
func TestAnOutageAfterAnAnswerBlamesNobody(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]reaction{
		"others wait for a retry": status(503),
		"others are in flight":    after(time.Hour, status(200)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, singly, func(w *world) {
				w.becomes(to("a", status(503), status(200)))
				w.put("a")
				w.pass(time.Second)
				w.put("answered")
				w.pass(time.Second)
				w.becomes(to("a", status(503), first(status(503), later)))
				w.put("b")
				w.pass(2 * time.Minute)
				w.wantEnded(queue.Exhausted, 0)
				w.becomes(status(200))
				w.pass(2 * time.Hour)
				w.wantEnded(queue.Delivered, 3)
			})
		})
	}
}

// A refusal and a 413 are answers, too.
func TestEveryAnswerCounts(t *testing.T) {
	t.Parallel()
	for _, code := range []int{200, 400, 413} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			inWorld(t, singly, func(w *world) {
				w.becomes(to("poison", status(503), status(code)))
				verdict := w.submit("poison")
				w.pass(time.Second)
				w.put("other")
				<-verdict
				w.wantClock("the poisoned batch was given up", time.Minute)
			})
		})
	}
}

// A batch past its time gives up its place, and its turn, so that others are
// tried.
func TestABatchPastItsTimeMakesPlace(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d workers", workers), func(t *testing.T) {
			t.Parallel()
			adjust := func(c *delivery.Config) {
				singly(c)
				c.Workers, c.MaxBatches = workers, workers
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(to("fine", status(200), status(503)))
				for range workers {
					w.put("poison")
				}
				synctest.Wait()
				w.put("fine")
				w.pass(59 * time.Second)
				w.wantEnded(queue.Delivered, 0)
				w.pass(time.Second)
				w.wantEnded(queue.Delivered, 1)
			})
		})
	}
}

// With one worker, a batch past its time does not set the pace of those behind
// it.
func TestABatchPastItsTimeBlocksNobody(t *testing.T) {
	adjust := func(c *delivery.Config) {
		singly(c)
		c.Workers, c.Retry.Delay = 1, func(n int) time.Duration { return time.Duration(n+1) * 10 * time.Second }
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(status(503))
		w.put("old")
		w.pass(time.Second)
		w.put("new")
		w.pass(80 * time.Second)
		w.wantRequests("0s old", "10s old", "30s old", "1m0s old", "1m0s new", "1m10s new")
	})
}
