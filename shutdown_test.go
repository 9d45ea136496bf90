package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves SHU-1, SHU-2, ZIG-29.
func TestCloseDeliversAndEnds(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.enqueue(0, 2500)
		w.close()
		w.wantRows(2500)
		w.wantStats(2500, 2500)
		if err := w.client.Enqueue(event(2500)); !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("Enqueue after Close: got %v, want ErrClosed", err)
		}
		if _, err := w.client.Send(w.Context(), event(2500)); !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("Send after Close: got %v, want ErrClosed", err)
		}
		if s := requireLedger(w.T, w.client); s.RefusedBy[posthog.RefusalClosed] != 2 {
			w.Errorf("refused: got %v, want 2 as closed", s.RefusedBy)
		}
		w.close() // the same result again
	})
}

// Proves SHU-6, PY-33: a batch in backoff is delivered by Close, whatever its
// bounds are.
func TestCloseFinishesBatchesInBackoff(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]posthog.Config{
		"without a bound":     {ShutdownTimeout: -1},
		"within the default":  {},
		"with counted tries":  {MaxRetries: posthog.Ptr(3)},
		"with a single place": {Workers: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, config, func(w *world) {
				w.server.Inject(posthogtest.Fault{Status: 503, Times: 2})
				w.enqueue(0, 150)
				synctest.Wait()
				w.close()
				w.wantRows(150)
				w.wantStats(150, 150)
			})
		})
	}
}

// Proves SHU-6: what would be repeated after the deadline gets its last
// attempt before it.
func TestCloseGivesALastChance(t *testing.T) {
	config := posthog.Config{
		ShutdownTimeout:    10 * time.Second,
		BatchUploadTimeout: 2 * time.Second,
		RetryAfter:         func(int) time.Duration { return time.Hour },
	}
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503})
		w.enqueue(0, 10)
		start := time.Now()
		w.close()
		if waited := time.Since(start); waited != 8*time.Second {
			w.Errorf("the last attempt was after %v, want 8s: the deadline less an attempt", waited)
		}
		w.wantRows(10)
	})
}

// Proves SHU-3, SHU-4, ZIG-12: leftovers are counted, named and logged, and
// Close returns.
func TestCloseCountsWhatItLeaves(t *testing.T) {
	told, logged := new(outcomes), new(logLines)
	inWorld(t, posthog.Config{ShutdownTimeout: 5 * time.Second, Callback: told, Logger: logged}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		w.enqueue(0, 2000)
		start := time.Now()
		err := w.client.Close()
		if waited := time.Since(start); waited > 5*time.Second {
			w.Errorf("Close returned after %v, want at most 5s", waited)
		}
		var undelivered *posthog.UndeliveredError
		if !errors.As(err, &undelivered) || undelivered.Events != 2000 || !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("Close: got %v, want an *UndeliveredError of 2000 events for the deadline", err)
		}
		if n := len(logged.having("close: 2000 events were not delivered")); n != 1 {
			w.Errorf("the log names the leftovers %d times, want once: %q", n, logged.all())
		}
		logged.requireLine(w.T, "ERROR", "close: 2000 events were not delivered")
		s := requireLedger(w.T, w.client)
		if s.DroppedBy[posthog.OutcomeShutdown] != 2000 || s.Pending != 0 {
			w.Errorf("got %+v, want 2000 events dropped at shutdown", s)
		}
		synctest.Wait()
		if _, failed := told.counts(); failed != 2000 {
			w.Errorf("the callback was told of %d failures, want 2000", failed)
		}
		if again := w.client.Close(); again != err {
			w.Errorf("the second Close: got %v, want the same result, %v", again, err)
		}
	})
}

// Proves FLU-4, ZIG-12: every call that waits ends with its deadline.
func TestDeadlinesOfFiftyMilliseconds(t *testing.T) {
	t.Parallel()
	calls := map[string]func(ctx context.Context, c *posthog.ServerClient) error{
		"Flush": func(ctx context.Context, c *posthog.ServerClient) error { return c.Flush(ctx) },
		"Close": func(ctx context.Context, c *posthog.ServerClient) error { return c.CloseWithContext(ctx) },
		"Send": func(ctx context.Context, c *posthog.ServerClient) error {
			_, err := c.Send(ctx, event(1))
			return err
		},
		"Delivery.Wait": func(ctx context.Context, c *posthog.ServerClient) error {
			d, err := c.Submit(context.WithoutCancel(ctx), event(1))
			if err != nil {
				return err
			}
			return d.Wait(ctx)
		},
		"Enqueue that waits for room": func(ctx context.Context, c *posthog.ServerClient) error {
			var err error
			for err == nil {
				err = c.EnqueueWithContext(ctx, event(1))
			}
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := posthog.Config{FlushAt: 1, BatchSize: 10, MaxQueueSize: 10, Overflow: posthog.OverflowWait}
			inWorld(t, config, func(w *world) {
				w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
				w.enqueue(0, 1)
				start := time.Now()
				ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
				defer cancel()
				err := call(ctx, w.client)
				if err == nil {
					w.Errorf("%s of a hanging server: got no error", name)
				}
				var undelivered *posthog.UndeliveredError
				if leaves := name == "Flush" || name == "Close"; leaves && (!errors.As(err, &undelivered) || undelivered.Events != 1) {
					w.Errorf("%s: got %v, want an *UndeliveredError of 1 event", name, err)
				}
				if waited := time.Since(start); waited < 50*time.Millisecond || waited > 70*time.Millisecond {
					w.Errorf("%s returned after %v, want 50ms and at most 20ms more", name, waited)
				}
			})
		})
	}
}

