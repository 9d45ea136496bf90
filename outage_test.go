package posthog_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves RTQ-2, RTQ-5, HV0-1, HV0-2: what passes is repeated until it does.
func TestTransientFailuresAreRepeated(t *testing.T) {
	t.Parallel()
	faults := map[string]posthogtest.Fault{
		"connection cut before the answer": {Reset: posthogtest.ResetBeforeResponse},
		"connection cut within the answer": {Reset: posthogtest.ResetMidBody},
		"no answer in time":                {Hang: true},
	}
	for _, status := range []int{408, 429, 500, 501, 502, 503, 504, 505, 520, 521, 522, 524, 529} {
		faults[fmt.Sprintf("status %d", status)] = posthogtest.Fault{Status: status}
	}
	for mode, name := range eachMode(slices.Sorted(maps.Keys(faults))...) {
		fault := faults[name]
		t.Run(fmt.Sprint(mode, " ", name), func(t *testing.T) {
			t.Parallel()
			inWorld(t, posthog.Config{CaptureMode: mode, Interval: time.Hour}, func(w *world) {
				fault.Times = 2
				w.server.Inject(fault)
				w.enqueue(0, 3)
				start := time.Now()
				w.flush()
				if n := len(w.server.Requests()); n != 3 {
					w.Errorf("two failures: got %d requests, want 3", n)
				}
				if took := time.Since(start); took > 5*time.Second && !fault.Hang {
					w.Errorf("the third request was answered after %v, want at most 5s", took)
				}
				w.wantRows(3)
				w.wantStats(3, 3)
			})
		})
	}
}

// Proves HV0-2 and the refusals of the status table: what cannot pass is sent
// once, and everyone is told.
func TestRefusalsAreFinal(t *testing.T) {
	t.Parallel()
	for mode, status := range eachMode(400, 401, 402, 403, 404, 413, 415, 422, 300, 301, 302, 303, 304) {
		t.Run(fmt.Sprint(mode, " ", http.StatusText(status)), func(t *testing.T) {
			t.Parallel()
			want := posthog.OutcomeRejected
			if status == 402 {
				want = posthog.OutcomeBillingLimit
			}
			told := new(outcomes)
			inWorld(t, posthog.Config{CaptureMode: mode, Interval: time.Hour, Callback: told}, func(w *world) {
				w.server.Inject(posthogtest.Fault{
					Status: status, Times: -1, Header: http.Header{"Location": {"/landing-page"}},
				})
				delivery, err := w.client.Submit(w.Context(), event(0))
				if err != nil {
					w.Fatal(err)
				}
				w.flush()
				if n := len(w.server.Requests()); n != 1 {
					w.Errorf("got %d requests, want 1", n)
				}
				if s := requireLedger(w.T, w.client); s.Rejected != 1 || s.Pending != 0 {
					w.Errorf("got %+v, want one rejected event", s)
				}
				var failure *posthog.DeliveryError
				if err := delivery.Wait(w.Context()); !errors.As(err, &failure) || failure.Status != status || failure.Outcome != want {
					w.Errorf("Delivery.Wait: got %v, want a *DeliveryError with status %d and outcome %s", err, status, want)
				}
				if limited := errors.Is(failure, posthog.ErrBillingLimit); limited != (status == 402) {
					w.Errorf("errors.Is(%v, ErrBillingLimit) is %v", failure, limited)
				}
				if _, failed := told.counts(); failed != 1 {
					w.Errorf("the callback was told of %d failures, want 1", failed)
				}
			})
		})
	}
}

// A permanent redirect to a page that answers 200 is no delivery.
func TestRedirectToALandingPageIsNoDelivery(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.server.Inject(
			posthogtest.Fault{Path: "/batch", Status: 301, Header: http.Header{"Location": {"/landing"}}, Times: -1},
			posthogtest.Fault{Path: "/landing", Status: 200, Body: "<html>welcome", Times: -1},
		)
		w.enqueue(0, 1)
		w.flush()
		if s := requireLedger(w.T, w.client); s.Delivered != 0 || s.Rejected != 1 {
			w.Errorf("got %+v, want one rejected event", s)
		}
	})
}

