package posthog

import (
	"fmt"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Defaults of the fields of [Config] that tune feature flags.
const (
	// DefaultFeatureFlagsPollingInterval is the time between two loads of the
	// definitions, give or take a tenth.
	DefaultFeatureFlagsPollingInterval = flagsync.DefaultInterval
	// DefaultFeatureFlagRequestTimeout bounds one attempt of a request for flags.
	DefaultFeatureFlagRequestTimeout = remote.DefaultTimeout
	// DefaultFeatureFlagRequestMaxRetries is how often such a request is
	// repeated.
	DefaultFeatureFlagRequestMaxRetries = remote.DefaultRetries
	// DefaultFeatureFlagCacheSize is for how many identities answers are
	// remembered, with [Config.FeatureFlagCacheTTL].
	DefaultFeatureFlagCacheSize = 1000
)

// FlagSource is where feature flag definitions come from, if not from PostHog.
// Make one with [FlagFile] or [FlagBytes].
type FlagSource struct {
	path     string
	document []byte
}

// FlagFile is a definitions document on the disk, in the form in which PostHog
// serves it, up to 64 MiB. NewWithConfig reads it, which a disk that hangs holds
// up for a second at most, and it is read again when it changes. A file that is
// missing, or cannot be read, is a warning in the log: what was read before stays
// in force, and the next change counts. PostHog is not asked for definitions, but
// for flags that the file leaves open, unless [Config.StrictLocalEvaluation]
// forbids it. With [Config.DryRun], which sends no events either, a program needs
// no network at all.
func FlagFile(path string) FlagSource { return FlagSource{path: path} }

// FlagBytes is a definitions document in memory, such as one that was embedded
// in the program. With a secret key or a cache provider it is what the client
// begins with, until something newer is loaded. One that is no definitions
// document is a [ConfigError]. The document is not kept.
func FlagBytes(document []byte) FlagSource { return FlagSource{document: document} }

// isZero reports whether there is no source.
func (s FlagSource) isZero() bool { return s.path == "" && s.document == nil }

// secret returns SecretKey or its older name.
func (c *Config) secret() string {
	if key := strings.TrimSpace(c.SecretKey); key != "" {
		return key
	}
	return strings.TrimSpace(c.PersonalApiKey)
}

// evaluatesLocally reports whether flags are evaluated without a request,
// where that is possible.
func (c *Config) evaluatesLocally() bool {
	if c.EnableLocalEvaluation != nil && !*c.EnableLocalEvaluation {
		return false
	}
	return c.secret() != "" || c.FlagDefinitionCacheProvider != nil || !c.FlagSource.isZero()
}

// validateFlags reports the first field about flags that cannot be used.
func (c *Config) validateFlags() error {
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"DefaultFeatureFlagsPollingInterval", c.DefaultFeatureFlagsPollingInterval},
		{"FeatureFlagRequestTimeout", c.FeatureFlagRequestTimeout},
		{"FeatureFlagCacheTTL", c.FeatureFlagCacheTTL},
		{"FlagPauseAfterIdle", c.FlagPauseAfterIdle},
	} {
		if f.value < 0 {
			return ConfigError{Field: f.name, Value: f.value, Reason: "must not be negative; 0 means the default"}
		}
	}
	if c.FeatureFlagCacheSize < 0 {
		return ConfigError{Field: "FeatureFlagCacheSize", Value: c.FeatureFlagCacheSize, Reason: "must not be negative; 0 means the default"}
	}
	if n := c.FeatureFlagRequestMaxRetries; n != nil && (*n < 0 || *n > remote.MaxRetries) {
		return ConfigError{Field: "FeatureFlagRequestMaxRetries", Value: *n, Reason: fmt.Sprintf("must be from 0 to %d; nil means the default", remote.MaxRetries)}
	}
	if c.StrictLocalEvaluation && !c.evaluatesLocally() {
		return ConfigError{Field: "StrictLocalEvaluation", Value: true, Reason: "needs definitions to evaluate: a SecretKey, a FlagDefinitionCacheProvider or a FlagSource, and EnableLocalEvaluation not false"}
	}
	if c.FlagAssumeNotEnrolled && !c.StrictLocalEvaluation {
		return ConfigError{Field: "FlagAssumeNotEnrolled", Value: true, Reason: "needs StrictLocalEvaluation: PostHog knows who is enrolled, so a client that may ask does not assume"}
	}
	if c.FlagFallbackCache != nil && c.FlagFallbackCacheURL != "" {
		return ConfigError{Field: "FlagFallbackCacheURL", Value: withoutCredentials(c.FlagFallbackCacheURL), Reason: "must be empty beside a FlagFallbackCache"}
	}
	_, err := parseFallbackURL(c.FlagFallbackCacheURL)
	return err
}

// flagsWithDefaults fills in the defaults of the fields about flags.
func (c *Config) flagsWithDefaults() {
	if c.FlagSource.path == "" { // a file has a shorter interval of its own
		fallback(&c.DefaultFeatureFlagsPollingInterval, DefaultFeatureFlagsPollingInterval)
	}
	fallback(&c.FeatureFlagRequestTimeout, DefaultFeatureFlagRequestTimeout)
	fallback(&c.FeatureFlagCacheSize, DefaultFeatureFlagCacheSize)
	if c.FeatureFlagRequestMaxRetries == nil {
		c.FeatureFlagRequestMaxRetries = Ptr(DefaultFeatureFlagRequestMaxRetries)
	}
}
