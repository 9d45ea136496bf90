package posthog_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
)

// resultCache is a fallback cache of the application's.
type resultCache struct {
	mu      sync.Mutex
	entries map[string][]byte
}

func (c *resultCache) Get(_ context.Context, key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.entries[key]
	return entry, ok, nil
}

func (c *resultCache) Set(_ context.Context, key string, entry []byte, _ time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[string][]byte)
	}
	c.entries[key] = entry
	return nil
}

// Proves PY-28, C-24: the last known values count while the server is down, and say so.
func TestFallbackCache(t *testing.T) {
	for name, config := range map[string]posthog.Config{
		"in memory":            {FlagFallbackCacheURL: "memory://local/?ttl=300&size=100"},
		"of the application's": {FlagFallbackCache: new(resultCache)},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				if !w.client.FlagEnabled(w.Context(), about("on"), false) {
					w.Error("on is off")
				}
				synctest.Wait()
				w.down(500)
				r, err := w.client.FlagResult(w.Context(), about("on"))
				if err != nil || !r.Enabled || r.Origin != posthog.FlagFromFallback {
					w.Errorf("in the outage on is %s, %v; want on, stale", canonical(w.T, r), err)
				}
				if r, err := w.client.FlagResult(w.Context(), about("colour")); err == nil {
					w.Errorf("a flag that nobody asked for before is %s", canonical(w.T, r))
				}
				w.server.ClearFaults()
				w.server.SetFlag("on", false)
				if w.client.FlagEnabled(w.Context(), about("on"), true) {
					w.Error("a healthy answer comes from the cache")
				}
			})
		})
	}
}

// Proves PY-28: the numbers in the URL of the cache count.
func TestFallbackCacheURL(t *testing.T) {
	for name, c := range map[string]struct {
		url         string
		ask         []string // the persons of the questions, two minutes apart
		outage      time.Duration
		first, last bool // whether the first and the last of them have a value in the outage
	}{
		"room for one value": {"memory://local/?size=1", []string{"u_1", "u_2"}, 0, false, true},
		"room for two":       {"memory://local/?size=2", []string{"u_1", "u_2"}, 0, true, true},
		"stored once in an hour, and too old after that": {"memory://local/?ttl=3600", []string{"u_1", "u_1"}, 57 * time.Minute, false, false},
		"stored anew after a minute":                     {"memory://local/?ttl=60", []string{"u_1", "u_1"}, 57 * time.Minute, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, posthog.Config{FlagFallbackCacheURL: c.url}, assorted, func(w *world) {
				on := func(id string) bool {
					return w.client.FlagEnabled(w.Context(), posthog.FeatureFlagPayload{Key: "on", DistinctId: id}, false)
				}
				for _, id := range c.ask {
					if !on(id) {
						w.Errorf("on is off for %s", id)
					}
					w.pass(2 * time.Minute)
				}
				w.pass(c.outage)
				w.down(503)
				if got := on(c.ask[0]); got != c.first {
					w.Errorf("in the outage, on is %v for the first, want %v", got, c.first)
				}
				if got := on(c.ask[len(c.ask)-1]); got != c.last {
					w.Errorf("in the outage, on is %v for the last, want %v", got, c.last)
				}
			})
		})
	}
}
