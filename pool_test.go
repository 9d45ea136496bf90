package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-39, PY-02: every event arrives under the key of its client, and one
// key has one client.
func TestAPoolHasAClientForEachKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{DefaultEventProperties: posthog.Properties{"service": "shop"}}})
		for i := range 300 {
			client := clientOf(t, pool, i%100)
			enqueue(t, client, posthog.Capture{DistinctId: fmt.Sprint("user of ", i%100), Event: "e"})
			if again := clientOf(t, pool, i%100); again != client {
				t.Fatalf("Client(%q) returned two clients", keyOf(i%100))
			}
		}
		if client, err := pool.Client("  " + keyOf(7) + "\n"); err != nil || client != clientOf(t, pool, 7) {
			t.Errorf("a key with white space around it has another client: %v", err)
		}
		if err := pool.Flush(t.Context()); err != nil {
			t.Fatalf("Flush: %v", err)
		}
		for _, e := range server.Events() {
			if want := "user of " + strings.TrimPrefix(e.Token, "phc_tenant_"); e.DistinctID != want {
				t.Errorf("an event of %q arrived under the key %s", e.DistinctID, e.Token)
			}
			if e.Properties["service"] != "shop" {
				t.Errorf("properties %v, want the pool's", e.Properties)
			}
		}
		for i := range 100 {
			if got := byKey(server)[keyOf(i)]; got != 3 {
				t.Errorf("%d events of %s arrived, want 3", got, keyOf(i))
			}
			if s := requireLedger(t, clientOf(t, pool, i)); s.Delivered != 3 {
				t.Errorf("the ledger of %s says %d delivered, want 3", keyOf(i), s.Delivered)
			}
			if s := pool.ClientStats(keyOf(i)); s.Delivered != 3 {
				t.Errorf("ClientStats(%q) says %d delivered, want 3", keyOf(i), s.Delivered)
			}
		}
		synctest.Wait() // the memory comes back last
		if s := requirePoolLedger(t, pool); s.Delivered != 300 || s.Clients != 100 || s.MemoryUsed != 0 {
			t.Errorf("the pool delivered %d events of %d clients and uses %d bytes, want 300, 100 and none", s.Delivered, s.Clients, s.MemoryUsed)
		}
	})
}

// Proves PY-39, ZIG-24: goroutines start with the first event, their number does
// not depend on that of clients, whatever the server does, and Close joins
// them.
func TestAThousandClientsShareTheirGoroutines(t *testing.T) {
	const (
		pilots  = 2
		senders = posthog.DefaultWorkers + 2 // of analytics, and of AI events
		tellers = 2
	)
	for name, fault := range map[string]posthogtest.Fault{
		"a server that answers": {Delay: ms(1), Times: -1},
		"a server that hangs":   {Hang: true, Times: -1},
		"a server that fails":   {Status: 503, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, server := openPool(t, posthog.PoolConfig{Config: posthog.Config{OnError: func(error) {}, MaxRetries: posthog.Ptr(1)}})
				server.Inject(fault)
				clients := make([]*posthog.ServerClient, 1000)
				for i := range clients {
					clients[i] = clientOf(t, pool, i)
				}
				if got := goroutines(ours); got != 0 {
					t.Errorf("%d goroutines before the first event, want none", got)
				}
				for round := range 2 {
					for i, client := range clients {
						if i%2 != round {
							continue
						}
						enqueue(t, client, capture("e"))
						if err := clients[i%30].EnqueueAI(capture("$ai_generation")); err != nil {
							t.Fatalf("EnqueueAI: %v", err)
						}
					}
					elapse(6 * time.Second)
					if got := goroutines(ours); got < pilots+senders || got > pilots+senders+tellers {
						t.Errorf("%d goroutines in round %d, want %d, and %d more while there is something to tell", got, round, pilots+senders, tellers)
					}
					if dials, most := server.OpenConns(), senders; dials > most {
						t.Errorf("%d connections, want at most %d", dials, most)
					}
				}
				begin := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := pool.CloseWithContext(ctx)
				if took := time.Since(begin); took > time.Second+ms(20) {
					t.Errorf("Close took %v, want at most 1.02 s", took)
				}
				s := requirePoolLedger(t, pool)
				if s.Accepted != 2000 || s.Pending != 0 || s.MemoryUsed != 0 {
					t.Errorf("accepted %d events, of which %d are pending in %d bytes, want 2000, 0 and 0", s.Accepted, s.Pending, s.MemoryUsed)
				}
				if left := s.DroppedBy[posthog.OutcomeShutdown]; left > 0 && err == nil {
					t.Errorf("Close returned nil, and left %d events", left)
				}
				synctest.Wait()
				if got := goroutines(ours); got != 0 {
					t.Errorf("%d goroutines after Close, want none", got)
				}
			})
		})
	}
}

func TestAPoolThatIsClosedAcceptsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{})
		client := clientOf(t, pool, 1)
		enqueue(t, client, capture("e"))
		if err := client.EnqueueAI(capture("$ai_trace")); err != nil {
			t.Fatalf("EnqueueAI: %v", err)
		}
		var closing sync.WaitGroup
		for range 3 {
			closing.Go(func() {
				if err := pool.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		}
		closing.Wait()
		for call, err := range map[string]error{
			"Enqueue":   client.Enqueue(capture("late")),
			"EnqueueAI": client.EnqueueAI(capture("$ai_late")),
			"Flush":     client.Flush(t.Context()),
			"the pool":  pool.Flush(t.Context()),
		} {
			if !errors.Is(err, posthog.ErrClosed) {
				t.Errorf("%s after Close: %v, want %v", call, err, posthog.ErrClosed)
			}
		}
		if c, err := pool.Client(keyOf(2)); c != nil || !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("Client after Close: %v, %v, want nil and %v", c, err, posthog.ErrClosed)
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close of a client that was closed with its pool: %v", err)
		}
		if got := byKey(server)[keyOf(1)]; got != 2 {
			t.Errorf("%d events arrived, want 2", got)
		}
	})
}

func TestAClientOfAPoolMayBeClosedByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{})
		client, other := clientOf(t, pool, 1), clientOf(t, pool, 2)
		enqueue(t, client, capture("e"))
		enqueue(t, other, capture("e"))
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := byKey(server); got[keyOf(1)] != 1 || got[keyOf(2)] != 0 {
			t.Errorf("arrived: %v, want the event of the client that was closed", got)
		}
		if err := client.Enqueue(capture("late")); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("Enqueue after Close: %v, want %v", err, posthog.ErrClosed)
		}
		fresh := clientOf(t, pool, 1)
		if fresh == client {
			t.Fatal("the pool returned a client that was closed")
		}
		enqueue(t, fresh, capture("e"))
		if err := pool.Close(); err != nil {
			t.Errorf("Close of the pool: %v", err)
		}
		if got := byKey(server); got[keyOf(1)] != 2 || got[keyOf(2)] != 1 {
			t.Errorf("arrived: %v, want 2 and 1", got)
		}
		if s := requirePoolLedger(t, pool); s.Delivered != 3 {
			t.Errorf("the pool delivered %d events, want 3", s.Delivered)
		}
	})
}

// A client that closes without a deadline has none but the pool's.
func TestClosingAPoolEndsTheCloseOfAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{})
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		client := clientOf(t, pool, 1)
		enqueue(t, client, capture("e"))
		var closing sync.WaitGroup
		closing.Go(func() {
			if err := client.CloseWithContext(context.Background()); err == nil {
				t.Error("Close of the client returned nil, want that it leaves an event")
			}
		})
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = pool.CloseWithContext(ctx)
		if took := time.Since(begin); took > time.Second+ms(20) {
			t.Errorf("Close took %v, want at most 1.02 s", took)
		}
		closing.Wait()
		if s := requirePoolLedger(t, pool); s.Unconfirmed != 1 || s.Pending != 0 {
			t.Errorf("%d events are unconfirmed and %d pending, want 1 and 0", s.Unconfirmed, s.Pending)
		}
	})
}

func TestANilPoolDoesNothing(t *testing.T) {
	t.Parallel()
	var pool *posthog.Pool
	client, err := pool.Client(testKey)
	if client != nil || err != nil {
		t.Errorf("Client: %v, %v, want nil and nil", client, err)
	}
	if err := errors.Join(client.Enqueue(capture("e")), pool.Flush(t.Context()), pool.Close(), pool.CloseWithContext(t.Context())); err != nil {
		t.Errorf("a nil pool: %v, want no error", err)
	}
	if s := pool.Stats(); s.Accepted != 0 || s.Clients != 0 {
		t.Errorf("Stats: %+v, want none", s)
	}
	if s := pool.ClientStats(testKey); s.Accepted != 0 {
		t.Errorf("ClientStats: %+v, want none", s)
	}
}
