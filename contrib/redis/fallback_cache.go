package redisflags

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hedgerow/posthog"
)

// DefaultFallbackPrefix is the default of FallbackCacheOptions.Prefix.
const DefaultFallbackPrefix = "posthog:fallback:"

// maxFallbackCalls is how many calls of one FallbackCache run at once. More wait, as long as their contexts let them.
const maxFallbackCalls = 64

// FallbackCacheOptions adjusts a [FallbackCache].
type FallbackCacheOptions struct {
	// Prefix is what the keys begin with. Default [DefaultFallbackPrefix].
	Prefix string
	// TTL is the longest time for which an entry is kept. The client uses none that is older than an hour, and stores
	// what has not changed again after five minutes, so less than that leaves gaps. Default 0: as long as the client
	// asks.
	TTL time.Duration
}

// FallbackCache keeps the last known values of feature flags. It is a [posthog.FlagResultCache]: the client reads it only
// after a request has failed, and writes it on a goroutine of its own. Its methods are safe for concurrent use.
type FallbackCache struct {
	client redis.UniversalClient
	prefix string
	ttl    time.Duration
	calls  calls
	close  func() error // nil if the client is somebody else's
}

var _ posthog.FlagResultCache = (*FallbackCache)(nil)

// NewFallbackCache returns a cache that uses client, which stays the caller's. It makes no call.
func NewFallbackCache(client redis.UniversalClient, o FallbackCacheOptions) *FallbackCache {
	if o.Prefix == "" {
		o.Prefix = DefaultFallbackPrefix
	}
	return &FallbackCache{client: client, prefix: o.Prefix, ttl: max(o.TTL, 0), calls: newCalls(maxFallbackCalls)}
}

// Get returns the entry of a key, false if there is none. It returns when ctx ends.
func (c *FallbackCache) Get(ctx context.Context, key string) (entry []byte, found bool, err error) {
	entry, err = call(ctx, c.calls, func(ctx context.Context) ([]byte, error) {
		return c.client.Get(ctx, c.prefix+key).Bytes()
	})
	switch {
	case errors.Is(err, redis.Nil):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read %s: %w", c.prefix+key, err)
	}
	return entry, true, nil
}

// Set makes entry the entry of key for ttl, or for the TTL of the cache if that is shorter. It returns when ctx ends.
func (c *FallbackCache) Set(ctx context.Context, key string, entry []byte, ttl time.Duration) error {
	if c.ttl > 0 {
		ttl = min(ttl, c.ttl)
	}
	ttl = max(ttl, time.Millisecond) // Redis knows nothing shorter, and zero would be for ever
	_, err := call(ctx, c.calls, func(ctx context.Context) (string, error) {
		return c.client.Set(ctx, c.prefix+key, entry, ttl).Result()
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", c.prefix+key, err)
	}
	return nil
}
