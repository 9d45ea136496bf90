// Package redisflags lets the processes of a fleet share feature flags through Redis, or Valkey.
//
// # One poller for all
//
// A [DefinitionCache] shares the definitions from which clients evaluate flags by themselves. PostHog bills every
// load of them; with the cache one process loads, and the others read what it got:
//
//	client, err := posthog.NewWithConfig("phc_…", posthog.Config{
//		SecretKey:                   "phs_…",
//		FlagDefinitionCacheProvider: redisflags.NewDefinitionCache(rdb, "phc_…", redisflags.DefinitionCacheOptions{}),
//	})
//
// The process that holds a lock in Redis has the lead. Each of its loads renews the lock, which otherwise expires
// after one and a half intervals; whoever looks next has the lead then. A client that closes, pauses or cannot load
// gives the lead up at once. Nobody removes a lock that is not its own, and nobody stores a document without it.
//
// # Last known values
//
// A [FallbackCache] keeps the last known values of flags for the time when PostHog does not answer. They outlive the
// process, and what one process learned helps the others:
//
//	cache, err := redisflags.FallbackFromURL("redis://user:password@redis.example.com:6379/0?ttl=3600")
//	…
//	client, err := posthog.NewWithConfig("phc_…", posthog.Config{FlagFallbackCache: cache})
//
// # Keys
//
//	posthog:definitions:{HASH}:lock      string  the token of the leader, random; expires after LockTTL
//	posthog:definitions:{HASH}:document  hash    document and sum, its SHA-256; expires after Expiry
//	posthog:fallback:KEY                 string  values of one question; expires after TTL
//
// HASH is made from the project's key, which itself is never sent; its braces keep the two keys on one node of a
// cluster. KEY is a hash of everything that the values depend on. A document is JSON as PostHog serves it, or that in
// gzip if it has more than 64 KiB; the first byte tells. A first byte of another form, which later versions may
// introduce, is an error and changes nothing. The prefixes can be chosen.
//
// # When Redis fails
//
//	Redis is down or slow          every process loads for itself, and keeps what it has; last known values are missing
//	Redis loses its data           the next load stores the document again
//	the leader is killed           another one leads when the lock has expired, an interval and a half later
//	the leader is cut off          it follows, or loads for itself; what it stores late is refused
//	the document is damaged        an error; every process keeps what it has. Delete the key, and the next load stores it again
//	all processes start at once    those that find neither a document nor the lead load for themselves, once
//
// The client reports errors to its logger, once for each streak. They name the key, and never hold a password.
//
// Whoever can write to these keys decides about flags. The user of a [DefinitionCache] needs the commands EVAL and
// EVALSHA, and within them GET, SET, DEL, PEXPIRE, HGET and HSET; that of a [FallbackCache] needs GET and SET.
//
// # Time
//
// Every call of Redis has a goroutine, and is given up when its context ends: what the Redis client does until its own
// timeouts is waited for by Shutdown or Close alone. There is at most one call at a time for a [DefinitionCache], and 64
// for a [FallbackCache], those included that were given up. With ContextTimeoutEnabled in its options, the Redis client
// ends them at the deadline. The package starts no other goroutine.
//
// The package never logs. Package github.com/redis/go-redis/v9 does, to standard error; its SetLogger changes that.
package redisflags
