package posthog

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
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

	// IsFeatureEnabled returns the value of a flag; see
	// [ServerClient.IsFeatureEnabled].
	IsFeatureEnabled(FeatureFlagPayload) (interface{}, error)
	// GetFeatureFlag returns the value of a flag; see
	// [ServerClient.GetFeatureFlag].
	GetFeatureFlag(FeatureFlagPayload) (interface{}, error)
	// GetFeatureFlagResult returns the value of a flag with its payload; see
	// [ServerClient.FlagResult].
	GetFeatureFlagResult(FeatureFlagPayload) (*FeatureFlagResult, error)
	// GetFeatureFlagPayload returns the payload of a flag; see
	// [ServerClient.GetFeatureFlagPayload].
	GetFeatureFlagPayload(FeatureFlagPayload) (string, error)
	// GetRemoteConfigPayload returns the payload of a remote config flag; see
	// [ServerClient.RemoteConfigPayload].
	GetRemoteConfigPayload(string) (string, error)
	// GetAllFlags returns the values of all flags; see [ServerClient.AllFlags].
	GetAllFlags(FeatureFlagPayloadNoKey) (map[string]interface{}, error)
	// EvaluateFlags returns a snapshot of the flags of a person; see
	// [ServerClient.EvaluateFlagsWithContext].
	EvaluateFlags(EvaluateFlagsPayload) (*FeatureFlagEvaluations, error)
	// ReloadFeatureFlags loads the flag definitions; see
	// [ServerClient.ReloadFeatureFlagsWithContext].
	ReloadFeatureFlags() error
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
	apiKey   string
	tenant   membership // of the pool that made the client; nil for all others
	keyless  bool       // there is no API key
	optedOut atomic.Bool

	ids     uuid7.Generator
	static  atomic.Pointer[event.Static] // of every event; replaced whole
	minimal atomic.Pointer[event.Static] // of minimal events; replaced together with it
	library *event.Static                // of events that hooks have seen
	super   registered
	scratch *sync.Pool // of *scratch; all clients of a pool have one

	notices  *notice.Board
	life     life.Group
	main     *lane // of analytics
	ai       lazyLane
	calling  chan struct{} // capacity 1; holds a value while the application is called back
	panicked atomic.Uint64 // callbacks that panicked
	flags    flagging

	exceptions lazyExceptions
	crashes    *crashes // nil without crash files

	closing  atomic.Bool   // Close has been called
	closed   chan struct{} // closed when Close is done
	closeErr error         // of the first Close; set before closed is closed
}

// inert reports whether c was not made by a constructor: it is nil or a zero
// value, and does nothing.
func (c *ServerClient) inert() bool { return c == nil || c.main == nil }

// New returns a client with the default configuration. apiKey is the project
// API key, which starts with "phc_". Without one the client does nothing, and
// says so in the log and with [ErrSDKDisabled].
func New(apiKey string) *ServerClient {
	c, _ := NewWithConfig(apiKey, Config{}) // no field of an empty Config is invalid
	return c
}

// NewWithConfig returns a client, or a [ConfigError]. It opens no connection
// and starts no goroutine: that happens with the first event, or at once if
// the spool has events of an earlier process, or if there are flag definitions
// to load, or crashes of other processes to report; see [CrashConfig].
func NewWithConfig(apiKey string, config Config) (*ServerClient, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	configured := config.Endpoint
	config = config.withDefaults()
	config.Endpoint, _, _ = endpoint(configured)
	c := &ServerClient{
		config:  config,
		apiKey:  strings.TrimSpace(apiKey),
		notices: board(config.Logger, config.Verbose),
		calling: make(chan struct{}, 1),
		scratch: newScratch(),
	}
	c.life.Panicked = panicked(c.notices)
	warnOfEndpoint(c.notices, configured, config.Endpoint)
	if err := c.assemble(); err != nil {
		return nil, err
	}
	c.reviveAI()
	c.startCrashes()
	return c, nil
}

// assemble makes what a client consists of, apart from what those of a pool
// share.
func (c *ServerClient) assemble() error {
	c.closed = make(chan struct{})
	c.ai.making = make(chan struct{}, 1)
	c.examine()
	c.library, _ = event.NewStatic(SDKName, Version, nil)
	c.startRegistering()
	if err := c.startFlags(); err != nil {
		return err
	}
	c.main = c.newLane(c.analyticsRoute())
	if c.config.ErrorTracking.NativeFrames && c.tenant == nil && !c.config.Disabled {
		c.tracking() // which warns if there can be none
	}
	return nil
}

// panicked returns what is told of a goroutine of the library that panicked.
func panicked(notices *notice.Board) func(name string, value any, stack []byte) {
	return func(name string, value any, stack []byte) {
		notices.Report(notice.Error, "goroutine panicked", "posthog: goroutine %s panicked: %v\n%s", name, value, stack)
	}
}

// examine warns about what is probably a mistake.
func (c *ServerClient) examine() {
	switch apiKey := c.apiKey; {
	case c.config.Disabled:
	case apiKey == "":
		c.keyless = true
		c.notices.Report(notice.Error, "no API key", "posthog: the project API key is empty, so nothing will be sent")
	case strings.HasPrefix(apiKey, "phx_"), strings.HasPrefix(apiKey, "phs_"):
		c.notices.Report(notice.Warn, "wrong kind of key",
			"posthog: the API key starts with %q, which is a secret key; events need the project API key, which starts with \"phc_\"", apiKey[:4])
	}
	if strings.HasPrefix(c.config.secret(), "phc_") {
		c.notices.Report(notice.Warn, "wrong kind of secret key",
			"posthog: Config.SecretKey starts with \"phc_\", which is the project API key; flag definitions need a secret key, which starts with \"phs_\" or \"phx_\"")
	}
}

// warnOfEndpoint warns about an address that is not the one to send to.
func warnOfEndpoint(notices *notice.Board, configured, base string) {
	if _, replaced, _ := endpoint(configured); replaced != "" {
		notices.Report(notice.Warn, "endpoint replaced",
			"posthog: Config.Endpoint names the web application %s; events go to %s", replaced, base)
	}
}
