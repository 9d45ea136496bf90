package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// fault is an error that is a value, so that no two of them are the same one.
type fault string

func (f fault) Error() string { return string(f) }

// report reports an error as what catches panics does.
func report(t *testing.T, client *posthog.ServerClient, value any, opts ...posthog.ExceptionOption) {
	t.Helper()
	if err := client.CaptureRecovered(t.Context(), value, opts...); err != nil {
		t.Fatalf("CaptureRecovered: %v", err)
	}
}

// heldBack are the numbers of exceptions that those which arrived stand for.
func heldBack(all []posthogtest.Event) (numbers []string) {
	for _, e := range all {
		if n := e.Properties["exceptions_held_back"]; n != nil {
			numbers = append(numbers, fmt.Sprint(n))
		}
	}
	return numbers
}

// A million failures of one kind are as many events as the limit allows, which
// stand for all of them. Proves EXC-41.
func TestAMillionFailures(t *testing.T) {
	t.Parallel()
	const rounds, each = 10, 100_000
	log := new(logLines)
	inWorld(t, posthog.Config{Logger: log}, func(w *world) {
		for range rounds { // one a second
			for range each {
				report(w.T, w.client, fault("the same"))
			}
			elapse(time.Second)
		}
		report(w.T, w.client, fault("the same"))
		all := exceptions(w.T, w.client, w.server)
		if len(all) != 50+rounds { // the burst, and one a second
			w.Errorf("%d exceptions arrived, want %d", len(all), 50+rounds)
		}
		held := 0
		for _, n := range heldBack(all) {
			var more int
			_, _ = fmt.Sscan(n, &more)
			held += more
		}
		if held+len(all) != rounds*each+1 {
			w.Errorf("%d exceptions arrived, for %d that were held back, want %d together", len(all), held, rounds*each+1)
		}
		s := requireLedger(w.T, w.client)
		if s.Accepted != rounds*each+1 || s.DroppedBy[posthog.OutcomeRateLimited] != uint64(held) {
			w.Errorf("%d were accepted, and %d dropped by the limit, want %d and %d", s.Accepted, s.DroppedBy[posthog.OutcomeRateLimited], rounds*each+1, held)
		}
		if lines := log.having("held back"); len(lines) != 1 {
			w.Errorf("the log is %q, want one line", log.all())
		}
	})
}

// Which limit holds for what. Proves EXC-41.
func TestExceptionRateLimits(t *testing.T) {
	t.Parallel()
	automatic := func(w *world, i int) { report(w.T, w.client, fault("one type")) }
	types := func(w *world, i int) {
		report(w.T, w.client, fault("many types"), func(o *posthog.ExceptionOptions) {}, posthog.WithFingerprint(fmt.Sprint(i)))
	}
	manual := func(w *world, _ int) {
		if err := w.client.CaptureException(w.Context(), fault("by hand")); err != nil {
			w.Error(err)
		}
	}
	message := func(w *world, _ int) { enqueue(w.T, w.client, posthog.NewException(fault("by hand"))) }
	fatal := func(w *world, _ int) {
		report(w.T, w.client, fault("fatal"), posthog.WithLevel(posthog.LevelFatal))
	}
	for name, c := range map[string]struct {
		limit   posthog.ExceptionRateLimit
		naming  bool // every error has a type of its own
		capture func(*world, int)
		want    int // of 200 at once
	}{
		"of one type, by default":    {posthog.ExceptionRateLimit{}, false, automatic, 50},
		"of one type":                {posthog.ExceptionRateLimit{Burst: 3}, false, automatic, 3},
		"of one type, without limit": {posthog.ExceptionRateLimit{Burst: -1}, false, automatic, 200},
		"of all types":               {posthog.ExceptionRateLimit{TotalBurst: 7}, true, types, 7},
		"of all types, by default":   {posthog.ExceptionRateLimit{}, true, types, 200},
		"of one type with both":      {posthog.ExceptionRateLimit{Burst: 9, TotalBurst: 7}, false, automatic, 7},
		"by hand":                    {posthog.ExceptionRateLimit{Burst: 3, TotalBurst: 3}, false, manual, 200},
		"by hand, with Manual":       {posthog.ExceptionRateLimit{Burst: 3, Manual: true}, false, manual, 3},
		"messages, with Manual":      {posthog.ExceptionRateLimit{Burst: 3, Manual: true}, false, message, 200},
		"fatal":                      {posthog.ExceptionRateLimit{Burst: 3, TotalBurst: 3}, false, fatal, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			config := posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: c.limit}}
			if c.naming {
				config.ErrorTracking.TypeName = func(error) string { n++; return fmt.Sprint("type ", n) }
			}
			inWorld(t, config, func(w *world) {
				for i := range 200 {
					c.capture(w, i)
				}
				if all := exceptions(w.T, w.client, w.server); len(all) != c.want {
					w.Errorf("%d of 200 arrived, want %d", len(all), c.want)
				}
				if s := requireLedger(w.T, w.client); s.Accepted != 200 || s.DroppedBy[posthog.OutcomeRateLimited] != uint64(200-c.want) {
					w.Errorf("%d were accepted, and %v dropped, want 200, and %d by the limit", s.Accepted, s.DroppedBy, 200-c.want)
				}
			})
		})
	}
}

