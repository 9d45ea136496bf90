package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-39: a client that is not used is let go, and everything that it
// accepted has been delivered by then.
func TestAPoolLetsGoOfIdleClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		for i := range 50 {
			enqueue(t, clientOf(t, pool, i), capture("e"))
		}
		for range 10 {
			elapse(30 * time.Second)
			enqueue(t, clientOf(t, pool, 0), capture("e"))
		}
		s := requirePoolLedger(t, pool)
		if s.Clients != 1 || s.Evicted != 49 {
			t.Errorf("the pool keeps %d clients and has let go of %d, want the 1 in use and 49", s.Clients, s.Evicted)
		}
		if s.Accepted != 60 || s.Pending > 1 {
			t.Errorf("the pool accepted %d events, of which %d are pending, want 60 and at most the last: %+v", s.Accepted, s.Pending, s)
		}
		elapse(2 * time.Minute)
		if s := requirePoolLedger(t, pool); s.Clients != 0 || s.Delivered != 60 {
			t.Errorf("the pool keeps %d clients and has delivered %d events, want none and 60", s.Clients, s.Delivered)
		}
		if got := len(server.Events()); got != 60 {
			t.Errorf("%d events arrived, want 60", got)
		}
	})
}

func TestAPoolKeepsClientsThatOthersWouldMiss(t *testing.T) {
	for name, c := range map[string]struct {
		fault posthogtest.Fault
		use   func(*posthog.ServerClient)
		ends  func(*posthog.ServerClient, *posthogtest.Server) // after which it is let go
	}{
		"events wait for the server": {
			posthogtest.Fault{Status: 503, Times: -1},
			func(c *posthog.ServerClient) { _ = c.Enqueue(capture("e")) },
			func(_ *posthog.ServerClient, s *posthogtest.Server) { s.ClearFaults() },
		},
		"AI events wait for the server": {
			posthogtest.Fault{Status: 503, Times: -1},
			func(c *posthog.ServerClient) { _ = c.EnqueueAI(capture("$ai_trace")) },
			func(_ *posthog.ServerClient, s *posthogtest.Server) { s.ClearFaults() },
		},
		"it was opted out": {
			posthogtest.Fault{},
			func(c *posthog.ServerClient) { c.OptOut() },
			func(c *posthog.ServerClient, _ *posthogtest.Server) { c.OptIn() },
		},
		"it has properties of its own": {
			posthogtest.Fault{},
			func(c *posthog.ServerClient) { c.Register(posthog.Properties{"plan": "pro"}) },
			nil,
		},
		"the server asked it to wait": {
			posthogtest.Fault{Status: 429, Header: map[string][]string{"Retry-After": {"290"}}},
			func(c *posthog.ServerClient) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				_, _ = c.Send(ctx, capture("given up")) // so that nothing is pending
			},
			func(*posthog.ServerClient, *posthogtest.Server) { elapse(5 * time.Minute) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, server := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
				if c.fault.Status != 0 {
					server.Inject(c.fault)
				}
				client := clientOf(t, pool, 1)
				c.use(client)
				elapse(4 * time.Minute)
				if s := requirePoolLedger(t, pool); s.Clients != 1 {
					t.Fatalf("the pool let go of the client: %+v", s)
				}
				if c.ends == nil {
					return
				}
				c.ends(client, server)
				elapse(4 * time.Minute)
				if s := requirePoolLedger(t, pool); s.Clients != 0 {
					t.Errorf("the pool still keeps the client: %+v", s)
				}
			})
		})
	}
}

// Whoever keeps a client need not know that the pool let go of it.
func TestAClientThatWasLetGoGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		kept := clientOf(t, pool, 1)
		for round := uint64(1); round <= 3; round++ {
			enqueue(t, kept, capture("e"))
			elapse(3 * time.Minute)
			s := requirePoolLedger(t, pool)
			if s.Clients != 0 || s.Evicted != round || s.Delivered != round {
				t.Errorf("the pool keeps %d clients, has let go of %d and delivered %d, want 0, %d and %d", s.Clients, s.Evicted, s.Delivered, round, round)
			}
			if got := requireLedger(t, kept).Delivered; got != round {
				t.Errorf("the client says %d delivered, want %d", got, round)
			}
		}
		runtime.GC()
		if again := clientOf(t, pool, 1); again != kept {
			t.Error("Client made a second one for a key whose client somebody keeps")
		}
		elapse(3 * time.Minute)
		if err := kept.Enqueue(posthog.Capture{}); err == nil {
			t.Error("an invalid message was accepted")
		}
		if s := requirePoolLedger(t, pool); s.Clients != 1 || s.Refused != 1 {
			t.Errorf("the pool keeps %d clients and refused %d events, want 1 and 1", s.Clients, s.Refused)
		}
		enqueue(t, kept, capture("last"))
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := byKey(server)[keyOf(1)]; got != 4 {
			t.Errorf("%d events arrived, want 4", got)
		}
	})
}

