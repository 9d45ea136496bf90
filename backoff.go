package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
)

// DefaultMaxAttempts is how often posthog-go sends a batch unless told
// otherwise, the first time included. It exists for programs that refer to it,
// as in MaxRetries: posthog.Ptr(posthog.DefaultMaxAttempts - 1). Without
// [Config.MaxRetries] this library counts no attempts; see
// [DefaultRetryBudget].
const DefaultMaxAttempts = 4

// Backoff says how long to wait before a retry. The zero value is ready to
// use, and safe for concurrent use.
type Backoff struct{ _ struct{} }

// DefaultBackoff returns what this library waits without [Config.RetryAfter],
// for functions that change only some of it.
func DefaultBackoff() *Backoff { return new(Backoff) }

// Duration returns the wait before retry number attempt, counted from 0: half
// a second, doubling to thirty, half of it random. A negative attempt counts
// as 0.
func (*Backoff) Duration(attempt int) time.Duration { return delivery.Backoff(attempt) }
