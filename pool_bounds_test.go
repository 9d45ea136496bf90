package posthog_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-39: the memory of a pool is bounded for all clients together, one
// of them cannot take it all, and it comes back.
func TestTheMemoryOfAPoolIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 1 << 20
		pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{MaxQueueBytes: limit}})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		fill := func(tenant int) (accepted int) {
			client := clientOf(t, pool, tenant)
			for {
				err := client.Enqueue(capture("e"))
				if used := pool.Stats().MemoryUsed; used > limit {
					t.Fatalf("%d bytes are in use, want at most %d", used, limit)
				}
				if errors.Is(err, posthog.ErrQueueFull) {
					return accepted
				}
				if err != nil {
					t.Fatalf("Enqueue: %v", err)
				}
				accepted++
			}
		}
		fill(0)
		if used := pool.Stats().MemoryUsed; used > limit/4 {
			t.Errorf("one client uses %d bytes, want at most a quarter of %d", used, limit)
		}
		for tenant := 1; tenant < 4; tenant++ {
			if fill(tenant) == 0 {
				t.Errorf("client %d finds no memory, want a quarter", tenant)
			}
		}
		for tenant := 4; fill(tenant) > 0; tenant++ { // what the quarters left over
		}
		if _, err := pool.Client(keyOf(99)); err != nil {
			t.Errorf("Client: %v, want one that refuses events", err)
		}
		server.ClearFaults()
		elapse(time.Minute) // those that hang time out, and all is sent
		if s := requirePoolLedger(t, pool); s.Pending != 0 || s.MemoryUsed != 0 {
			t.Errorf("%d events are pending in %d bytes, want none", s.Pending, s.MemoryUsed)
		}
		enqueue(t, clientOf(t, pool, 99), capture("e"))
	})
}

// A client that waits for room finds that of another.
func TestAClientWaitsForTheRoomOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{MaxQueueBytes: 256 << 10, Overflow: posthog.OverflowWait, BatchSubmitTimeout: -1}})
		server.Inject(posthogtest.Fault{Delay: 3 * time.Second, Times: -1})
		for tenant := range 10 {
			client := clientOf(t, pool, tenant)
			for client.Enqueue(capture("e")) == nil {
			}
		}
		begin := time.Now()
		if err := clientOf(t, pool, 99).EnqueueWithContext(t.Context(), capture("patient")); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
		if waited := time.Since(begin); waited <= 0 || waited > 10*time.Second {
			t.Errorf("it waited for %v, want until the first requests of others ended", waited)
		}
	})
}

// One callback runs at a time, for all clients, and may close the pool.
func TestACallbackClosesItsPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			pool    *posthog.Pool
			mu      sync.Mutex
			told    = map[string]int{}
			running int
		)
		config := posthog.PoolConfig{
			Config: posthog.Config{MaxRetries: posthog.Ptr(0), Interval: time.Second},
			Customize: func(apiKey string, c *posthog.Config) {
				c.OnError = func(err error) {
					lost, _ := errors.AsType[*posthog.DeliveryError](err)
					mu.Lock()
					running++
					if running > 1 {
						t.Errorf("%d callbacks at once, want 1", running)
					}
					told[apiKey] += lost.Events
					last := len(told) == 50
					mu.Unlock()
					elapseOne(time.Millisecond)
					mu.Lock()
					running--
					mu.Unlock()
					if last {
						ctx, cancel := context.WithTimeout(context.Background(), time.Second)
						defer cancel()
						_ = pool.CloseWithContext(ctx)
					}
				}
			},
		}
		var server *posthogtest.Server
		pool, server = openPool(t, config)
		server.Inject(posthogtest.Fault{Status: 400, Times: -1})
		for tenant := range 50 {
			for range tenant + 1 {
				enqueue(t, clientOf(t, pool, tenant), capture("e"))
			}
		}
		elapse(time.Minute)
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for tenant := range 50 {
			if got := told[keyOf(tenant)]; got != tenant+1 {
				t.Errorf("the callback of %s was told of %d events, want %d", keyOf(tenant), got, tenant+1)
			}
		}
	})
}

// elapseOne lets d of a bubble's time pass on the calling goroutine.
func elapseOne(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

// A tenant whose requests hang leaves the others half of the workers.
func TestATenantInTroubleDoesNotDelayOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		blackhole := &partition{next: server.Transport(), cut: keyOf(13)}
		pool, err := posthog.NewPool(posthog.PoolConfig{Config: connected(server, posthog.Config{
			Transport: blackhole, Compression: posthog.CompressionNone, FlushAt: 1, Workers: 2,
		})})
		if err != nil {
			t.Fatalf("NewPool: %v", err)
		}
		defer pool.Close()
		enqueue(t, clientOf(t, pool, 13), capture("lost in space"))
		elapse(posthog.DefaultBatchUploadTimeout + 10*time.Second) // it is repeated by now
		for tenant := range 10 {
			enqueue(t, clientOf(t, pool, tenant), capture("e"))
			elapse(ms(1))
			if s := pool.ClientStats(keyOf(tenant)); s.Delivered != 1 {
				t.Errorf("an event of %s waits for a tenant in trouble: %+v", keyOf(tenant), s)
			}
		}
		blackhole.heal()
		elapse(time.Minute)
		if s := requirePoolLedger(t, pool); s.Delivered != 11 {
			t.Errorf("%d events were delivered, want 11", s.Delivered)
		}
	})
}
