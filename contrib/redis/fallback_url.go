package redisflags

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// maxSeconds bounds the ttl of a URL, so that it fits into a time.Duration: thirty years.
const maxSeconds = 1e9

// The errors of FallbackFromURL quote nothing: whatever part of a URL is wrong, its password may be in there.
var (
	errNoURL    = errors.New("it is no URL such as redis://user:password@localhost:6379/0?ttl=3600")
	errScheme   = errors.New("it must begin with redis://, rediss:// or unix://")
	errTTL      = errors.New("its ttl must be a positive number of seconds")
	errSettings = errors.New("the number of its database, a parameter or the value of one is not what go-redis takes")
)

// FallbackFromURL returns a cache with a Redis client of its own, which [FallbackCache.Close] closes. It makes no call, so
// that a Redis that is down hinders no start. The URL has the form
//
//	redis://user:password@host:6379/0?ttl=3600
//
// where everything but the scheme can be left out: the host is localhost then, the database 0 and the ttl, in seconds,
// that of [FallbackCacheOptions]. With rediss:// the connection is encrypted; unix:///path?db=0 names a socket. Other
// parameters are those of redis.ParseURL. Errors quote no part of the URL.
func FallbackFromURL(text string) (*FallbackCache, error) {
	options, ttl, err := parseFallbackURL(text)
	if err != nil {
		return nil, fmt.Errorf("redisflags: the URL of a fallback cache cannot be used: %w", err)
	}
	options.ContextTimeoutEnabled = true
	options.DialerRetries = 1 // the client asks again when it is time to
	// Whether the server announces its maintenance is of no use here, and NewClient would look up its name for that.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(options)
	cache := NewFallbackCache(client, FallbackCacheOptions{TTL: ttl})
	cache.close = sync.OnceValue(func() error {
		err := client.Close()
		cache.calls.join()
		return err
	})
	return cache, nil
}

// Close closes the Redis client of [FallbackFromURL] and waits for the calls that are running; it is for the time after
// the posthog client was closed. Calling it again returns the same. The client of [NewFallbackCache] is left to its owner.
func (c *FallbackCache) Close() error {
	if c.close == nil {
		return nil
	}
	if err := c.close(); err != nil {
		return fmt.Errorf("close the Redis client of the fallback cache: %w", err)
	}
	return nil
}

// parseFallbackURL reads the ttl and leaves the rest to go-redis.
func parseFallbackURL(text string) (*redis.Options, time.Duration, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, 0, errNoURL
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
	default:
		return nil, 0, errScheme
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Opaque != "" {
		return nil, 0, errNoURL
	}
	var ttl time.Duration
	if query.Has("ttl") {
		seconds, err := strconv.Atoi(query.Get("ttl"))
		if err != nil || seconds <= 0 || seconds > maxSeconds {
			return nil, 0, errTTL
		}
		ttl = time.Duration(seconds) * time.Second
		query.Del("ttl")
	}
	u.RawQuery = query.Encode()
	options, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, 0, errSettings
	}
	return options, ttl, nil
}