// ErrorTracking.RateLimit says how soon there is room again, and the next one
// tells how many there were.
func TestALimitThatPasses(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 2, Every: time.Minute}}}, func(w *world) {
		for range 5 {
			report(w.T, w.client, fault("f"))
		}
		elapse(time.Minute - 1)
		report(w.T, w.client, fault("f"))
		elapse(1)
		report(w.T, w.client, fault("f"))
		report(w.T, w.client, fault("f"))
		all := exceptions(w.T, w.client, w.server)
		if got := strings.Join(heldBack(all), " "); len(all) != 3 || got != "4" {
			w.Errorf("%d exceptions arrived, and said that %q were held back, want 3, and 4 by the last", len(all), got)
		}
	})
}

// The number of those that were held back is not lost with an event that was
// refused.
func TestWhatWasHeldBackIsToldByTheNext(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 1, Every: time.Minute}}}, func(w *world) {
		report(w.T, w.client, fault("f"))
		report(w.T, w.client, fault("f"))
		elapse(time.Minute)
		huge := posthog.WithProperties(posthog.Properties{"huge": strings.Repeat("x", posthog.DefaultMaxEventBytes)})
		if err := w.client.CaptureRecovered(w.Context(), fault("f"), huge); !errors.Is(err, posthog.ErrMessageTooBig) {
			w.Errorf("CaptureRecovered is %v, want ErrMessageTooBig", err)
		}
		elapse(time.Minute)
		report(w.T, w.client, fault("f"))
		if got := strings.Join(heldBack(exceptions(w.T, w.client, w.server)), " "); got != "1" {
			w.Errorf("those that arrived said that %q were held back, want 1", got)
		}
	})
}

