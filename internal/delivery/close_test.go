package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// Close delivers what is queued, in as many batches as it takes, and the lane
// accepts nothing afterwards.
func TestCloseDrains(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { c.Workers, c.FlushAt = 1, 10 }, func(w *world) {
		for range 5 {
			w.put("a", "b", "c", "d", "e")
		}
		if left := w.close(time.Minute); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantClock("Close returned", 0)
		w.wantEnded(queue.Delivered, 25)
		if err := w.lane.Put(w.Context(), &queue.Item{}, true); !errors.Is(err, queue.ErrClosed) {
			w.Errorf("Put after Close: got %v, want ErrClosed", err)
		}
		if _, err := w.lane.Send(w.Context(), items("x")); !errors.Is(err, queue.ErrClosed) {
			w.Errorf("Send after Close: got %v, want ErrClosed", err)
		}
	})
}

// A lane that was never used has nothing to close, and starts nothing.
func TestCloseOfAnUnusedLane(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		if left := w.close(time.Minute); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantClock("Close returned", 0)
		if err := w.lane.Put(w.Context(), &queue.Item{}, false); !errors.Is(err, queue.ErrClosed) {
			w.Errorf("Put after Close: got %v, want ErrClosed", err)
		}
	})
}

// Close without a deadline repeats what may pass, but not for ever.
func TestCloseWithoutADeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		react reaction
		left  int
		took  time.Duration
	}{
		"the server recovers": {answers(503, 503), 0, 2 * time.Second},
		"the server is gone":  {status(503), 3, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, nil, func(w *world) {
				w.becomes(c.react)
				w.put("a", "b", "c")
				w.closed = true
				if left, _ := w.lane.Close(context.Background()); left != c.left {
					w.Errorf("Close left %d events, want %d", left, c.left)
				}
				w.wantClock("Close returned", c.took)
				w.wantEnded(queue.Shutdown, uint64(c.left))
			})
		})
	}
}

// A batch past its time is repeated all the same while there is time to close.
func TestCloseRepeatsWhatIsPastItsTime(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(status(503))
		w.put("a", "b", "c")
		w.pass(15 * time.Minute)
		time.AfterFunc(3500*time.Millisecond, func() { w.becomes(status(200)) })
		if left := w.close(10 * time.Second); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantClock("Close returned", 15*time.Minute+4*time.Second)
	})
}

// What is left is counted: in requests, waiting for a retry, and queued.
func TestCloseCountsWhatItLeaves(t *testing.T) {
	log := new(lines)
	adjust := func(c *delivery.Config) {
		c.MaxBatches, c.BatchSize, c.Notices = 2, 3, log.board()
		c.Retry.Delay = func(int) time.Duration { return time.Minute }
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(to("a", pausing(time.Minute), hang))
		flying := w.submit("d")
		w.put("e", "f")
		synctest.Wait()
		waiting := w.submit("a")
		w.put("b", "c")
		synctest.Wait()
		queued := w.submit("g")
		for range 9 {
			w.put("h")
		}
		if left := w.close(5 * time.Second); left != 16 {
			w.Errorf("Close left %d events, want 16", left)
		}
		w.wantClock("Close returned", 5*time.Second)
		w.wantEnded(queue.Unconfirmed, 3)
		w.wantEnded(queue.Shutdown, 13)
		if v := <-flying; v.Outcome != queue.Unconfirmed || !errors.Is(v.Err, queue.ErrClosed) || v.Attempts != 1 {
			w.Errorf("an event in flight: got %+v, want unconfirmed after one attempt, because of Close", v)
		}
		if v := <-waiting; v.Outcome != queue.Shutdown || v.Status != 429 || v.Attempts != 1 {
			w.Errorf("an event that waits for its retry: got %+v, want shutdown after one attempt with status 429", v)
		}
		if v := <-queued; v.Outcome != queue.Shutdown || !errors.Is(v.Err, queue.ErrClosed) || v.Attempts != 0 {
			w.Errorf("a queued event: got %+v, want shutdown without an attempt, because of Close", v)
		}
	})
	log.want(t, "will be repeated", "3 events ended as unconfirmed") // those of shutdown are for the caller of Close to report
}

// Requests are canceled at the deadline, and an answer that comes all the same
// within moments is one.
func TestAnAnswerAtTheLastMomentCounts(t *testing.T) {
	t.Parallel()
	late := func(answer transport.Response) reaction {
		return func(ctx context.Context, _ []string) transport.Response {
			<-ctx.Done()
			wait(3 * time.Millisecond)
			return answer
		}
	}
	for name, c := range map[string]struct {
		answer transport.Response
		want   queue.Outcome
		left   int
	}{
		"accepted":            {transport.Response{Outcome: transport.Delivered, Status: 200}, queue.Delivered, 0},
		"refused":             {transport.Response{Outcome: transport.Rejected, Status: 400}, queue.Rejected, 0},
		"failed":              {transport.Response{Outcome: transport.Retry, Status: 503}, queue.Shutdown, 3},
		"too large":           {transport.Response{Outcome: transport.TooLarge, Status: 413}, queue.Shutdown, 3},
		"never sent":          {transport.Response{Outcome: transport.Canceled}, queue.Shutdown, 3},
		"perhaps sent":        {transport.Response{Outcome: transport.Canceled, MaybeDelivered: true}, queue.Unconfirmed, 3},
		"cut within the body": {transport.Response{Outcome: transport.Retry, MaybeDelivered: true}, queue.Unconfirmed, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, nil, func(w *world) {
				w.becomes(late(c.answer))
				w.put("a", "b", "c")
				if left := w.close(time.Second); left != c.left {
					w.Errorf("Close left %d events, want %d", left, c.left)
				}
				w.wantClock("Close returned", time.Second+3*time.Millisecond)
				w.wantEnded(c.want, 3)
			})
		})
	}
}

