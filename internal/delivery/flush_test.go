package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// Flush waits for retries, and for pauses.
func TestFlushWaitsUntilEverythingIsFinal(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(inTurn(status(503), pausing(20*time.Second)))
		w.put("a", "b")
		if left, err := w.flush(time.Minute); left != 0 || err != nil {
			w.Errorf("Flush: %d left, %v; want nothing left", left, err)
		}
		w.wantClock("Flush returned", 21*time.Second)
		w.wantEnded(queue.Delivered, 2)
	})
}

// A flush that gives up says what is left and why, and leaves it.
func TestFlushEndsWithItsContext(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(after(time.Second, status(200)))
		w.put("a", "b")
		synctest.Wait()
		errStop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(w.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(errStop) })
		if left, err := w.lane.Flush(ctx); left != 2 || !errors.Is(err, errStop) {
			w.Errorf("Flush: %d left, %v; want 2 and the cause of the context", left, err)
		}
		w.wantClock("Flush returned", 50*time.Millisecond)
		w.pass(time.Second)
		w.wantEnded(queue.Delivered, 2)
	})
}

// An ended context does not make a lottery of the result.
func TestFlushWithAnEndedContext(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ended, cancel := context.WithCancel(w.Context())
		cancel()
		for range 200 {
			if left, err := w.lane.Flush(ended); left != 0 || err != nil {
				w.Fatalf("Flush of nothing with an ended context: %d left, %v; want nil", left, err)
			}
		}
		w.becomes(hang)
		w.put("a")
		for range 200 {
			if left, err := w.lane.Flush(ended); left != 1 || !errors.Is(err, context.Canceled) {
				w.Fatalf("Flush of one event with an ended context: %d left, %v; want 1 and Canceled", left, err)
			}
		}
	})
}

func TestConcurrentFlushesShareTheWork(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(after(time.Second, status(200)))
		w.put("a", "b")
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if left, err := w.flush(time.Minute); left != 0 || err != nil {
					w.Errorf("Flush: %d left, %v", left, err)
				}
			})
		}
		calls.Wait()
		w.wantClock("the last Flush returned", time.Second)
		w.wantRequests("0s a b")
	})
}

// A pause that a Send was asked for does not put the lane to sleep: what is
// enqueued meanwhile leaves when it is over.
func TestAPauseBySendEnds(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(w *world){
		"by its interval": func(w *world) { w.pass(time.Hour) },
		"by Flush":        func(w *world) { _, _ = w.flush(time.Minute) },
		"by Close":        func(w *world) { w.close(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, nil, func(w *world) {
				w.becomes(inTurn(pausing(2 * time.Second)))
				var sent sync.WaitGroup
				sent.Go(func() { _, _ = w.lane.Send(w.Context(), items("sent")) })
				synctest.Wait()
				w.put("queued")
				synctest.Wait()
				act(w)
				sent.Wait()
				w.wantEnded(queue.Delivered, 2)
			})
		})
	}
}

// Whoever follows a single event, and the observer, hear of it before Flush
// returns, however slow the log is.
func TestFlushIsTheLastToKnow(t *testing.T) {
	told := new(witness)
	adjust := func(c *delivery.Config) {
		c.Observer = told.observer(func() { wait(20 * time.Millisecond) })
		c.Notices = new(lines).boardThat(func() { wait(100 * time.Millisecond) })
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(answers(400))
		verdict := w.submit("a")
		if _, err := w.flush(time.Minute); err != nil {
			w.Errorf("Flush: %v", err)
		}
		select {
		case <-verdict:
		default:
			w.Error("Flush returned, and the event's verdict is not known")
		}
		if shown, losses := told.counts(); shown != 1 || losses != 1 {
			w.Errorf("Flush returned, and the observer was shown %d events and %d losses; want 1 and 1", shown, losses)
		}
		w.wantClock("Flush returned", 40*time.Millisecond)
	})
}

// Flush keeps its deadline although many quick callbacks are left, even if
// more come all the time, and what comes later is not waited for.
func TestFlushAndSlowObservers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events  int
		take    time.Duration // of each callback
		traffic bool
		limit   time.Duration
		most    time.Duration
	}{
		"many quick callbacks":       {events: 500, take: 2 * time.Millisecond, limit: 50 * time.Millisecond, most: 55 * time.Millisecond},
		"steady traffic":             {events: 1, take: 2 * time.Millisecond, traffic: true, limit: 10 * time.Second, most: 3 * time.Second},
		"steady traffic, no time":    {events: 500, take: 2 * time.Millisecond, traffic: true, limit: 50 * time.Millisecond, most: 55 * time.Millisecond},
		"a callback that never ends": {events: 1, take: 20 * time.Minute, limit: time.Minute, most: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := new(witness)
			adjust := func(config *delivery.Config) {
				config.FlushAt, config.Observer = 1, told.observer(func() { wait(c.take) })
			}
			inWorld(t, adjust, func(w *world) {
				stop := make(chan struct{})
				var traffic sync.WaitGroup
				if c.traffic {
					traffic.Go(func() {
						for {
							select {
							case <-stop:
								return
							default:
								w.put("more")
								wait(1900 * time.Microsecond)
							}
						}
					})
					w.pass(500 * time.Millisecond)
				}
				for i := range c.events {
					w.put(fmt.Sprint(i))
				}
				start := time.Now()
				if _, err := w.flush(c.limit); err != nil {
					w.Errorf("Flush: %v", err)
				}
				if took := time.Since(start); took > c.most {
					w.Errorf("Flush within %v took %v, want at most %v", c.limit, took, c.most)
				}
				close(stop)
				traffic.Wait()
				if c.take < time.Second {
					told.waitFor(int(w.queue.Snapshot().Accepted))
				}
			})
		})
	}
}

// Flush waits for callbacks as long as each of them ends within a second,
// however many there are, of one batch or of several.
func TestFlushWaitsForCallbacksThatEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flushAt, events, status int
		take, want              time.Duration
	}{
		"one batch each":          {1, 3, 200, 999 * time.Millisecond, 2997 * time.Millisecond},
		"all in one batch":        {10, 3, 200, 400 * time.Millisecond, 1200 * time.Millisecond},
		"two calls for one event": {10, 1, 400, 600 * time.Millisecond, 1200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := new(witness)
			adjust := func(config *delivery.Config) {
				config.FlushAt, config.Observer = c.flushAt, told.observer(func() { wait(c.take) })
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(status(c.status))
				for range c.events {
					w.put("a")
				}
				if _, err := w.flush(time.Minute); err != nil {
					w.Errorf("Flush: %v", err)
				}
				w.wantClock("Flush returned", c.want)
			})
		})
	}
}