// An error on its way up is one event, however often it is captured, and an
// error that happens again is another. Proves EXC-42.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config  posthog.ErrorTrackingConfig
		capture func(ctx context.Context, t *testing.T, client *posthog.ServerClient)
		want    int
	}{
		"at two lines, and by a panic that middleware sees": {posthog.ErrorTrackingConfig{}, onItsWayUp, 1},
		"the same, with KeepDuplicates":                     {posthog.ErrorTrackingConfig{KeepDuplicates: true}, onItsWayUp, 3},
		"a sentinel in a loop, at one line": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			for range 5 {
				captureAll(ctx, t, client, io.EOF)
			}
		}, 5},
		"a sentinel at two lines, again and again": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			for range 3 {
				captureAll(ctx, t, client, io.EOF)
			}
			captureAgain(ctx, t, client, io.EOF)
			captureAll(ctx, t, client, io.EOF)
			captureAgain(ctx, t, client, io.EOF)
		}, 6},
		"a sentinel of requests, and of work outside of them": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			for range 3 {
				request := posthog.WithFreshRequestContext(ctx, posthog.RequestContext{})
				captureAll(request, t, client, io.EOF)
				captureAgain(request, t, client, io.EOF)
			}
			captureAgain(ctx, t, client, io.EOF)
		}, 4},
		"two errors of one text": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(ctx, t, client, errors.New("text"))
			captureAll(ctx, t, client, errors.New("text"))
		}, 2},
		"one error in two requests": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(posthog.WithFreshRequestContext(ctx, posthog.RequestContext{}), t, client, io.EOF)
			captureAgain(posthog.WithFreshRequestContext(ctx, posthog.RequestContext{}), t, client, io.EOF)
		}, 2},
		"one error in parts of a request": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{})
			captureAll(ctx, t, client, io.EOF)
			captureAgain(posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "part"}), t, client, io.EOF)
		}, 1},
		"within a request and without it": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(ctx, t, client, io.EOF)
			captureAgain(posthog.WithRequestContext(ctx, posthog.RequestContext{}), t, client, io.EOF)
		}, 1},
		"by one of two middlewares, and before it": {posthog.ErrorTrackingConfig{}, func(_ context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			inner := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				captureAll(r.Context(), t, client, io.EOF)
				panic(io.EOF)
			}))
			outer := posthog.NewRequestContextMiddleware(inner, posthog.WithCapturePanics(client))
			for range 2 { // requests
				_ = caughtBy(func() { outer.ServeHTTP(&sink{header: http.Header{}}, visit(t)) })
			}
		}, 2},
		"errors that are values": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(ctx, t, client, fault("f"))
			captureAgain(ctx, t, client, fault("f"))
		}, 2},
		"after ten seconds": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(ctx, t, client, io.EOF)
			elapse(10 * time.Second)
			captureAgain(ctx, t, client, io.EOF)
		}, 2},
		"a fatal one": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			captureAll(ctx, t, client, io.EOF)
			if err := client.CaptureException(ctx, io.EOF, posthog.WithLevel(posthog.LevelFatal)); err != nil {
				t.Error(err)
			}
		}, 2},
		"after a fatal one": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			err := &chargeError{1}
			_ = caughtBy(func() { defer client.CapturePanic(ctx); panic(err) })
			captureAgain(ctx, t, client, err)
		}, 1},
		"by many goroutines at once": {posthog.ErrorTrackingConfig{}, func(ctx context.Context, t *testing.T, client *posthog.ServerClient) {
			t.Helper()
			err := &chargeError{1}
			var all sync.WaitGroup
			all.Go(func() { captureAll(ctx, t, client, err) })
			all.Go(func() { captureAgain(ctx, t, client, err) })
			all.Go(func() { report(t, client, err) })
			all.Wait()
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, posthog.Config{ErrorTracking: c.config}, func(w *world) {
				c.capture(w.Context(), w.T, w.client)
				all := exceptions(w.T, w.client, w.server)
				s := requireLedger(w.T, w.client)
				if len(all) != c.want || s.Accepted != s.Delivered+s.DroppedBy[posthog.OutcomeDuplicate] {
					w.Errorf("%d exceptions arrived, want %d; %d were accepted, %d dropped as duplicates", len(all), c.want, s.Accepted, s.DroppedBy[posthog.OutcomeDuplicate])
				}
			})
		})
	}
}

// What is known to be captured is what was sent: of an error that the limit or
// the queue had no room for, the next capture counts. Proves EXC-42.
func TestWhatWasNotSentIsNoDuplicate(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 1}}}, func(w *world) {
		report(w.T, w.client, &chargeError{1})
		held := &chargeError{2}
		report(w.T, w.client, held)
		captureAll(w.Context(), w.T, w.client, held)
		captureAgain(w.Context(), w.T, w.client, held) // a duplicate
		failed := w.client.Task(w.Context(), func(context.Context) error { panic(&chargeError{3}) })()
		captureAll(w.Context(), w.T, w.client, failed)
		captureAgain(w.Context(), w.T, w.client, failed) // a duplicate
		behind := &chargeError{4}
		request := posthog.WithFreshRequestContext(w.Context(), posthog.RequestContext{})
		posthog.NewRequestContextMiddleware(http.HandlerFunc(func(a http.ResponseWriter, r *http.Request) {
			request = r.Context()
			a.WriteHeader(http.StatusBadGateway)
		}), posthog.WithCaptureServerErrors(w.client), posthog.WithServerError(func(*http.Request) error {
			return fmt.Errorf("at the gate: %w", behind)
		})).ServeHTTP(&sink{header: http.Header{}}, visit(w.T))
		captureAll(request, w.T, w.client, behind)
		all := exceptions(w.T, w.client, w.server)
		if s := requireLedger(w.T, w.client); len(all) != 4 || s.DroppedBy[posthog.OutcomeDuplicate] != 2 {
			w.Errorf("%d exceptions arrived, and %v were dropped, want 4, and 2 duplicates", len(all), s.DroppedBy)
		}
	})
	t.Run("a queue that is full", func(t *testing.T) {
		t.Parallel()
		full(t, posthog.Config{}, func(w *world) {
			refused := &chargeError{1}
			if err := w.client.CaptureException(w.Context(), refused); !errors.Is(err, posthog.ErrQueueFull) {
				w.Fatalf("CaptureException is %v, want ErrQueueFull", err)
			}
			w.flush()
			captureAgain(w.Context(), w.T, w.client, refused)
			w.flush()
			if s := requireLedger(w.T, w.client); s.Delivered != 5 || s.DroppedBy[posthog.OutcomeDuplicate] != 0 {
				w.Errorf("%d events arrived, and %v were dropped, want 4 and the exception, and no duplicate", s.Delivered, s.DroppedBy)
			}
		})
	})
}

