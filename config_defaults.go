package posthog

import "time"

// Defaults of [Config].
const (
	// DefaultEndpoint is PostHog's ingestion host in the United States.
	DefaultEndpoint = "https://us.i.posthog.com"
	// DefaultInterval is how long an event waits for company.
	DefaultInterval = 5 * time.Second
	// DefaultFlushAt is the number of queued events that are sent at once.
	DefaultFlushAt = 100
	// DefaultBatchSize bounds the events of one request.
	DefaultBatchSize = 1000
	// DefaultMaxQueueSize bounds the queued events.
	DefaultMaxQueueSize = 10000
	// DefaultMaxQueueBytes bounds the memory of all accepted events, those of
	// [LaneAI] apart.
	DefaultMaxQueueBytes = 64 << 20
	// DefaultMaxEventBytes bounds one encoded event, at what PostHog takes.
	DefaultMaxEventBytes = 1_000_000
	// DefaultCaptureAIMaxQueueSize bounds the queued events of [LaneAI].
	DefaultCaptureAIMaxQueueSize = 1000
	// DefaultCaptureAIMaxQueueBytes bounds the memory of its accepted events.
	DefaultCaptureAIMaxQueueBytes = 64 << 20
	// DefaultCaptureAIMaxEventBytes bounds one of them, at what PostHog takes.
	DefaultCaptureAIMaxEventBytes = 8 << 20
	// DefaultWorkers bounds the concurrent requests.
	DefaultWorkers = 4
	// DefaultMaxEnqueuedRequests bounds the requests that are in flight or wait
	// for a retry, with the default number of workers.
	DefaultMaxEnqueuedRequests = 4 * DefaultWorkers
	// DefaultBatchSubmitTimeout is how long Enqueue waits for room, with
	// [OverflowWait].
	DefaultBatchSubmitTimeout = 100 * time.Millisecond
	// DefaultBatchUploadTimeout bounds one attempt to send a batch.
	DefaultBatchUploadTimeout = 10 * time.Second
	// DefaultShutdownTimeout bounds Close.
	DefaultShutdownTimeout = 30 * time.Second
	// DefaultFlushTimeout bounds Flush, Send and, with [Config.SyncMode],
	// Enqueue, where their context has no deadline.
	DefaultFlushTimeout = 30 * time.Second
	// DefaultRetryBudget is how long a batch is attempted while PostHog
	// answers others, where [Config.MaxRetries] is nil.
	DefaultRetryBudget = 10 * time.Minute
)
