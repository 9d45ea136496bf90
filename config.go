package posthog

import (
	"net/http"
	"time"

	"github.com/hedgerow/posthog/flags"
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

	// SecretKey is a project secret key (phs_) or a personal API key (phx_). With
	// it, the definitions of flags are loaded from the start and kept up to date,
	// flags are evaluated from them without a request each, and remote configs can
	// be read. Flags do without, by one request for each question, and events
	// never need it. PersonalApiKey is its older name, which counts if SecretKey
	// is empty.
	SecretKey string
	// PersonalApiKey is the older name of SecretKey.
	//
	// Deprecated: use SecretKey.
	PersonalApiKey string
	// EnableLocalEvaluation set to false leaves flags to PostHog although there
	// are definitions to load. Default true, if there is a SecretKey, a
	// FlagDefinitionCacheProvider or a FlagSource.
	EnableLocalEvaluation *bool
	// StrictLocalEvaluation forbids requests for flags. What the definitions do
	// not decide is an error then, [ErrInconclusive], or the caller's default.
	StrictLocalEvaluation bool
	// FlagAssumeNotEnrolled, which needs StrictLocalEvaluation, takes people of
	// whom it is not known whether they opted in to a feature with early access
	// for people who did not. It is wrong about those who did.
	FlagAssumeNotEnrolled bool
	// DefaultFeatureFlagsPollingInterval is the time between two loads of the
	// definitions, give or take a tenth. Default
	// [DefaultFeatureFlagsPollingInterval], or a second between two looks at a
	// [FlagFile]; at least a second. PostHog bills each load as ten requests for
	// flags, also if nothing has changed; [FlagStatus] counts them.
	DefaultFeatureFlagsPollingInterval time.Duration
	// NextFeatureFlagsPollingTick, if not nil, is asked for the interval before
	// each wait instead; zero and less mean the interval above. It must return
	// quickly.
	NextFeatureFlagsPollingTick func() time.Duration
	// FlagPauseAfterIdle ends the polling when no flag was asked for for so long;
	// the next question resumes it, and is answered from what was loaded before.
	// Default 0, which means never.
	FlagPauseAfterIdle time.Duration
	// FlagSource is where definitions come from if not from PostHog, or what the
	// client begins with: a [FlagFile] or [FlagBytes].
	FlagSource FlagSource
	// FlagBackupPath is a file, one for each project, that gets every document
	// that is loaded from the network, and is read when the first load fails.
	// Empty means none.
	FlagBackupPath string
	// FlagDefinitionCacheProvider shares the definitions between processes, so that one
	// of them loads for all; see [NewFlagDefinitionFileCache]. Without a SecretKey
	// it is the only source. Default: each process loads its own.
	FlagDefinitionCacheProvider FlagDefinitionCacheProvider
	// FlagRegexp runs the regular expressions of flags that Go's own package
	// cannot; the module github.com/hedgerow/posthog/contrib/regexp2 has one.
	// Default: flags with such expressions are left to PostHog.
	FlagRegexp flags.RegexpEngine
	// FlagLocation is the project's time zone, which dates in flags without an
	// offset are in. Default UTC.
	FlagLocation *time.Location

	// FeatureFlagRequestTimeout bounds each attempt of a request for flags.
	// Default [DefaultFeatureFlagRequestTimeout].
	FeatureFlagRequestTimeout time.Duration
	// FeatureFlagRequestMaxRetries is how often such a request is repeated, after
	// a status 502 or 504 and where there was no answer: from 0 to 9. Nil means
	// [DefaultFeatureFlagRequestMaxRetries], so that a question takes at most six
	// and a half seconds.
	FeatureFlagRequestMaxRetries *int
	// FeatureFlagCacheTTL is how long PostHog's answer about a person, with the
	// same device, groups and properties, serves further questions. A request asks
	// for all flags then, also where the question is about one. Other definitions
	// end it early, where flags are evaluated locally. Default 0, which means that
	// each question is a request, unless local evaluation answers it.
	FeatureFlagCacheTTL time.Duration
	// FeatureFlagCacheSize bounds the answers that are kept for that. Default
	// [DefaultFeatureFlagCacheSize].
	FeatureFlagCacheSize int
	// FlagFallbackCache keeps the last known values of flags, which count when
	// PostHog does not answer and are not older than an hour; see
	// [FlagFromFallback]. The module github.com/hedgerow/posthog/contrib/redis has
	// one. Default: none are kept.
	FlagFallbackCache FlagResultCache
	// FlagFallbackCacheURL asks for one in memory instead, as
	// memory://local/?ttl=300&size=10000: after ttl seconds a value that has not
	// changed is stored anew, which with more than 3600 leaves gaps, and size
	// bounds the values. Both may be left out.
	FlagFallbackCacheURL string
	// EvaluationContexts narrow flags down to those without contexts and those
	// with one of these; others do not exist for this client, nor do flags that
	// are for clients alone. Default: flags for any context.
	EvaluationContexts []string

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

	// ErrorTracking says how errors are described that the client is told of.
	ErrorTracking ErrorTrackingConfig
	// ProjectRoot is the folder that the program's sources lay in when it was
	// built. Files of stack frames are named relative to it, and are the
	// application's own. Default: the build information of the binary tells.
	ProjectRoot string
	// Crash reports panics that nobody recovers, and other ends of the process,
	// when the next one starts. Default: nobody learns of them.
	Crash CrashConfig

	// Disabled makes a client that accepts everything and does nothing.
	Disabled bool
	// DryRun does everything but send: events are validated, hooks run, and
	// [Stats] counts them. Flags are those of FlagSource.
	DryRun bool
	// SyncMode makes Enqueue send the event and return its fate. There are no
	// batches then, and no goroutine but the one that calls Callback and
	// OnError, if there is something to tell, and the one that loads flag
	// definitions. What reads a flag for the first time sends its event, too.
	SyncMode bool
}

// GetDisableGeoIP returns what DisableGeoIP points to, or its default.
func (c Config) GetDisableGeoIP() bool { return c.DisableGeoIP == nil || *c.DisableGeoIP }

// GetIsServer returns what IsServer points to, or its default.
func (c Config) GetIsServer() bool { return c.IsServer == nil || *c.IsServer }
