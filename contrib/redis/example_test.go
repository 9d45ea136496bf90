package redisflags_test

import (
	"context"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hedgerow/posthog"
	redisflags "github.com/hedgerow/posthog/contrib/redis"
)

// All processes of a service load the definitions of flags as one. The Redis
// client obeys deadlines, and is closed after the posthog client, which gives
// up the lead when it closes.
func ExampleNewDefinitionCache() {
	rdb := redis.NewClient(&redis.Options{Addr: "redis.example.com:6379", ContextTimeoutEnabled: true})
	defer rdb.Close()
	interval := time.Minute
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		SecretKey:                          "phs_test",
		DefaultFeatureFlagsPollingInterval: interval,
		FlagDefinitionCacheProvider: redisflags.NewDefinitionCache(rdb, "phc_test", redisflags.DefinitionCacheOptions{
			PollInterval: interval,
		}),
	})
	if err != nil {
		log.Print(err)
		return
	}
	defer client.Close()
	if client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "u_42"}, false) {
		log.Print("u_42 sees the new navigation")
	}
}

// The last known values of flags are in the Redis that the service uses
// already, for ten minutes.
func ExampleNewFallbackCache() {
	rdb := redis.NewClient(&redis.Options{Addr: "redis.example.com:6379"})
	defer rdb.Close()
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		FlagFallbackCache: redisflags.NewFallbackCache(rdb, redisflags.FallbackCacheOptions{
			Prefix: "checkout:flags:",
			TTL:    10 * time.Minute,
		}),
	})
	if err != nil {
		log.Print(err)
		return
	}
	defer client.Close()
	log.Print(client.FlagVariant(context.Background(), posthog.FeatureFlagPayload{Key: "color", DistinctId: "u_42"}, "blue"))
}

// A URL from the configuration of the service names the Redis. The cache has a
// client of its own then, which is closed last.
func ExampleFallbackFromURL() {
	cache, err := redisflags.FallbackFromURL("rediss://user:password@redis.example.com:6379/0?ttl=3600")
	if err != nil {
		log.Print(err)
		return
	}
	defer cache.Close()
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{FlagFallbackCache: cache})
	if err != nil {
		log.Print(err)
		return
	}
	defer client.Close()
	log.Print(client.FlagVariant(context.Background(), posthog.FeatureFlagPayload{Key: "color", DistinctId: "u_42"}, "blue"))
}
