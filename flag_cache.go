package posthog

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// FlagResultCache keeps the last known values of feature flags for the time
// when PostHog does not answer; see [Config.FlagFallbackCache]. A healthy answer
// never comes from it. Keys are hashes of everything that a value depends on, in
// printable ASCII, so that nothing can be read from them; entries are text. Its
// methods must be safe for concurrent use and obey their contexts. An error or a
// panic counts as no entry.
type FlagResultCache interface {
	// Get returns the entry of a key, false if there is none. It is called on a
	// goroutine of the client's, after the request for a flag has failed. Who asked
	// waits for it as long as ctx lasts: a quarter of a second, or less.
	Get(ctx context.Context, key string) (entry []byte, found bool, err error)
	// Set makes entry the entry of key, which may be forgotten after ttl. The
	// entry is the cache's to keep. It is called on a goroutine of the client's.
	Set(ctx context.Context, key string, entry []byte, ttl time.Duration) error
}

// fallbackCache is what a Config.FlagFallbackCacheURL asks for.
type fallbackCache struct {
	inMemory bool
	ttl      time.Duration // 0 means the default
	size     int           // entries, 0 means the default
}

// parseFallbackURL reads a Config.FlagFallbackCacheURL. An empty one asks for
// nothing.
func parseFallbackURL(text string) (fallbackCache, error) {
	var f fallbackCache
	if text == "" {
		return f, nil
	}
	invalid := func(reason string) (fallbackCache, error) {
		return fallbackCache{}, ConfigError{Field: "FlagFallbackCacheURL", Value: withoutCredentials(text), Reason: reason}
	}
	u, err := url.Parse(text)
	if err != nil {
		return invalid("is no URL such as memory://local/?ttl=300&size=10000")
	}
	switch u.Scheme {
	case "memory":
	case "redis", "rediss":
		return invalid("names a Redis, which needs a FlagFallbackCache; github.com/hedgerow/posthog/contrib/redis has one")
	default:
		return invalid("must begin with memory://")
	}
	f.inMemory = true
	for name, values := range u.Query() {
		n, err := strconv.Atoi(values[0])
		if err != nil || n <= 0 || n > maxFallbackNumber {
			return invalid("has a " + name + " that is no positive number")
		}
		switch name {
		case "ttl":
			f.ttl = time.Duration(n) * time.Second
		case "size":
			f.size = n
		default:
			return invalid("has a parameter " + name + ", and knows ttl and size")
		}
	}
	return f, nil
}

// maxFallbackNumber bounds the numbers in such a URL, so that the seconds fit
// into a time.Duration: thirty years.
const maxFallbackNumber = 1e9

// remember completes config with the fallback cache, if there is to be one.
func (c *ServerClient) remember(config *evaluation.Config) {
	if c.config.FlagFallbackCache != nil {
		config.Fallback = c.config.FlagFallbackCache
		return
	}
	if f, _ := parseFallbackURL(c.config.FlagFallbackCacheURL); f.inMemory {
		config.Fallback, config.FallbackTTL = evaluation.NewMemoryFallback(f.size), f.ttl
	}
}
