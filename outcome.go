package posthog

// Outcome is how an accepted event ended. Every accepted event has exactly one
// outcome, and [Stats] counts them.
type Outcome string

// The outcomes. All but the first four, and the last, are reasons why
// the client dropped the event.
const (
	// OutcomeDelivered: PostHog confirmed the event.
	OutcomeDelivered Outcome = "delivered"
	// OutcomeUnconfirmed: the event was sent, but no answer told what became
	// of it, and the client gave up asking.
	OutcomeUnconfirmed Outcome = "unconfirmed"
	// OutcomeRejected: PostHog refused the event for good.
	OutcomeRejected Outcome = "rejected"
	// OutcomeBillingLimit: PostHog refused the event because of the project's
	// billing limit; see [ErrBillingLimit].
	OutcomeBillingLimit Outcome = "billing_limit"
	// OutcomeQueueFull: evicted as the oldest of a full queue, with
	// [OverflowDropOldest], or found in a spool that holds more than
	// [SpoolConfig.MaxBytes].
	OutcomeQueueFull Outcome = "queue_full"
	// OutcomeHookDropped: a hook returned nil.
	OutcomeHookDropped Outcome = "hook_dropped"
	// OutcomeHookFailed: a hook panicked or returned something unusable.
	OutcomeHookFailed Outcome = "hook_failed"
	// OutcomeRetriesExhausted: the retries, or the time for them, ran out.
	OutcomeRetriesExhausted Outcome = "retries_exhausted"
	// OutcomeExpired: older than [SpoolConfig.MaxAge].
	OutcomeExpired Outcome = "expired"
	// OutcomeUnreadable: the file of the spool that the event was in is damaged
	// or gone.
	OutcomeUnreadable Outcome = "unreadable"
	// OutcomeShutdown: undelivered when the deadline of Close passed.
	OutcomeShutdown Outcome = "shutdown"
	// OutcomeOptedOut: the client was opted out.
	OutcomeOptedOut Outcome = "opted_out"
	// OutcomeDisabled: [Config.Disabled] is set.
	OutcomeDisabled Outcome = "disabled"
	// OutcomeDryRun: [Config.DryRun] is set.
	OutcomeDryRun Outcome = "dry_run"
	// OutcomeDuplicate: an exception whose error another place captured a moment
	// before; see [ServerClient.CaptureException].
	OutcomeDuplicate Outcome = "duplicate"
	// OutcomeRateLimited: an exception beyond [ErrorTrackingConfig.RateLimit].
	OutcomeRateLimited Outcome = "rate_limited"

	// OutcomeSpooled is not the end of an event: Close left it in the spool, for
	// the next start. [Stats] counts it as pending, and callbacks are not told. It
	// is what [Delivery.Wait] says of such an event.
	OutcomeSpooled Outcome = "spooled"
)
