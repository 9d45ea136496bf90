package posthog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/queue"
)

// Defaults of [PoolConfig].
const (
	// DefaultMaxClients bounds the clients of a [Pool].
	DefaultMaxClients = 10000
	// DefaultIdleTimeout is how long a [Pool] keeps a client that is not used.
	DefaultIdleTimeout = 10 * time.Minute
)

// PoolConfig configures a [Pool]. The zero value of every field is the default
// that its comment names.
type PoolConfig struct {
	// Config is that of every client. In a pool, for each [Lane],
	//   - Workers is the number of requests that all clients together make at once.
	//     Each makes one at a time, so its events arrive in order, as with one
	//     worker; MaxEnqueuedRequests has no meaning.
	//   - MaxQueueBytes and CaptureAIMaxQueueBytes bound the memory of all clients
	//     together. One of them may use a quarter of it, into which an event has to
	//     fit.
	//   - MaxQueueSize and CaptureAIMaxQueueSize bound each client.
	//   - Transport serves all clients. The one that is made if it is nil has no
	//     more connections than Workers.
	//   - Callback and OnError are called one at a time for all clients.
	//   - Logger is told once of what is the same with all clients.
	//   - Spool must be empty: its files need a goroutine for each client.
	//   - Crash must be empty: a process that ends is no single client's.
	//   - SecretKey, PersonalApiKey, FlagSource, FlagDefinitionCacheProvider,
	//     FlagBackupPath, FlagFallbackCache and FlagFallbackCacheURL must be empty:
	//     they belong to one project. Clients of a pool ask PostHog for flags.
	Config Config
	// Customize may change the Config of one client before it is made: its
	// DefaultEventProperties, Hooks, BeforeSend, Callback and OnError, which is
	// how a loss tells whose it is. What it does to other fields has no effect.
	// The properties are the client's own, and may be written to. It runs on the
	// goroutine that calls [Pool.Client], possibly on several at once. Nil changes
	// nothing.
	Customize func(apiKey string, config *Config)

	// MaxClients bounds the clients that the pool keeps. When one more is asked
	// for, some are let go that have nothing to do, first of all those that were
	// not used lately; if all have something to do, the pool looks again after a
	// tenth of a second. Those that come back because somebody kept them may exceed
	// it. Default [DefaultMaxClients].
	MaxClients int
	// IdleTimeout is how long the pool keeps a client that is not used and has
	// nothing left to deliver or to tell, or a quarter longer. One that was opted
	// out, has had properties registered, or was told something about flags, is
	// kept in any case: a new one would not know.
	// Default [DefaultIdleTimeout]; negative means as long as there is room.
	IdleTimeout time.Duration
}

// poolShare is the part of a pool's memory that one client may use: one divided
// by this.
const poolShare = 4

// Sizes of the pieces of memory of a pool's queues: that of the first, which is
// what a client with a single event uses, and the usual one of those that
// follow.
const (
	poolFirstSegment = 4 << 10
	poolSegmentSize  = 32 << 10
)

// Validate reports the first field that cannot be used, as a [ConfigError].
func (c *PoolConfig) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if c.Config.Spool.Dir != "" {
		return ConfigError{Field: "Spool.Dir", Value: c.Config.Spool.Dir, Reason: "must be empty in a pool: its files need a goroutine for each client"}
	}
	if c.Config.Crash.Dir != "" {
		return ConfigError{Field: "Crash.Dir", Value: c.Config.Crash.Dir, Reason: "must be empty in a pool: a process that ends is no single client's"}
	}
	if err := c.Config.refuseProject(); err != nil {
		return err
	}
	if most := queue.Largest(c.Config.queueBytes() / poolShare); c.Config.MaxEventBytes > most {
		return ConfigError{Field: "MaxEventBytes", Value: c.Config.MaxEventBytes, Reason: fmt.Sprintf("must be at most %d in a pool, to fit into a quarter of MaxQueueBytes", most)}
	}
	if most := queue.Largest(c.Config.aiQueueBytes() / poolShare); c.Config.CaptureAIMaxEventBytes > most {
		return ConfigError{Field: "CaptureAIMaxEventBytes", Value: c.Config.CaptureAIMaxEventBytes, Reason: fmt.Sprintf("must be at most %d in a pool, to fit into a quarter of CaptureAIMaxQueueBytes", most)}
	}
	if c.MaxClients < 0 {
		return ConfigError{Field: "MaxClients", Value: c.MaxClients, Reason: "must not be negative; 0 means the default"}
	}
	return nil
}

// refuseProject reports what belongs to a single project, and so has no place
// in a pool.
func (c Config) refuseProject() error {
	const reason = "must be empty in a pool: it belongs to one project"
	switch {
	case c.SecretKey != "":
		return ConfigError{Field: "SecretKey", Value: "a key", Reason: reason}
	case c.PersonalApiKey != "":
		return ConfigError{Field: "PersonalApiKey", Value: "a key", Reason: reason}
	case !c.FlagSource.isZero():
		return ConfigError{Field: "FlagSource", Value: "a source", Reason: reason}
	case c.FlagDefinitionCacheProvider != nil:
		return ConfigError{Field: "FlagDefinitionCacheProvider", Value: "a provider", Reason: reason}
	case c.FlagBackupPath != "":
		return ConfigError{Field: "FlagBackupPath", Value: c.FlagBackupPath, Reason: reason}
	case c.FlagFallbackCache != nil:
		return ConfigError{Field: "FlagFallbackCache", Value: "a cache", Reason: reason}
	case c.FlagFallbackCacheURL != "":
		return ConfigError{Field: "FlagFallbackCacheURL", Value: "a URL", Reason: reason}
	}
	return nil
}

// withDefaults returns a valid PoolConfig with no zero value left that stands
// for a default. Its Config is that of a client, with what one may use of the
// memory.
func (c PoolConfig) withDefaults() PoolConfig {
	configured := c.Config.Endpoint
	c.Config.MaxQueueBytes = c.Config.queueBytes() / poolShare
	c.Config.CaptureAIMaxQueueBytes = c.Config.aiQueueBytes() / poolShare
	c.Config = c.Config.withDefaults()
	c.Config.DefaultEventProperties = event.Clone(c.Config.DefaultEventProperties)
	c.Config.Endpoint, _, _ = endpoint(configured)
	fallback(&c.MaxClients, DefaultMaxClients)
	fallback(&c.IdleTimeout, DefaultIdleTimeout)
	return c
}

// of returns the configuration of the client with that key. A Customize that
// panics, or returns a hook that is nil, is an error.
func (c *PoolConfig) of(apiKey string) (config Config, err error) {
	if c.Customize == nil {
		return c.Config, nil
	}
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("posthog: PoolConfig.Customize panicked: %v", value)
		}
	}()
	custom := c.Config
	custom.DefaultEventProperties = maps.Clone(c.Config.DefaultEventProperties)
	custom.Hooks = slices.Clone(c.Config.Hooks)
	c.Customize(apiKey, &custom)
	if err := (&Config{Hooks: custom.Hooks}).Validate(); err != nil {
		return Config{}, err
	}
	config = c.Config
	config.DefaultEventProperties = custom.DefaultEventProperties
	config.Hooks = slices.Clone(custom.Hooks)
	config.BeforeSend = custom.BeforeSend
	config.Callback = custom.Callback
	config.OnError = custom.OnError
	return config, nil
}