// What a new client would not know brings the old one back.
func TestAChangeOfAClientThatWasLetGoIsKept(t *testing.T) {
	for name, change := range map[string]func(*posthog.ServerClient){
		"OptOut":     func(c *posthog.ServerClient) { c.OptOut() },
		"Register":   func(c *posthog.ServerClient) { c.Register(posthog.Properties{"plan": "pro"}) },
		"Unregister": func(c *posthog.ServerClient) { c.Unregister("service") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, _ := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
				client := clientOf(t, pool, 1)
				elapse(3 * time.Minute)
				if s := pool.Stats(); s.Clients != 0 {
					t.Fatalf("the pool keeps %d clients, want none", s.Clients)
				}
				change(client)
				elapse(3 * time.Minute)
				if s := pool.Stats(); s.Clients != 1 {
					t.Errorf("the pool keeps %d clients, want the one that was changed", s.Clients)
				}
			})
		})
	}
}

func TestCloseOfAPoolEndsTheClientsThatItLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		kept := clientOf(t, pool, 1)
		enqueue(t, kept, capture("e"))
		elapse(3 * time.Minute)
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := kept.Enqueue(capture("late")); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("Enqueue after Close: %v, want %v", err, posthog.ErrClosed)
		}
		if s := requirePoolLedger(t, pool); s.Accepted != 1 || s.Refused != 1 {
			t.Errorf("the pool accepted %d events and refused %d, want 1 and 1", s.Accepted, s.Refused)
		}
	})
}

// The memory of a client that nobody keeps comes back.
func TestAPoolForgetsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		const clients = 20
		var made []weak.Pointer[posthog.ServerClient]
		for i := range clients {
			client := clientOf(t, pool, i)
			enqueue(t, client, capture("e"))
			made = append(made, weak.Make(client))
		}
		elapse(3 * time.Minute)
		if s := requirePoolLedger(t, pool); s.Clients != 0 || s.Delivered != clients {
			t.Fatalf("the pool keeps %d clients and has delivered %d events, want none and %d", s.Clients, s.Delivered, clients)
		}
		runtime.GC()
		for i, client := range made {
			if client.Value() != nil {
				t.Errorf("client %d is in memory although nobody keeps it", i)
			}
		}
		if s := pool.ClientStats(keyOf(1)); s.Accepted != 0 {
			t.Errorf("ClientStats of a client that is gone: %+v, want none", s)
		}
		enqueue(t, clientOf(t, pool, 1), capture("e"))
		if s := requirePoolLedger(t, pool); s.Clients != 1 || s.Accepted != clients+1 {
			t.Errorf("the pool keeps %d clients and accepted %d events, want 1 and %d", s.Clients, s.Accepted, clients+1)
		}
	})
}

func TestAPoolHasABoundOfClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{MaxClients: 10, IdleTimeout: -1})
		for i := range 100 {
			enqueue(t, clientOf(t, pool, i), capture("e"))
			if err := pool.Flush(t.Context()); err != nil {
				t.Fatalf("Flush: %v", err)
			}
			if s := requirePoolLedger(t, pool); s.Clients > 10 {
				t.Fatalf("the pool keeps %d clients, want at most 10", s.Clients)
			}
		}
		if s := requirePoolLedger(t, pool); s.Delivered != 100 {
			t.Errorf("%d events were delivered, want 100", s.Delivered)
		}
		synctest.Wait() // the last client has let go of its memory as well
		server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		var err error
		busy := 0
		for ; busy < 11 && err == nil; busy++ {
			var client *posthog.ServerClient
			if client, err = pool.Client(fmt.Sprint("phc_busy_", busy)); err == nil {
				enqueue(t, client, capture("e"))
			}
		}
		if !errors.Is(err, posthog.ErrTooManyClients) || busy != 11 {
			t.Errorf("client %d beside others with events: %v, want %v for the eleventh", busy, err, posthog.ErrTooManyClients)
		}
	})
}

// Proves that no call is lost between its client being let go and coming back:
// this test is for the race detector.
func TestClientsAreUsedWhileTheyAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{MaxClients: 2, IdleTimeout: 20 * time.Millisecond})
		kept := []*posthog.ServerClient{clientOf(t, pool, 0), clientOf(t, pool, 1)}
		var working sync.WaitGroup
		for worker := range 4 {
			working.Go(func() {
				for i := range 20 {
					enqueue(t, kept[(worker+i)%2], capture("e"))
					if client, err := pool.Client(keyOf(2 + i%3)); err == nil {
						enqueue(t, client, capture("e"))
						_ = client.Flush(t.Context())
					}
					_ = kept[(worker+i)%2].Flush(t.Context())
					pause := time.NewTimer(time.Duration(i%4) * 15 * time.Millisecond)
					<-pause.C
				}
			})
		}
		working.Wait()
		s := requirePoolLedger(t, pool)
		if s.Delivered != s.Accepted || s.Accepted < 80 {
			t.Errorf("accepted %d events and delivered %d, want the same, and at least 80", s.Accepted, s.Delivered)
		}
		if s.Evicted == 0 {
			t.Error("no client was let go, so this test proves nothing")
		}
	})
}