// Proves RTQ-6, HV0-3 for every form of the header.
func TestRetryAfterIsAFloor(t *testing.T) {
	t.Parallel()
	// In a bubble the clock starts at midnight UTC 2000-01-01.
	at := time.Date(2000, 1, 1, 0, 1, 40, 0, time.UTC)
	for name, value := range map[string]string{
		"seconds":  "100",
		"decimal":  "99.5",
		"RFC 1123": at.Format(http.TimeFormat),
		"RFC 850":  at.Format("Monday, 02-Jan-06 15:04:05 GMT"),
		"asctime":  at.Format(time.ANSIC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, posthog.Config{FlushTimeout: time.Hour}, func(w *world) {
				w.server.Inject(posthogtest.Fault{Status: 429, Header: http.Header{"Retry-After": {value}}})
				w.enqueue(0, 1)
				w.flush()
				if gaps := w.gaps(); len(gaps) != 1 || gaps[0] < 99*time.Second || gaps[0] > 101*time.Second {
					w.Errorf("Retry-After %q: the requests are %v apart, want about 100s", value, gaps)
				}
			})
		})
	}
}

// A server that asks for a day gets five minutes, and the whole lane waits.
func TestRetryAfterIsCappedAndPausesTheLane(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: time.Hour, FlushAt: 10, BatchSize: 10}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"86400"}}})
		w.enqueue(0, 1)
		w.pass(posthog.DefaultInterval)
		w.enqueue(1, 100)
		w.pass(4 * time.Minute)
		if n := len(w.server.Requests()); n != 1 {
			w.Errorf("during the pause: got %d requests, want 1", n)
		}
		w.flush()
		if gaps := w.gaps(); gaps[0] != 5*time.Minute {
			w.Errorf("the pause lasted %v, want 5m", gaps[0])
		}
		w.wantRows(100)
	})
}

// Proves HV0-4, ZIG-11: MaxRetries counts the attempts after the first.
func TestMaxRetriesEndsABatch(t *testing.T) {
	told := new(outcomes)
	config := posthog.Config{MaxRetries: posthog.Ptr(3), Callback: told, FlushTimeout: time.Hour}
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: 5})
		w.enqueue(0, 2)
		w.flush()
		gaps := w.gaps()
		if len(gaps) != 3 {
			w.Fatalf("got %d requests, want 4", len(gaps)+1)
		}
		if gaps[0] < 100*time.Millisecond || gaps[0]+gaps[1]+gaps[2] > 15*time.Second {
			w.Errorf("the requests are %v apart, want at least 100ms first and at most 15s in all", gaps)
		}
		s := requireLedger(w.T, w.client)
		if s.DroppedBy[posthog.OutcomeRetriesExhausted] != 2 {
			w.Errorf("got %+v, want two events dropped as retries_exhausted", s)
		}
		if _, failed := told.counts(); failed != 2 {
			w.Errorf("the callback was told of %d failures, want 2", failed)
		}
	})
}

// Proves ZIG-09, ZIG-10: waits double up to thirty seconds, and half of each
// is random, so that a fleet does not come back in step.
func TestBackoffDoublesAndSpreads(t *testing.T) {
	config := posthog.Config{MaxRetries: posthog.Ptr(10), Interval: time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		var third []time.Duration
		for range 100 {
			server := posthogtest.NewServer(t, nil)
			server.Inject(posthogtest.Fault{Status: 503, Times: 11})
			w := &world{T: t, server: server, client: connect(t, server, config)}
			w.enqueue(0, 1)
			w.pass(10 * time.Minute)
			gaps := w.gaps()
			if len(gaps) != 10 {
				t.Fatalf("got %d retries, want 10", len(gaps))
			}
			for n, gap := range gaps {
				whole := min(500*time.Millisecond<<n, 30*time.Second)
				if gap < whole/2 || gap > whole {
					t.Errorf("wait %d was %v, want between %v and %v", n, gap, whole/2, whole)
				}
			}
			third = append(third, gaps[2])
			w.close()
		}
		if spread := slices.Max(third) - slices.Min(third); spread < 400*time.Millisecond {
			t.Errorf("the third waits of 100 clients lie within %v of each other, want at least a fifth of 2s", spread)
		}
	})
}

// 60 s of 503 and then recovery: nothing is lost.
func TestAnOutageOfAMinuteLosesNothing(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: time.Hour, MaxQueueSize: 20000}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		for i := range 60 {
			w.enqueue(i*10000/60, (i+1)*10000/60)
			w.pass(time.Second)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantRows(10000)
		w.wantStats(10000, 10000)
	})
}