// A request that ignores its cancellation holds up nobody, may have been sent,
// and can read its events for as long as it likes.
func TestADeafTransport(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { c.Workers = 1 }, func(w *world) {
		free, read := make(chan struct{}), make(chan string, 1)
		w.server.deaf = func(r transport.Request) transport.Response {
			<-free
			read <- string(r.Body(nil))
			return transport.Response{Outcome: transport.Delivered}
		}
		verdict := w.submit("a")
		w.put("b", "c")
		synctest.Wait()
		w.put("d")
		if left := w.close(time.Second); left != 4 {
			w.Errorf("Close left %d events, want 4", left)
		}
		if took := time.Since(w.begin); took > 1010*time.Millisecond {
			w.Errorf("Close returned after %v, want at most 10ms after its deadline", took)
		}
		if v := <-verdict; v.Outcome != queue.Unconfirmed || !errors.Is(v.Err, queue.ErrClosed) || v.Attempts != 1 {
			w.Errorf("the verdict is %+v, want unconfirmed because of Close", v)
		}
		w.wantEnded(queue.Unconfirmed, 3)
		w.wantEnded(queue.Shutdown, 1)
		close(free)
		if got := <-read; got != "a b c " {
			w.Errorf("the transport read %q after Close, want the events", got)
		}
	})
}

// Whatever of the application's runs on the pump and does not return, Close
// does, and counts what is not final.
func TestCloseDoesNotWaitForTheApplication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		react  reaction
		adjust func(c *delivery.Config, stuck func())
		left   int
	}{
		"a logger that hangs": {status(503), func(c *delivery.Config, stuck func()) { c.Notices = new(lines).boardThat(stuck) }, 3},
		"a backoff that hangs": {status(503), func(c *delivery.Config, stuck func()) {
			c.Retry.Delay = func(int) time.Duration { stuck(); return 0 }
		}, 3},
		"a logger that hangs over a loss": {status(400), func(c *delivery.Config, stuck func()) { c.Notices = new(lines).boardThat(stuck) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var free chan struct{}
			adjust := func(config *delivery.Config) {
				free = make(chan struct{})
				c.adjust(config, func() { <-free })
			}
			inWorld(t, adjust, func(w *world) {
				defer close(free)
				w.becomes(c.react)
				w.put("a", "b", "c")
				if left := w.close(50 * time.Millisecond); left != c.left {
					w.Errorf("Close left %d events, want %d", left, c.left)
				}
				w.wantClock("Close returned", 60*time.Millisecond)
			})
		})
	}
}

// Requests are canceled at the deadline even if the pump does not notice it.
func TestCloseCancelsRequestsWhateverThePumpDoes(t *testing.T) {
	var free chan struct{}
	adjust := func(c *delivery.Config) {
		free = make(chan struct{})
		c.Retry.Delay = func(int) time.Duration { <-free; return time.Second }
	}
	inWorld(t, adjust, func(w *world) {
		canceled := make(chan time.Duration, 10)
		w.becomes(to("a", after(time.Second, status(503)), func(ctx context.Context, _ []string) transport.Response {
			<-ctx.Done()
			canceled <- time.Since(w.begin)
			return transport.Response{Outcome: transport.Canceled}
		}))
		w.put("a", "a", "a")
		synctest.Wait()
		w.put("b", "b", "b")
		w.pass(time.Second)
		if left := w.close(50 * time.Millisecond); left != 6 {
			w.Errorf("Close left %d events, want 6", left)
		}
		w.wantClock("Close returned", 1060*time.Millisecond)
		if at := <-canceled; at != 1050*time.Millisecond {
			w.Errorf("the request was canceled after %v, want 1.05s", at)
		}
		close(free)
	})
}

// Close keeps its deadline although many quick callbacks are left, and waits
// for a callback that hangs no longer than a second.
func TestCloseAndSlowObservers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events      int
		take, limit time.Duration
		want        time.Duration
	}{
		"enough time":                {20, 2 * time.Millisecond, time.Second, 40 * time.Millisecond},
		"not enough time":            {500, 2 * time.Millisecond, 50 * time.Millisecond, 55 * time.Millisecond},
		"a callback that never ends": {1, 20 * time.Minute, time.Minute, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := new(witness)
			adjust := func(config *delivery.Config) {
				config.FlushAt, config.Observer = 1, told.observer(func() { wait(c.take) })
			}
			inWorld(t, adjust, func(w *world) {
				for range c.events {
					w.put("a")
				}
				if left := w.close(c.limit); left != 0 {
					w.Errorf("Close left %d events", left)
				}
				w.wantClock("Close returned", c.want)
			})
		})
	}
}
