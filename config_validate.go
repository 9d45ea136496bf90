package posthog

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
)

// The largest values of [Config.MaxRetries] and [Config.Workers].
const (
	maxRetries = 100
	maxWorkers = 256
)

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
	if c.Workers > maxWorkers {
		return ConfigError{Field: "Workers", Value: c.Workers, Reason: "must be at most 256"}
	}
	if most := queue.Largest(c.queueBytes()); c.MaxEventBytes > most {
		return ConfigError{Field: "MaxEventBytes", Value: c.MaxEventBytes, Reason: fmt.Sprintf("must be at most %d, to fit into MaxQueueBytes", most)}
	}
	if err := c.Spool.validate(c.MaxEventBytes); err != nil {
		return err
	}
	if c.SyncMode && c.Spool.Dir != "" {
		return ConfigError{Field: "Spool.Dir", Value: c.Spool.Dir, Reason: "must be empty with SyncMode, which queues nothing"}
	}
	if c.BatchSize > 0 && c.FlushAt > c.BatchSize {
		return ConfigError{Field: "FlushAt", Value: c.FlushAt, Reason: fmt.Sprintf("must not be larger than BatchSize, %d, which no request exceeds", c.BatchSize)}
	}
	if c.Overflow > OverflowWait {
		return ConfigError{Field: "Overflow", Value: c.Overflow, Reason: "is none of OverflowReject, OverflowDropOldest and OverflowWait"}
	}
	if c.Compression > CompressionGzip {
		return ConfigError{Field: "Compression", Value: c.Compression, Reason: "is none of CompressionDefault, CompressionNone and CompressionGzip"}
	}
	if c.CaptureMode != CaptureModeLegacy {
		return ConfigError{Field: "CaptureMode", Value: c.CaptureMode, Reason: "must be CaptureModeLegacy"}
	}
	if i := slices.IndexFunc(c.Hooks, func(h Hook) bool { return h == nil }); i >= 0 {
		return ConfigError{Field: "Hooks", Value: i, Reason: "holds a nil hook at this index"}
	}
	if _, _, err := endpoint(c.Endpoint); err != nil {
		return err
	}
	return nil
}

// queueBytes returns MaxQueueBytes or its default.
func (c *Config) queueBytes() int {
	if c.MaxQueueBytes == 0 {
		return DefaultMaxQueueBytes
	}
	return c.MaxQueueBytes
}

// withDefaults returns a valid Config with no zero value left that stands for
// a default.
func (c Config) withDefaults() Config {
	if c.MaxQueueSize > 0 { // a small queue means small batches, and not a larger queue
		fallback(&c.BatchSize, min(DefaultBatchSize, c.MaxQueueSize))
	}
	fallback(&c.BatchSize, max(DefaultBatchSize, c.FlushAt))
	c.BatchSize = max(c.BatchSize, c.FlushAt)
	fallback(&c.FlushAt, min(DefaultFlushAt, c.BatchSize))
	fallback(&c.Interval, DefaultInterval)
	fallback(&c.Workers, DefaultWorkers)
	if c.Workers == 1 {
		fallback(&c.MaxEnqueuedRequests, 1)
	}
	fallback(&c.MaxEnqueuedRequests, 4*c.Workers)
	c.Spool = c.Spool.withDefaults()
	if c.Spool.Dir != "" {
		fallback(&c.MaxQueueSize, unbounded)
	}
	fallback(&c.MaxQueueSize, DefaultMaxQueueSize)
	c.MaxQueueBytes = c.queueBytes()
	fallback(&c.MaxEventBytes, min(DefaultMaxEventBytes, queue.Largest(c.MaxQueueBytes)))
	fallback(&c.BatchUploadTimeout, DefaultBatchUploadTimeout)
	fallback(&c.ShutdownTimeout, DefaultShutdownTimeout)
	fallback(&c.FlushTimeout, DefaultFlushTimeout)
	fallback(&c.BatchSubmitTimeout, DefaultBatchSubmitTimeout)
	c.Hooks = slices.Clone(c.Hooks)
	if c.Logger == nil {
		c.Logger = slogLogger{least: slog.LevelWarn}
		if c.Verbose {
			c.Logger = slogLogger{least: slog.LevelDebug}
		}
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