// An event in flight when the deadline passes may have arrived.
func TestAnEventCutOffInFlightIsUnconfirmed(t *testing.T) {
	inWorld(t, posthog.Config{ShutdownTimeout: time.Second}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		w.enqueue(0, 3)
		_ = w.client.Close()
		if s := requireLedger(w.T, w.client); s.Unconfirmed != 3 {
			w.Errorf("got %+v, want 3 unconfirmed events", s)
		}
	})
}

// A RoundTripper that ignores its context cannot hold up Close.
func TestCloseDoesNotWaitForADeafTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := &deaf{free: make(chan struct{})}
		server := posthogtest.NewServer(t, nil)
		client := connect(t, server, posthog.Config{Transport: deaf, ShutdownTimeout: time.Second})
		w := &world{T: t, server: server, client: client}
		w.enqueue(0, 1)
		start := time.Now()
		if err := client.Close(); err == nil {
			t.Error("Close: got no error, want that of an undelivered event")
		}
		if waited := time.Since(start); waited > 1020*time.Millisecond {
			t.Errorf("Close returned after %v, want at most 20ms after its deadline", waited)
		}
		requireLedger(t, client)
		close(deaf.free)
	})
}

// deaf answers nothing before it is freed.
type deaf struct{ free chan struct{} }

func (d *deaf) RoundTrip(*http.Request) (*http.Response, error) {
	<-d.free
	return nil, errors.New("too late")
}

// Close and Flush from within a callback do not wait for themselves.
func TestACallbackMayCloseTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		reentrant := &reentrant{done: make(chan struct{})}
		client := connect(t, server, posthog.Config{Callback: reentrant, OnError: func(error) {}, Interval: time.Second})
		reentrant.client = client
		w := &world{T: t, server: server, client: client}
		w.enqueue(0, 1)
		<-reentrant.done
		for _, err := range reentrant.errs {
			if err != nil {
				t.Errorf("a call from the callback: %v", err)
			}
		}
		w.wantRows(2)
		w.close()
	})
}

// reentrant calls everything from its first success.
type reentrant struct {
	client *posthog.ServerClient
	once   sync.Once
	errs   []error
	done   chan struct{}
}

func (r *reentrant) Success(posthog.APIMessage) {
	r.once.Do(func() {
		defer close(r.done)
		r.client.Stats()
		r.errs = append(r.errs, r.client.Enqueue(event(1)), r.client.Flush(context.Background()), r.client.Close())
	})
}

func (r *reentrant) Failure(posthog.APIMessage, error) {}

// Proves PY-52: an event is accepted and delivered, or refused, whatever
// Close does at the same time.
func TestEnqueueRacingClose(t *testing.T) {
	for range 50 {
		inWorld(t, posthog.Config{BatchSize: 10, Overflow: posthog.OverflowWait}, func(w *world) {
			var (
				producers sync.WaitGroup
				mu        sync.Mutex
				accepted  int
			)
			for p := range 4 {
				producers.Go(func() {
					for i := range 50 {
						err := w.client.EnqueueWithContext(w.Context(), event(p*50+i))
						if err != nil && !errors.Is(err, posthog.ErrClosed) {
							w.Errorf("Enqueue: got %v, want nil or ErrClosed", err)
						}
						if err == nil {
							mu.Lock()
							accepted++
							mu.Unlock()
						}
					}
				})
			}
			w.close()
			producers.Wait()
			if n := len(w.server.Rows()); n != accepted {
				w.Errorf("%d events were accepted and %d arrived", accepted, n)
			}
			w.wantStats(uint64(accepted), uint64(accepted))
		})
	}
}

// Concurrent calls of Close all wait for the one result.
func TestConcurrentCloses(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: time.Second})
		w.enqueue(0, 3)
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(w.close)
		}
		calls.Wait()
		w.wantRows(3)
	})
}

// A Send that is waiting ends with the deadline of Close.
func TestCloseEndsSend(t *testing.T) {
	inWorld(t, posthog.Config{ShutdownTimeout: time.Second}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		sent := make(chan error)
		go func() {
			_, err := w.client.Send(context.Background(), event(0))
			sent <- err
		}()
		synctest.Wait()
		start := time.Now()
		_ = w.client.Close()
		if err := <-sent; err == nil {
			w.Error("Send: got no error, want that of an undelivered event")
		}
		if waited := time.Since(start); waited > 1020*time.Millisecond {
			w.Errorf("Send ended %v after Close was called, want about 1s", waited)
		}
	})
}

// After the client has ended, Close says how, whatever has become of the
// caller's context: which of two finished channels a select takes is chance.
func TestCloseAfterTheEndNeedsNoTime(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.enqueue(0, 1)
		w.close()
		ended, cancel := context.WithCancel(w.Context())
		cancel()
		for range 50 {
			if err := w.client.CloseWithContext(ended); err != nil {
				w.Fatalf("CloseWithContext after Close: got %v, want the first result, nil", err)
			}
		}
	})
}
