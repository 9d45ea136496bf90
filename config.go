package posthog

import (
	"net/http"
	"time"
)

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

// Overflow says what happens to an event that finds the queue full.
type Overflow uint8

// The overflow policies.
const (
	// OverflowReject refuses the new event with [ErrQueueFull]. An event that
	// was accepted is never revoked.
	OverflowReject Overflow = iota
	// OverflowDropOldest evicts the oldest queued events, which end as
	// [OutcomeQueueFull].
	OverflowDropOldest
	// OverflowWait waits for room until the context of the call ends, or, for
	// Enqueue, for [Config.BatchSubmitTimeout].
	OverflowWait
)

// Config configures a client. The zero value of every field is the default
// that its comment names. The client copies what it needs: changing a Config
// or its maps later has no effect.
//
// What bounds events, requests, memory and files does so for each [Lane] by
// itself; for [LaneAI], fields that begin with CaptureAI take the place of those
// that do not.
type Config struct {
	// Endpoint is the address of PostHog or of a proxy in front of it, with or
	// without a path. Default [DefaultEndpoint]. A missing scheme means https,
	// and the addresses of PostHog's web application are replaced by those of
	// its ingestion.
	Endpoint string

	// FlushAt is the number of queued events that are sent without waiting for
	// more. Default: the smaller of [DefaultFlushAt] and BatchSize.
	FlushAt int
	// Interval is how long an event waits for others. Default [DefaultInterval].
	Interval time.Duration
	// BatchSize bounds the events of one request. Under backlog, requests grow
	// to this size, or to a megabyte. Default: the smaller of
	// [DefaultBatchSize] and MaxQueueSize.
	BatchSize int
	// Workers is the number of concurrent requests, and of goroutines that make
	// them. With 1, events arrive in the order in which they were enqueued,
	// unless a request fails for longer than [DefaultRetryBudget].
	// At most 256. Default [DefaultWorkers].
	Workers int
	// MaxEnqueuedRequests bounds the requests that are in flight or wait for a
	// retry; further events stay queued. Default: four times Workers. With one
	// worker it is always 1.
	MaxEnqueuedRequests int

	// MaxQueueSize bounds the events that wait to be put into a request.
	// Default [DefaultMaxQueueSize], and at least BatchSize if that is set; with
	// a Spool, what fits into its files.
	MaxQueueSize int
	// MaxQueueBytes bounds the memory of all events that were accepted and are
	// not final, those in requests included. With a Spool, events for which
	// there is no memory wait in its files. Default [DefaultMaxQueueBytes].
	MaxQueueBytes int
	// MaxEventBytes bounds one encoded event; a larger one is refused with
	// [ErrMessageTooBig]. Default [DefaultMaxEventBytes], or what fits into
	// MaxQueueBytes if that is less.
	MaxEventBytes int
	// Spool keeps accepted events in files until PostHog has confirmed them, so
	// that they survive the process. Default: they are in memory only. SyncMode,
	// DryRun, Disabled and [ServerClient.Send] make no use of it.
	Spool SpoolConfig
	// Overflow says what happens when the queue is full. Default
	// [OverflowReject].
	Overflow Overflow
	// BatchSubmitTimeout is how long Enqueue waits for room with
	// [OverflowWait]. Default [DefaultBatchSubmitTimeout]; negative means not at
	// all. Calls with a context wait until that ends. Other policies ignore it.
	BatchSubmitTimeout time.Duration

	// MaxRetries is the number of attempts after the first, from 0 to 100. Nil
	// means by time: a batch is attempted for [DefaultRetryBudget] while
	// PostHog answers others, and kept as long as it answers nobody.
	MaxRetries *int
	// RetryAfter returns the wait before retry n, counted from 0; less than a
	// tenth of a second counts as that. Nil means
	// half a second, doubling to thirty seconds, half of it random. What the
	// server asks for in a Retry-After header, up to five minutes, is a lower
	// bound all the same. It is called by what delivers events, so it should
	// return quickly.
	RetryAfter func(int) time.Duration
	// BatchUploadTimeout bounds one attempt, from dialling to the last byte of
	// the answer. Default [DefaultBatchUploadTimeout].
	BatchUploadTimeout time.Duration
	// ShutdownTimeout bounds Close. Default [DefaultShutdownTimeout]; negative
	// means no bound.
	ShutdownTimeout time.Duration
	// FlushTimeout bounds Flush, Send and, with SyncMode, Enqueue, where their
	// context has no deadline. Default [DefaultFlushTimeout]; negative means no
	// bound.
	FlushTimeout time.Duration

	// Compression says how requests are compressed. Default
	// [CompressionDefault], which is gzip from 1 KiB on.
	Compression CompressionMode
	// NewCodec makes the compressors of [CompressionBrotli], which cannot do
	// without; the module github.com/hedgerow/posthog/contrib/brotli has one.
	// Any other encoding that the server understands will do as well. It is
	// called for each goroutine that sends, possibly on several at once, and
	// again after a Codec failed. Nil from it, or a panic, sends a body as it is.
	// Other modes do not use it.
	NewCodec func() Codec
	// Transport makes the HTTP requests. Nil means one of the client's own,
	// with net/http's defaults, its use of proxies included, and no more
	// connections than Workers.
	Transport http.RoundTripper

	// DefaultEventProperties are added to every event. The event's own win.
	// See also [ServerClient.Register].
	DefaultEventProperties Properties
	// DisableGeoIP adds $geoip_disable to every event, so that PostHog does not
	// take the server's address for the user's. Default true.
	DisableGeoIP *bool
	// IsServer adds $is_server to every event. Set it to false in programs that
	// run on a user's machine. Default true.
	IsServer *bool
	// DisableSystemProperties leaves out $os, $os_version, $os_distro and
	// $go_version.
	DisableSystemProperties bool
	// HistoricalMigration marks events as imported, which keeps them out of
	// PostHog's spike detection.
	HistoricalMigration bool

	// CaptureMode is the protocol that events are sent with. Default
	// [CaptureModeLegacy]. It does not apply to [LaneAI].
	CaptureMode CaptureMode

	// CaptureAIMaxQueueSize is MaxQueueSize for the events of
	// [ServerClient.EnqueueAI]. Default [DefaultCaptureAIMaxQueueSize]; with a
	// Spool, what fits into its files.
	CaptureAIMaxQueueSize int
	// CaptureAIMaxQueueBytes is MaxQueueBytes for them, beside that of all
	// others. Default [DefaultCaptureAIMaxQueueBytes].
	CaptureAIMaxQueueBytes int
	// CaptureAIMaxEventBytes is MaxEventBytes for them. Default
	// [DefaultCaptureAIMaxEventBytes], or what fits into CaptureAIMaxQueueBytes
	// and a quarter of Spool.MaxBytes if that is less.
	CaptureAIMaxEventBytes int
	// CaptureAICompression is Compression for them. Their endpoint understands
	// gzip alone, so every mode but [CompressionDefault] and [CompressionNone]
	// means [CompressionGzip]. Default [CompressionDefault].
	CaptureAICompression CompressionMode

	// SecretKey is the key of PostHog's private API, PersonalApiKey its older
	// name, and the four fields after them tune feature flags. Sending events
	// needs none of them, and they change nothing about it: a program written
	// for posthog-go may leave them where they are.
	SecretKey string
	// PersonalApiKey is the older name of SecretKey.
	PersonalApiKey string
	// DefaultFeatureFlagsPollingInterval belongs to feature flags; see SecretKey.
	DefaultFeatureFlagsPollingInterval time.Duration
	// FeatureFlagRequestTimeout belongs to feature flags; see SecretKey.
	FeatureFlagRequestTimeout time.Duration
	// FeatureFlagRequestMaxRetries belongs to feature flags; see SecretKey.
	FeatureFlagRequestMaxRetries *int
	// NextFeatureFlagsPollingTick belongs to feature flags; see SecretKey.
	NextFeatureFlagsPollingTick func() time.Duration

	// BeforeSend may change or drop a message, and runs before Hooks. It exists
	// for programs written for posthog-go.
	BeforeSend BeforeSendFunc
	// Hooks may change or drop an event, one after the other, each on what the
	// one before it returned. They run on the caller's goroutine.
	Hooks []Hook

	// Callback is told of the outcome of every event that the client means to
	// send.
	Callback Callback
	// OnError is told of every loss: a [*DeliveryError] for events that were
	// accepted and not delivered, once for all events of a request that ended
	// alike. It runs on the goroutine of the callbacks and may call any method of
	// the client.
	OnError func(error)
	// Logger receives warnings and errors, each repeated one at most once a
	// minute. Nil means slog.Default.
	Logger Logger
	// Verbose adds details to the log, such as a line for every request, at
	// level debug, which the logger may have to be told to show.
	Verbose bool

	// Disabled makes a client that accepts everything and does nothing.
	Disabled bool
	// DryRun does everything but send: events are validated, hooks run, and
	// [Stats] counts them.
	DryRun bool
	// SyncMode makes Enqueue send the event and return its fate. There are no
	// batches then, and no goroutine but the one that calls Callback and
	// OnError, if there is something to tell.
	SyncMode bool
}

// GetDisableGeoIP returns what DisableGeoIP points to, or its default.
func (c Config) GetDisableGeoIP() bool { return c.DisableGeoIP == nil || *c.DisableGeoIP }

// GetIsServer returns what IsServer points to, or its default.
func (c Config) GetIsServer() bool { return c.IsServer == nil || *c.IsServer }
