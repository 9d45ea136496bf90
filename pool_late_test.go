package posthog_test

import (
	"bytes"
	"context"
	"errors"
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

// A callback that comes late belongs to the ledger all the same.
func TestAPoolKeepsAClientUntilItsCallbacksAreDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{
			IdleTimeout: time.Minute,
			Customize: func(apiKey string, c *posthog.Config) {
				c.OnError = func(error) {
					if apiKey == keyOf(0) {
						elapseOne(10 * time.Minute) // and that of the other one waits
						return
					}
					panic("the application's mistake")
				}
			},
		})
		server.Inject(posthogtest.Fault{Status: 400, Times: -1})
		enqueue(t, clientOf(t, pool, 0), capture("e"))
		elapse(30 * time.Second)
		enqueue(t, clientOf(t, pool, 1), capture("e"))
		elapse(5 * time.Minute)
		if s := pool.Stats(); s.Clients != 2 {
			t.Errorf("the pool keeps %d clients that have something to tell, want 2", s.Clients)
		}
		elapse(10 * time.Minute)
		if s := requirePoolLedger(t, pool); s.CallbackPanics != 1 || s.Clients != 0 {
			t.Errorf("%d callbacks panicked and %d clients are left, want 1 and none", s.CallbackPanics, s.Clients)
		}
	})
}

// deafTo is a network that does not hear when requests that hold a text are
// canceled, and refuses all others after a while.
type deafTo struct {
	text  string
	free  chan struct{} // closed when those that hang may return
	after time.Duration
}

func (d *deafTo) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	if bytes.Contains(body, []byte(d.text)) {
		<-d.free
		return nil, io.ErrUnexpectedEOF
	}
	elapseOne(d.after)
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Request: r}, nil
}

// deafPool returns a pool on such a network.
func deafPool(t *testing.T, network *deafTo, config posthog.Config) *posthog.Pool {
	t.Helper()
	config.Transport, config.Endpoint = network, "https://example.com"
	config.Compression, config.FlushAt, config.Logger = posthog.CompressionNone, 1, new(logLines)
	pool, err := posthog.NewPool(posthog.PoolConfig{Config: config})
	if err != nil {
		t.Fatalf("NewPool: %v", err)
	}
	return pool
}

// The request of a client that was closed ends some time, and is not counted
// for ever.
func TestAPoolForgetsTheRequestsOfClosedClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &deafTo{text: keyOf(1), free: make(chan struct{})}
		pool := deafPool(t, network, posthog.Config{})
		defer pool.Close()
		client := clientOf(t, pool, 1)
		enqueue(t, client, capture("e"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := client.CloseWithContext(ctx); err == nil {
			t.Error("Close returned nil, want that it leaves an event")
		}
		close(network.free)
		synctest.Wait()
		if s := requirePoolLedger(t, pool); s.InFlight != 0 || s.Unconfirmed != 1 {
			t.Errorf("%d requests are in flight and %d events unconfirmed, want none and 1", s.InFlight, s.Unconfirmed)
		}
	})
}

// An application that holds up the pool beyond the end of Close gets its ledger
// later.
func TestNothingIsPendingAfterALateEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &deafTo{text: keyOf(0), free: make(chan struct{}), after: ms(900)}
		pool := deafPool(t, network, posthog.Config{RetryAfter: func(int) time.Duration {
			elapseOne(ms(200))
			return time.Second
		}})
		for tenant := range 3 {
			enqueue(t, clientOf(t, pool, tenant), capture("e"))
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pool.CloseWithContext(ctx); err == nil {
			t.Error("Close returned nil, want that it leaves events")
		}
		if took := time.Since(begin); took > time.Second+ms(20) {
			t.Errorf("Close took %v, want at most 1.02 s", took)
		}
		elapse(time.Minute)
		close(network.free)
		synctest.Wait()
		if s := requirePoolLedger(t, pool); s.Pending != 0 || s.Unconfirmed+s.Dropped != 3 {
			t.Errorf("%d events are pending, and %d have ended, want none and 3", s.Pending, s.Unconfirmed+s.Dropped)
		}
	})
}

