package posthog

import (
	"log/slog"
	"slices"
	"time"
)

// maxRetries is the largest value of [Config.MaxRetries].
const maxRetries = 100

// Validate reports the first field that cannot be used, as a [ConfigError].
func (c *Config) Validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"FlushAt", c.FlushAt},
		{"BatchSize", c.BatchSize},
		{"Workers", c.Workers},
		{"MaxEnqueuedRequests", c.MaxEnqueuedRequests},
		{"MaxQueueSize", c.MaxQueueSize},
		{"MaxQueueBytes", c.MaxQueueBytes},
		{"MaxEventBytes", c.MaxEventBytes},
	} {
		if f.value < 0 {
			return ConfigError{Field: f.name, Value: f.value, Reason: "must not be negative; 0 means the default"}
		}
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"Interval", c.Interval},
		{"BatchUploadTimeout", c.BatchUploadTimeout},
	} {
		if f.value < 0 {
			return ConfigError{Field: f.name, Value: f.value, Reason: "must not be negative; 0 means the default"}
		}
	}
	if c.MaxRetries != nil && (*c.MaxRetries < 0 || *c.MaxRetries > maxRetries) {
		return ConfigError{Field: "MaxRetries", Value: *c.MaxRetries, Reason: "must be from 0 to 100; nil means by time"}
	}
	if c.BatchSize > 0 && c.FlushAt > c.BatchSize {
		return ConfigError{Field: "FlushAt", Value: c.FlushAt, Reason: "must not be larger than BatchSize, which no request exceeds"}
	}
	if c.Overflow > OverflowWait {
		return ConfigError{Field: "Overflow", Value: c.Overflow, Reason: "is none of OverflowReject, OverflowDropOldest and OverflowWait"}
	}
	if c.Compression > CompressionGzip {
		return ConfigError{Field: "Compression", Value: c.Compression, Reason: "is none of CompressionDefault, CompressionNone and CompressionGzip"}
	}
	if i := slices.IndexFunc(c.Hooks, func(h Hook) bool { return h == nil }); i >= 0 {
		return ConfigError{Field: "Hooks", Value: i, Reason: "holds a nil hook at this index"}
	}
	if _, _, err := endpoint(c.Endpoint); err != nil {
		return err
	}
	return nil
}

// withDefaults returns a valid Config with no zero value left that stands for
// a default.
func (c Config) withDefaults() Config {
	fallback(&c.BatchSize, max(DefaultBatchSize, c.FlushAt))
	fallback(&c.FlushAt, min(DefaultFlushAt, c.BatchSize))
	fallback(&c.Interval, DefaultInterval)
	fallback(&c.Workers, DefaultWorkers)
	if c.Workers == 1 {
		fallback(&c.MaxEnqueuedRequests, 1)
	}
	fallback(&c.MaxEnqueuedRequests, 4*c.Workers)
	fallback(&c.MaxQueueSize, DefaultMaxQueueSize)
	fallback(&c.MaxQueueBytes, DefaultMaxQueueBytes)
	fallback(&c.MaxEventBytes, DefaultMaxEventBytes)
	fallback(&c.BatchUploadTimeout, DefaultBatchUploadTimeout)
	fallback(&c.ShutdownTimeout, DefaultShutdownTimeout)
	fallback(&c.FlushTimeout, DefaultFlushTimeout)
	c.Hooks = slices.Clone(c.Hooks)
	if c.Logger == nil {
		c.Logger = slogLogger{least: slog.LevelWarn}
	}
	return c
}

// fallback sets *field to value if it is zero.
func fallback[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
