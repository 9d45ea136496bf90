package posthog_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// poolCaller calls a pool back, as a Logger and as a hook.
type poolCaller struct {
	mu   sync.Mutex
	pool *posthog.Pool
	busy bool
}

func (c *poolCaller) Debugf(string, ...any) { c.call() }
func (c *poolCaller) Logf(string, ...any)   { c.call() }
func (c *poolCaller) Warnf(string, ...any)  { c.call() }
func (c *poolCaller) Errorf(string, ...any) { c.call() }

// call uses the pool, unless a call of its own led to this one.
func (c *poolCaller) call() {
	c.mu.Lock()
	pool, busy := c.pool, c.busy
	c.busy = true
	c.mu.Unlock()
	if pool == nil || busy {
		return
	}
	_ = pool.Stats()
	_ = pool.ClientStats(keyOf(0))
	if client, err := pool.Client(keyOf(500)); err == nil {
		_ = client.Enqueue(capture("from within"))
		client.OptOut()
		client.OptIn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
}

// Whatever the application provides may use the pool while it is called.
func TestAPoolIsUsedFromWithinWhatItCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		within := new(poolCaller)
		pool, server := openPool(t, posthog.PoolConfig{
			IdleTimeout: time.Minute,
			Config: posthog.Config{Logger: within, Verbose: true, MaxRetries: posthog.Ptr(0), BeforeSend: func(e posthog.Message) posthog.Message {
				within.call()
				return e
			}},
			Customize: func(_ string, c *posthog.Config) {
				within.call()
				c.OnError = func(error) { within.call() }
			},
		})
		within.mu.Lock()
		within.pool = pool
		within.mu.Unlock()
		server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		for tenant := range 20 {
			_ = clientOf(t, pool, tenant).Enqueue(capture("e"))
		}
		elapse(time.Minute)
		within.mu.Lock()
		within.pool = nil // or its events would lead to others for ever
		within.mu.Unlock()
		elapse(5 * time.Minute)
		if s := requirePoolLedger(t, pool); s.Pending != 0 || s.Clients != 0 || s.Accepted <= 20 {
			t.Errorf("%d events are pending and %d clients are left of %d events, want none, none and more than 20", s.Pending, s.Clients, s.Accepted)
		}
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// A pool may be closed by anything that it calls on the way.
func TestAPoolIsClosedFromWithinWhatItCalls(t *testing.T) {
	for name, install := range map[string]func(c *posthog.PoolConfig, closing func()){
		"Customize": func(c *posthog.PoolConfig, closing func()) {
			c.Customize = func(string, *posthog.Config) { closing() }
		},
		"BeforeSend": func(c *posthog.PoolConfig, closing func()) {
			c.Config.BeforeSend = func(e posthog.Message) posthog.Message { closing(); return e }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var pool *posthog.Pool
				config := posthog.PoolConfig{}
				install(&config, func() {
					if err := pool.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				pool, _ = openPool(t, config)
				client, err := pool.Client(keyOf(1))
				if err == nil {
					err = client.Enqueue(capture("e"))
				}
				if !errors.Is(err, posthog.ErrClosed) {
					t.Errorf("got %v, want %v", err, posthog.ErrClosed)
				}
				if s := requirePoolLedger(t, pool); s.Accepted != 0 {
					t.Errorf("%d events were accepted by a pool that was closed, want none", s.Accepted)
				}
			})
		})
	}
}

// A client that was let go before its pool was closed learns of that, and its
// counts are the pool's once.
func TestAClientThatWasLetGoComesBackToAClosedPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		kept := clientOf(t, pool, 1)
		enqueue(t, kept, capture("e"))
		elapse(3 * time.Minute)
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		kept.OptOut()
		kept.OptIn()
		kept.Register(posthog.Properties{"plan": "pro"})
		if err := errors.Join(kept.Close(), kept.Close()); err != nil {
			t.Errorf("Close of the client: %v", err)
		}
		if err := kept.EnqueueAI(capture("$ai_trace")); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("EnqueueAI: %v, want %v", err, posthog.ErrClosed)
		}
		if s := requirePoolLedger(t, pool); s.Accepted != 1 || s.Delivered != 1 || s.Refused != 1 {
			t.Errorf("accepted %d events, delivered %d and refused %d, want 1 of each", s.Accepted, s.Delivered, s.Refused)
		}
	})
}