// captureAll and captureAgain are two lines that capture.
func captureAll(ctx context.Context, t *testing.T, client *posthog.ServerClient, err error) {
	t.Helper()
	if err := client.CaptureException(ctx, err); err != nil {
		t.Errorf("CaptureException: %v", err)
	}
}

func captureAgain(ctx context.Context, t *testing.T, client *posthog.ServerClient, err error) {
	t.Helper()
	if err := client.CaptureException(ctx, err); err != nil {
		t.Errorf("CaptureException: %v", err)
	}
}

// onItsWayUp captures an error in three places of a request.
func onItsWayUp(_ context.Context, t *testing.T, client *posthog.ServerClient) {
	t.Helper()
	_ = caughtBy(func() {
		posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			err := &chargeError{17}
			captureAll(r.Context(), t, client, err)
			captureAgain(r.Context(), t, client, err)
			panic(err)
		}), posthog.WithCapturePanics(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
	})
}

// An answer of 500 to a request in which an error was captured says nothing new;
// one that was but a warning is no reason for it.
func TestAServerErrorIsNotReportedBesideItsCause(t *testing.T) {
	t.Parallel()
	for level, want := range map[posthog.Level]int{posthog.LevelError: 1, posthog.LevelFatal: 1, posthog.LevelWarning: 2, posthog.LevelInfo: 2} {
		client, server := open(t, posthog.Config{})
		for range 2 { // requests
			inner := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := client.CaptureException(r.Context(), errors.New("no gateway"), posthog.WithLevel(level)); err != nil {
					t.Error(err)
				}
				w.WriteHeader(http.StatusBadGateway)
			}), posthog.WithCaptureServerErrors(client))
			posthog.NewRequestContextMiddleware(inner, posthog.WithCaptureServerErrors(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
		}
		if all := exceptions(t, client, server); len(all) != 2*want {
			t.Errorf("%s: %d exceptions of two requests, want %d of each", level, len(all), want)
		}
	}
}

// The clients of a pool describe errors alike, and neither limits nor duplicates
// of one are another's.
func TestExceptionsOfAPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{
			RateLimit: posthog.ExceptionRateLimit{Burst: 2}, TypeName: func(error) string { return "Named" },
		}}})
		shared := &chargeError{1}
		for tenant := range 3 {
			client := clientOf(t, pool, tenant)
			captureAll(t.Context(), t, client, shared)
			captureAgain(t.Context(), t, client, shared)
			for range 5 {
				report(t, client, fault("f"))
			}
			func() {
				defer client.Recover(t.Context())
				panic("recovered")
			}()
		}
		if err := pool.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for key, n := range byKey(server) {
			if n != 4 { // the error, two of five faults, and the panic
				t.Errorf("%s has %d exceptions, want 4", key, n)
			}
		}
		s := requirePoolLedger(t, pool)
		if s.DroppedBy[posthog.OutcomeDuplicate] != 3 || s.DroppedBy[posthog.OutcomeRateLimited] != 9 || len(byKey(server)) != 3 {
			t.Errorf("%v were dropped, want 3 duplicates and 9 beyond the limit, of 3 clients", s.DroppedBy)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}
