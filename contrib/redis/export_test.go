package redisflags

import "github.com/redis/go-redis/v9"

// What fuzz targets reach into.
var (
	Pack             = pack
	Unpack           = unpack
	ParseFallbackURL = parseFallbackURL
)

// Client returns what the cache talks to Redis with.
func (c *FallbackCache) Client() redis.UniversalClient { return c.client }
