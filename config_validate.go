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
		{"CaptureAIMaxQueueSize", c.CaptureAIMaxQueueSize},
		{"CaptureAIMaxQueueBytes", c.CaptureAIMaxQueueBytes},
		{"CaptureAIMaxEventBytes", c.CaptureAIMaxEventBytes},
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
	if most := queue.Largest(c.aiQueueBytes()); c.CaptureAIMaxEventBytes > most {
		return ConfigError{Field: "CaptureAIMaxEventBytes", Value: c.CaptureAIMaxEventBytes, Reason: fmt.Sprintf("must be at most %d, to fit into CaptureAIMaxQueueBytes", most)}
	}
	if err := c.Spool.validate(max(c.MaxEventBytes, c.CaptureAIMaxEventBytes)); err != nil {
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
	for _, f := range []struct {
		name  string
		value CompressionMode
	}{
		{"Compression", c.Compression},
		{"CaptureAICompression", c.CaptureAICompression},
	} {
		if f.value > CompressionBrotli {
			return ConfigError{Field: f.name, Value: uint8(f.value), Reason: "is none of the compression modes"}
		}
		if f.value == CompressionBrotli && c.NewCodec == nil {
			return ConfigError{Field: f.name, Value: f.value, Reason: "needs NewCodec; github.com/hedgerow/posthog/contrib/brotli has one"}
		}
	}
	if c.CaptureMode > CaptureModeAuto {
		return ConfigError{Field: "CaptureMode", Value: uint8(c.CaptureMode), Reason: "is none of CaptureModeLegacy, CaptureModeAnalyticsV1 and CaptureModeAuto"}
	}
	if i := slices.IndexFunc(c.Hooks, func(h Hook) bool { return h == nil }); i >= 0 {
		return ConfigError{Field: "Hooks", Value: i, Reason: "holds a nil hook at this index"}
	}
	if _, _, err := endpoint(c.Endpoint); err != nil {
		return err
	}
	if err := c.ErrorTracking.validate(); err != nil {
		return err
	}
	return c.validateFlags()
}

// queueBytes returns MaxQueueBytes or its default.
func (c *Config) queueBytes() int {
	if c.MaxQueueBytes == 0 {
		return DefaultMaxQueueBytes
	}
	return c.MaxQueueBytes
}

// aiQueueBytes returns CaptureAIMaxQueueBytes or its default.
func (c *Config) aiQueueBytes() int {
	if c.CaptureAIMaxQueueBytes == 0 {
		return DefaultCaptureAIMaxQueueBytes
	}
	return c.CaptureAIMaxQueueBytes
}

// aiEventBytes returns the default of CaptureAIMaxEventBytes.
func (c *Config) aiEventBytes() int {
	most := min(DefaultCaptureAIMaxEventBytes, queue.Largest(c.aiQueueBytes()))
	if c.Spool.Dir != "" {
		most = int(min(int64(most), c.Spool.MaxBytes/4))
	}
	return most
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
	c.Crash = c.Crash.withDefaults()
	if c.Spool.Dir != "" {
		fallback(&c.MaxQueueSize, unbounded)
		fallback(&c.CaptureAIMaxQueueSize, unbounded)
	}
	fallback(&c.CaptureAIMaxQueueSize, DefaultCaptureAIMaxQueueSize)
	fallback(&c.CaptureAIMaxEventBytes, c.aiEventBytes())
	c.CaptureAIMaxQueueBytes = c.aiQueueBytes()
	fallback(&c.MaxQueueSize, DefaultMaxQueueSize)
	c.MaxQueueBytes = c.queueBytes()
	fallback(&c.MaxEventBytes, min(DefaultMaxEventBytes, queue.Largest(c.MaxQueueBytes)))
	fallback(&c.BatchUploadTimeout, DefaultBatchUploadTimeout)
	fallback(&c.ShutdownTimeout, DefaultShutdownTimeout)
	fallback(&c.FlushTimeout, DefaultFlushTimeout)
	fallback(&c.BatchSubmitTimeout, DefaultBatchSubmitTimeout)
	c.flagsWithDefaults()
	c.EvaluationContexts = slices.Clone(c.EvaluationContexts)
	c.Hooks = slices.Clone(c.Hooks)
	c.ErrorTracking.InAppInclude = slices.Clone(c.ErrorTracking.InAppInclude)
	c.ErrorTracking.InAppExclude = slices.Clone(c.ErrorTracking.InAppExclude)
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
