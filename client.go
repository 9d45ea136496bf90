package posthog

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/uuid7"
)

// Client is what most of a program needs of a client. Declare parameters and
// fields with it where a test wants to pass something else; the constructors
// return a [*ServerClient], which can do more.
type Client interface {
	EnqueueClient

	// Close delivers what is queued and ends the client; see
	// [ServerClient.Close].
	Close() error
	// CloseWithContext is Close with a deadline of the caller's; see
	// [ServerClient.CloseWithContext].
	CloseWithContext(context.Context) error
}

// EnqueueClient is the least that can be asked of a client.
type EnqueueClient interface {
	// Enqueue accepts a message for delivery; see [ServerClient.Enqueue].
	Enqueue(Message) error
}

var _ Client = (*ServerClient)(nil)

// ServerClient sends events to one PostHog project. All its methods may be
// called from any number of goroutines, from hooks and from callbacks, and on
// a nil or zero *ServerClient, where they do nothing. Use [New], [NewWithConfig] or
// [FromEnv] to make one, and Close to end it.
type ServerClient struct {
	config   Config // with defaults
	keyless  bool   // there is no API key
	optedOut atomic.Bool

	ids     uuid7.Generator
	static  atomic.Pointer[event.Static] // of every event; replaced whole
	library *event.Static                // of events that hooks have seen
	super   registered
	scratch sync.Pool // of *scratch

	notices   *notice.Board
	life      life.Group
	transport *transport.Client
	queue     *queue.Queue
	spool     *spool.Spool // nil without one
	lane      *delivery.Lane
	refused   refusals
	panicked  atomic.Uint64 // callbacks that panicked

	closing  atomic.Bool   // Close has been called
	closed   chan struct{} // closed when Close is done
	closeErr error         // of the first Close; set before closed is closed
}

// inert reports whether c was not made by a constructor: it is nil or a zero
// value, and does nothing.
func (c *ServerClient) inert() bool { return c == nil || c.lane == nil }

// New returns a client with the default configuration. apiKey is the project
// API key, which starts with "phc_". Without one the client does nothing, and
// says so in the log and with [ErrSDKDisabled].
func New(apiKey string) *ServerClient {
	c, _ := NewWithConfig(apiKey, Config{}) // no field of an empty Config is invalid
	return c
}

// NewWithConfig returns a client, or a [ConfigError]. It opens no connection
// and starts no goroutine: that happens with the first event, or at once if
// the spool has events of an earlier process.
func NewWithConfig(apiKey string, config Config) (*ServerClient, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c := &ServerClient{config: config.withDefaults(), closed: make(chan struct{})}
	c.notices = board(c.config.Logger, config.Verbose)
	c.life.Panicked = func(name string, value any, stack []byte) {
		c.notices.Report(notice.Error, "goroutine panicked", "posthog: goroutine %s panicked: %v\n%s", name, value, stack)
	}
	c.config.Endpoint, _, _ = endpoint(config.Endpoint)
	c.scratch.New = func() any { return new(scratch) }
	apiKey = strings.TrimSpace(apiKey)
	c.examine(apiKey, config.Endpoint)
	c.library, _ = event.NewStatic(SDKName, Version, nil)
	c.startRegistering()
	c.connect(apiKey)
	return c, nil
}

// examine warns about what is probably a mistake.
func (c *ServerClient) examine(apiKey, configured string) {
	switch {
	case c.config.Disabled:
	case apiKey == "":
		c.keyless = true
		c.notices.Report(notice.Error, "no API key", "posthog: the project API key is empty, so nothing will be sent")
	case strings.HasPrefix(apiKey, "phx_"), strings.HasPrefix(apiKey, "phs_"):
		c.notices.Report(notice.Warn, "wrong kind of key",
			"posthog: the API key starts with %q, which is a secret key; events need the project API key, which starts with \"phc_\"", apiKey[:4])
	}
	if _, replaced, _ := endpoint(configured); replaced != "" {
		c.notices.Report(notice.Warn, "endpoint replaced",
			"posthog: Config.Endpoint names the web application %s; events go to %s", replaced, c.config.Endpoint)
	}
}

// segmentSize is the usual size of the queue's pieces of memory.
const segmentSize = 256 << 10

// batchBytes bounds the events of one request.
const batchBytes = 1 << 20

// connect puts the queue, the lane and the transport together.
func (c *ServerClient) connect(apiKey string) {
	compression, above := transport.Gzip, transport.DefaultCompressAbove
	switch c.config.Compression {
	case CompressionNone:
		compression = transport.None
	case CompressionGzip:
		above = 1 // asked for, not merely allowed
	}
	c.transport = transport.New(transport.Config{
		RoundTripper:  c.config.Transport,
		Connections:   c.config.Workers,
		UserAgent:     SDKName + "/" + Version,
		Timeout:       c.config.BatchUploadTimeout,
		Compression:   compression,
		CompressAbove: above,
	})
	memory := queue.Config{
		MaxRecords:  max(c.config.MaxQueueSize, c.config.BatchSize),
		MaxBytes:    c.config.MaxQueueBytes,
		SegmentSize: min(segmentSize, c.config.MaxQueueBytes/4),
		EvictOldest: c.config.Overflow == OverflowDropOldest,
		ShowEvicted: c.config.Callback != nil,
		RecordBytes: queue.RecordBytes,
	}
	if c.spool = c.openSpool(apiKey); c.spool != nil {
		memory.Store, memory.SegmentSize = c.spool, c.config.fileSize()
	}
	c.queue = queue.New(memory)
	lane := delivery.Config{
		Name:           "analytics",
		Queue:          c.queue,
		NewExchange:    c.exchange,
		Request:        transport.Request{URL: c.config.Endpoint + "/batch/", GzipQuery: true},
		AppendBody:     batchBody(apiKey, c.config.HistoricalMigration),
		Workers:        c.config.Workers,
		FlushAt:        c.config.FlushAt,
		BatchSize:      c.config.BatchSize,
		BatchBytes:     batchBytes,
		Interval:       c.config.Interval,
		MaxBatches:     c.config.MaxEnqueuedRequests,
		AttemptTimeout: c.config.BatchUploadTimeout,
		Retry:          c.retry(),
		Resolve:        resolve,
		Observer:       c.observer(),
		Notices:        c.notices,
		Life:           &c.life,
	}
	if c.spool != nil { // a nil *spool.Spool would be a Spool that is not nil
		lane.Spool, lane.MaxAge = c.spool, c.config.Spool.MaxAge
	}
	c.lane = delivery.New(lane)
	if c.spool != nil {
		c.lane.Recover(c.spool.Found())
		if n := c.queue.Depth().Records; n > 0 {
			c.notices.Report(notice.Info, "spool found", "posthog: %d events of earlier processes were found in the spool in %s", n, c.config.Spool.Dir)
		}
		if c.spool.Stats().Down != nil || c.queue.Depth().Records > 0 {
			c.lane.Start()
		}
	}
}
