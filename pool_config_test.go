package posthog_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog"
)

// partition is a network on which requests that hold a text hang.
type partition struct {
	next http.RoundTripper

	mu  sync.Mutex
	cut string
}

func (p *partition) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = ""
}

func (p *partition) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	p.mu.Lock()
	cut := p.cut
	p.mu.Unlock()
	if cut != "" && bytes.Contains(body, []byte(cut)) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return p.next.RoundTrip(r)
}

func TestPoolConfigsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.PoolConfig
		field  string
	}{
		"a Config that no client takes":           {posthog.PoolConfig{Config: posthog.Config{Workers: -1}}, "Workers"},
		"a spool":                                 {posthog.PoolConfig{Config: posthog.Config{Spool: posthog.SpoolConfig{Dir: "spool"}}}, "Spool.Dir"},
		"events larger than a client's share":     {posthog.PoolConfig{Config: posthog.Config{MaxQueueBytes: 1 << 20, MaxEventBytes: 300 << 10}}, "MaxEventBytes"},
		"AI events larger than a client's share":  {posthog.PoolConfig{Config: posthog.Config{CaptureAIMaxQueueBytes: 1 << 20, CaptureAIMaxEventBytes: 300 << 10}}, "CaptureAIMaxEventBytes"},
		"a negative number of clients":            {posthog.PoolConfig{MaxClients: -1}, "MaxClients"},
		"an endpoint that is no address of a web": {posthog.PoolConfig{Config: posthog.Config{Endpoint: "ftp://posthog.test"}}, "Endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, err := posthog.NewPool(c.config)
			wrong, ok := errors.AsType[posthog.ConfigError](err)
			if pool != nil || !ok || wrong.Field != c.field {
				t.Errorf("NewPool: %v, %v, want nil and a ConfigError for %s", pool, err, c.field)
			}
		})
	}
}

// Proves PY-39: a client has its own properties, hooks and callbacks.
func TestCustomizeIsForOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{
			Config: posthog.Config{DefaultEventProperties: posthog.Properties{"service": "shop"}},
			Customize: func(apiKey string, c *posthog.Config) {
				delete(c.DefaultEventProperties, "service")
				c.DefaultEventProperties["tenant"] = apiKey
				c.Hooks = append(c.Hooks, func(e *posthog.Event) *posthog.Event {
					e.Properties["hooked"] = apiKey
					return e
				})
				c.Endpoint, c.MaxQueueSize, c.DryRun, c.Disabled = "http://elsewhere.test", 1, true, true // which have no effect
			},
		})
		for i := range 3 {
			enqueue(t, clientOf(t, pool, i), capture("e"), capture("e"))
		}
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		events := server.Events()
		if len(events) != 6 {
			t.Errorf("%d events arrived, want 6", len(events))
		}
		for _, e := range events {
			if p := e.Properties; p["tenant"] != e.Token || p["hooked"] != e.Token || p["service"] != nil {
				t.Errorf("an event of %s has the properties %v, want its own", e.Token, p)
			}
		}
	})
}

func TestWhatCustomizeDoesWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		customize func(string, *posthog.Config)
		want      string
	}{
		"it panics":             {func(string, *posthog.Config) { panic("no such tenant") }, "no such tenant"},
		"it adds a hook of nil": {func(_ string, c *posthog.Config) { c.Hooks = []posthog.Hook{nil} }, "Hooks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, err := posthog.NewPool(posthog.PoolConfig{Config: posthog.Config{Logger: silent{}}, Customize: c.customize})
			if err != nil {
				t.Fatalf("NewPool: %v", err)
			}
			client, err := pool.Client(testKey)
			if client != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Client: %v, %v, want nil and an error with %q", client, err, c.want)
			}
			if s := pool.Stats(); s.Clients != 0 {
				t.Errorf("the pool keeps %d clients, want none", s.Clients)
			}
		})
	}
}

func TestAPoolHasNoClientWithoutAKey(t *testing.T) {
	t.Parallel()
	pool, err := posthog.NewPool(posthog.PoolConfig{Config: posthog.Config{Logger: silent{}}})
	if err != nil {
		t.Fatalf("NewPool: %v", err)
	}
	if client, err := pool.Client(" "); client != nil || !errors.Is(err, posthog.ErrSDKDisabled) {
		t.Errorf("Client of no key: %v, %v, want nil and %v", client, err, posthog.ErrSDKDisabled)
	}
}

// Modes that need no goroutine need none in a pool either.
func TestModesOfAPool(t *testing.T) {
	for name, c := range map[string]struct {
		config  posthog.Config
		arrives int
	}{
		"Disabled": {posthog.Config{Disabled: true}, 0},
		"DryRun":   {posthog.Config{DryRun: true}, 0},
		"SyncMode": {posthog.Config{SyncMode: true}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, server := openPool(t, posthog.PoolConfig{Config: c.config})
				for i := range 10 {
					enqueue(t, clientOf(t, pool, i), capture("e"))
				}
				if got := goroutines(ours); got != 0 {
					t.Errorf("%d goroutines, want none", got)
				}
				if s := requirePoolLedger(t, pool); s.Accepted != 10 || s.Pending != 0 {
					t.Errorf("accepted %d events, of which %d are pending, want 10 and none", s.Accepted, s.Pending)
				}
				if got := len(server.Events()); got != c.arrives {
					t.Errorf("%d events arrived, want %d", got, c.arrives)
				}
			})
		})
	}
}
