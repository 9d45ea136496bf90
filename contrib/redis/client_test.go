package redisflags_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hedgerow/posthog"
	redisflags "github.com/hedgerow/posthog/contrib/redis"
	"github.com/hedgerow/posthog/posthogtest"
)

// A client gives up the lead by a method that its interface of providers does not name.
var _ interface {
	YieldFlagDefinitions(ctx context.Context) error
} = (*redisflags.DefinitionCache)(nil)

// client returns a new client of server, to be closed by the caller.
func client(t *testing.T, server *posthogtest.Server, config posthog.Config) *posthog.ServerClient {
	t.Helper()
	config.Endpoint, config.Transport, config.Logger = server.URL(), server.Transport(), quiet{}
	config.FeatureFlagRequestMaxRetries = posthog.Ptr(0)
	c, err := posthog.NewWithConfig(testKey, config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// watched is a cache that tells of what was stored.
type watched struct {
	*redisflags.FallbackCache
	stored chan error
}

func (w watched) Set(ctx context.Context, key string, entry []byte, ttl time.Duration) error {
	err := w.FallbackCache.Set(ctx, key, entry, ttl)
	w.stored <- err
	return err
}

// What one process learned is what another knows when PostHog is down.
func TestLastKnownValuesOutliveTheirProcess(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	server := posthogtest.NewServer(t, nil)
	server.SetFlag(fleetFlag, "blue")
	question := posthog.FeatureFlagPayload{Key: fleetFlag, DistinctId: "u_42"}
	begin := func() (*posthog.ServerClient, watched) {
		cache, err := redisflags.FallbackFromURL("unix://" + s.socket)
		if err != nil {
			t.Fatal(err)
		}
		w := watched{cache, make(chan error, 10)}
		c := client(t, server, posthog.Config{FlagFallbackCache: w})
		t.Cleanup(func() {
			if err := errors.Join(c.Close(), cache.Close()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		return c, w
	}

	first, cache := begin()
	if got := first.FlagVariant(t.Context(), question, "none"); got != "blue" {
		t.Fatalf("the flag is %q, want blue", got)
	}
	if err := <-cache.stored; err != nil {
		t.Fatal(err)
	}
	keys, err := s.client(t).Keys(t.Context(), "posthog:fallback:*").Result()
	if err != nil || len(keys) == 0 || strings.Contains(strings.Join(keys, " "), "u_42") {
		t.Errorf("keys %q, %v, want some that do not tell the person", keys, err)
	}

	server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 503, Times: -1})
	second, _ := begin()
	got, err := second.FlagResult(t.Context(), question)
	if err != nil || got.Variant == nil || *got.Variant != "blue" || got.Origin != posthog.FlagFromFallback {
		t.Errorf("the flag is %+v, %v, want the last known value", got, err)
	}

	s.stop()
	third, _ := begin()
	if got := third.FlagVariant(t.Context(), question, "none"); got != "none" {
		t.Errorf("the flag is %q without PostHog and Redis, want the default", got)
	}
}

// Proves FD-14: the end of a client ends its lead.
func TestAClientThatClosesGivesUpTheLead(t *testing.T) {
	t.Parallel()
	rdb := startRedis(t).client(t)
	server := posthogtest.NewServer(t, nil)
	server.SetFlag(fleetFlag, "blue")
	c := client(t, server, posthog.Config{SecretKey: "phs_test", FlagDefinitionCacheProvider: definitions(rdb)})
	if err := c.ReloadFeatureFlagsWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := rdb.PTTL(t.Context(), only(t, rdb, ":lock")).Val(); left > 45*time.Second || left < 40*time.Second {
		t.Errorf("the lock expires in %v, want 45 s", left)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if keys := rdb.Keys(t.Context(), "*:lock").Val(); len(keys) > 0 {
		t.Errorf("%q is left", keys)
	}
	sees(t, definitions(rdb), server.Flags().Definitions().JSON())
}

// A process that has no secret key evaluates with what others load.
func TestAClientWithoutASecretKeyReads(t *testing.T) {
	t.Parallel()
	rdb := startRedis(t).client(t)
	server := posthogtest.NewServer(t, nil)
	server.SetFlag(fleetFlag, "blue")
	stores(t, definitions(rdb), server.Flags().Definitions().JSON())
	if err := rdb.Del(t.Context(), only(t, rdb, ":lock")).Err(); err != nil {
		t.Fatal(err)
	}
	c := client(t, server, posthog.Config{FlagDefinitionCacheProvider: definitions(rdb), StrictLocalEvaluation: true})
	defer c.Close()
	if err := c.WaitForFlagDefinitions(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.FlagVariant(t.Context(), posthog.FeatureFlagPayload{Key: fleetFlag, DistinctId: "u_42"}, "none"); got != "blue" {
		t.Errorf("the flag is %q, want blue", got)
	}
	if n := len(server.DefinitionRequests()); n != 0 {
		t.Errorf("it made %d requests, want none", n)
	}
	if locks, err := rdb.Keys(t.Context(), "*:lock").Result(); err != nil || len(locks) != 0 {
		t.Errorf("it took the lead: %q, %v", locks, err)
	}
}

// The documentation says what is needed.
func TestAUserWithFewRightsWillDo(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	command := "ACL SETUSER flags on >hunter2 ~posthog:* +eval +evalsha +get +set +del +pexpire +hget +hset"
	var words []any
	for word := range strings.FieldsSeq(command) {
		words = append(words, word)
	}
	if err := s.client(t).Do(t.Context(), words...).Err(); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket, Username: "flags", Password: "hunter2"})
	defer rdb.Close()
	c := definitions(rdb)
	stores(t, c, []byte(document))
	sees(t, definitions(rdb), []byte(document))
	cache := redisflags.NewFallbackCache(rdb, redisflags.FallbackCacheOptions{})
	_, _, err := cache.Get(t.Context(), "k")
	if err := errors.Join(err, cache.Set(t.Context(), "k", nil, time.Hour), c.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
}