// Requests that nobody can cancel, for events, of Send and for flags, and a
// callback that does not return, hold up Close for a moment together.
func TestAPoolClosesAlthoughNothingReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{}) // closed when everything may return
		release := sync.OnceFunc(func() { close(free) })
		defer release()
		network := &deafTo{text: "phc_tenant_", free: free}
		pool := deafPool(t, network, posthog.Config{
			Workers: 3, Overflow: posthog.OverflowDropOldest, MaxQueueSize: 10,
			OnError: func(error) { <-free },
		})
		var calls sync.WaitGroup
		for tenant := range 100 {
			client := clientOf(t, pool, tenant)
			for range 20 { // more than fit, so there is something to tell
				enqueue(t, client, capture("e"))
			}
			if tenant%10 == 0 {
				calls.Go(func() { _, _ = client.Send(context.Background(), capture("sent")) })
				calls.Go(func() {
					_ = client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "user-1"}, false)
				})
			}
			if tenant%10 == 1 {
				calls.Go(func() { _ = client.CloseWithContext(context.Background()) })
			}
		}
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pool.CloseWithContext(ctx); err == nil {
			t.Error("Close returned nil, want that it leaves events")
		}
		if took := time.Since(begin); took > time.Second+ms(20) {
			t.Errorf("Close took %v, want at most 1.02 s", took)
		}
		release()
		calls.Wait()
		synctest.Wait()
		if s := requirePoolLedger(t, pool); s.Pending != 0 || s.InFlight != 0 || s.MemoryUsed != 0 {
			t.Errorf("%d events are pending, %d requests in flight and %d bytes in use, want none", s.Pending, s.InFlight, s.MemoryUsed)
		}
	})
}

// Clients that have nothing to end are not reported to be late.
func TestAPoolThatHasNoTimeToCloseReportsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := new(logLines)
		pool, _ := openPool(t, posthog.PoolConfig{Config: posthog.Config{Logger: lines}})
		for tenant := range 50 {
			_ = clientOf(t, pool, tenant)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := clientOf(t, pool, 0).CloseWithContext(ctx); err != nil {
			t.Errorf("Close of a client: %v", err)
		}
		if err := pool.CloseWithContext(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := lines.all(); len(got) > 0 {
			t.Errorf("the log has %q, want nothing", got)
		}
	})
}

func TestClientStatsTakesTheKeyAsClientDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{})
		enqueue(t, clientOf(t, pool, 1), capture("e"))
		if got := pool.ClientStats(" " + keyOf(1) + "\n").Accepted; got != 1 {
			t.Errorf("with white space around the key it counts %d events, want 1", got)
		}
	})
}

// While all clients are busy, one more is refused without a look at each of
// them: that takes a while with ten thousand, for which all others would wait.
func TestAFullPoolDoesNotLookAtItsClientsEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := 0
		pool, server := openPool(t, posthog.PoolConfig{
			MaxClients: 2,
			Customize:  func(string, *posthog.Config) { made++ },
		})
		server.Inject(posthogtest.Fault{Delay: ms(150), Times: -1})
		for tenant := range 2 {
			enqueue(t, clientOf(t, pool, tenant), capture("e"))
		}
		for range 100 {
			if _, err := pool.Client(keyOf(2)); !errors.Is(err, posthog.ErrTooManyClients) {
				t.Fatalf("Client: %v, want %v", err, posthog.ErrTooManyClients)
			}
		}
		if made != 3 {
			t.Errorf("%d clients were made, want 2 and one for the first that found no room", made)
		}
		if err := pool.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
		synctest.Wait()
		enqueue(t, clientOf(t, pool, 2), capture("e"))
	})
}

// A request for flags that does not end is no reason for others to go on.
func TestAPoolThatClosesEndsAllQuestionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &deafTo{text: "nobody", after: time.Minute} // and deaf to all
		pool := deafPool(t, network, posthog.Config{FeatureFlagRequestTimeout: time.Hour})
		begin := time.Now()
		var asking sync.WaitGroup
		for tenant := range 9 {
			client := clientOf(t, pool, tenant)
			asking.Go(func() {
				_ = client.FlagEnabled(t.Context(), posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "user-1"}, false)
				if took := time.Since(begin); took > time.Second {
					t.Errorf("tenant %d has an answer after %v, want it as soon as Close begins", tenant, took)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_ = pool.CloseWithContext(ctx) // nothing is left
		if took := time.Since(begin); took > 10*time.Second+ms(20) {
			t.Errorf("Close took %v, want at most 10.02 s", took)
		}
		asking.Wait()
		elapse(2 * time.Minute) // the network is done with them
	})
}

// The log of Close has the sum, and not a line of each client.
func TestAPoolReportsWhatAllItsClientsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := new(logLines)
		pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{Logger: lines}})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for tenant := range 30 {
			enqueue(t, clientOf(t, pool, tenant), capture("e"))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := pool.CloseWithContext(ctx)
		if left, ok := errors.AsType[*posthog.UndeliveredError](err); !ok || left.Events != 30 {
			t.Errorf("Close: %v, want that it leaves 30 events", err)
		}
		if got := lines.having("not delivered"); len(got) != 1 || !strings.Contains(got[0], "30 events") {
			t.Errorf("the log says of Close %q, want one line with all 30 events", got)
		}
	})
}