// An hour without any answer costs space, not events.
func TestAnOutageOfAnHourLosesNothing(t *testing.T) {
	inWorld(t, posthog.Config{FlushTimeout: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for i := range 60 {
			w.enqueue(i*20, (i+1)*20)
			w.pass(time.Minute)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantRows(1200)
		w.wantStats(1200, 1200)
	})
}

// A batch that the server keeps failing while it takes others is given up,
// and holds nobody up for longer than that, not even with one worker.
func TestAPoisonedBatchIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d workers", workers), func(t *testing.T) {
			t.Parallel()
			poison := failing{name: "event 000000"}
			server := posthog.Config{Workers: workers, FlushTimeout: time.Hour, FlushAt: 10, Transport: &poison, Compression: posthog.CompressionNone}
			synctest.Test(t, func(t *testing.T) {
				kind := posthogtest.NewServer(t, nil)
				poison.next = kind.Transport()
				w := &world{T: t, server: kind, client: connect(t, kind, server)}
				w.enqueue(0, 10)
				w.pass(time.Second)
				w.enqueue(10, 50)
				w.flush()
				s := requireLedger(t, w.client)
				if s.Delivered != 40 || s.Unconfirmed+s.DroppedBy[posthog.OutcomeRetriesExhausted] != 10 {
					t.Errorf("got %+v, want 40 delivered and 10 given up", s)
				}
				w.close()
			})
		})
	}
}

// Proves RTQ-4, BAT-4: events in flight take no place in the queue.
func TestEventsInFlightTakeNoPlaceInTheQueue(t *testing.T) {
	inWorld(t, posthog.Config{MaxQueueSize: 3, BatchSize: 3, Interval: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: time.Second})
		w.enqueue(0, 3)
		synctest.Wait()
		w.enqueue(3, 5) // a batch of two waits for a third or for a flush
		w.enqueue(5, 6)
		w.flush()
		w.wantRows(6)
	})
}

// Proves PY-15: no more requests at once than Workers, whatever is queued, and
// connections are used again.
func TestWorkersBoundTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		// net/http dials ahead of connections that are about to be free. The
		// client's own transport bounds that, as this one does.
		transport, _ := server.Transport().(*http.Transport)
		transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = 3, 3
		config := posthog.Config{Workers: 3, BatchSize: 10, FlushTimeout: time.Hour, Transport: transport}
		w := &world{T: t, server: server, client: connect(t, server, config)}
		server.Inject(posthogtest.Fault{Delay: time.Second, Times: -1})
		w.enqueue(0, 500)
		w.pass(500 * time.Millisecond)
		if n := w.client.Stats().InFlight; n != 3 {
			w.Errorf("%d requests are in flight, want 3", n)
		}
		if n := len(server.Requests()); n != 3 {
			w.Errorf("the server sees %d requests at once, want 3", n)
		}
		w.flush()
		w.wantRows(500)
		if n := server.OpenConns(); n > 3 {
			w.Errorf("%d connections are open, want at most 3", n)
		}
		if n := server.Dials(); n > 3 {
			w.Errorf("50 requests opened %d connections, want them to be used again", n)
		}
		w.close()
	})
}

// One slow request does not hold up the others.
func TestASlowRequestHoldsUpNobody(t *testing.T) {
	inWorld(t, posthog.Config{FlushAt: 10, BatchSize: 10}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Delay: 8 * time.Second})
		w.enqueue(0, 10)
		synctest.Wait()
		w.enqueue(10, 100)
		w.pass(time.Second)
		if n := len(w.server.Events()); n != 90 {
			w.Errorf("behind a slow request %d events arrived, want 90", n)
		}
		w.flush()
		w.wantRows(100)
	})
}

// A server in another hour does not shift the events.
func TestAWrongClockIsCorrected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, &posthogtest.Config{
			Now: func() time.Time { return time.Now().Add(time.Hour) },
		})
		w := &world{T: t, server: server, client: connect(t, server, posthog.Config{})}
		happened := time.Now()
		w.enqueue(0, 1)
		w.pass(time.Minute) // sent_at is that of the attempt, not of the event
		w.close()
		if got, want := server.Rows()[0].Timestamp, happened.Add(time.Hour); !got.Equal(want) {
			t.Errorf("a client an hour behind: the event is stored at %v, want %v", got, want)
		}
	})
}

// failing answers requests whose body has a name in it with 500.
type failing struct {
	name string
	next http.RoundTripper
}
