package posthog

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/exposure"
	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/wire"
)

// flagging is what the feature flags of a client consist of.
type flagging struct {
	loader *flagsync.Loader // nil without local evaluation
	remote *remote.Client   // nil where no request may be made
	engine *evaluation.Engine
	silent bool // there is nobody to ask, and that is no error

	reported *exposure.Tracker
	requests sync.Pool // of *flagRequest
	known    atomic.Pointer[flagProperties]
	adjusted atomic.Bool // the application has set overrides or properties
	changing sync.Mutex  // held by whoever replaces known

	own *http.Transport // of requests for flags; nil where the application has one
}

// The connections for flags that are open at once, and those that are kept.
const (
	maxFlagConnections  = 64
	idleFlagConnections = 8
	idleFlagTime        = 90 * time.Second // that of http.DefaultTransport
)

// startFlags puts together what evaluates flags. The loading of definitions
// begins at once if there is something to load, so that the first questions
// find them; nothing else starts before it is used.
func (c *ServerClient) startFlags() error {
	f := &c.flags
	f.requests.New = func() any { return new(flagRequest) }
	if c.tenant != nil {
		f.reported = c.tenant.exposures()
	} else {
		f.reported = exposure.New(0)
	}
	f.silent = c.config.Disabled || c.keyless || c.config.DryRun
	if !f.silent {
		f.remote = remote.New(c.remoteConfig())
	}
	if err := c.startLoader(); err != nil {
		return err
	}
	config := evaluation.Config{
		Loader:   f.loader,
		Contexts: c.config.EvaluationContexts,
		Endpoint: c.config.Endpoint,
		Key:      c.apiKey,
	}
	if !f.silent {
		config.Report = func(level notice.Level, name, text string) { c.notices.Report(level, name, "%s", text) }
	}
	if !c.config.StrictLocalEvaluation {
		config.Remote = f.remote
	}
	if c.config.FeatureFlagCacheTTL > 0 {
		config.CacheTTL, config.CacheSize = c.config.FeatureFlagCacheTTL, c.config.FeatureFlagCacheSize
	}
	c.remember(&config)
	f.engine = evaluation.New(config)
	return nil
}

// remoteConfig is the configuration of requests for flags.
func (c *ServerClient) remoteConfig() remote.Config {
	return remote.Config{
		Endpoint:     c.config.Endpoint,
		Key:          c.apiKey,
		Secret:       c.config.secret(),
		UserAgent:    SDKName + "/" + Version,
		RoundTripper: c.flagTransport(),
		Timeout:      c.config.FeatureFlagRequestTimeout,
		Retries:      *c.config.FeatureFlagRequestMaxRetries,
		Lost:         func(losses []wire.Loss) { c.warnOfLosses("a request for feature flags", losses) },
	}
}

// flagTransport returns what requests about flags are sent with.
func (c *ServerClient) flagTransport() http.RoundTripper {
	switch {
	case c.config.Transport != nil:
		return c.config.Transport
	case c.tenant != nil:
		return c.tenant.flagTransport()
	case c.flags.own == nil:
		c.flags.own = newFlagTransport()
	}
	return c.flags.own
}

// newFlagTransport returns what a client without a transport of the
// application's asks for flags with.
func newFlagTransport() *http.Transport {
	own := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: idleFlagTime}
	if usual, ok := http.DefaultTransport.(*http.Transport); ok {
		own = usual.Clone()
	}
	own.MaxConnsPerHost, own.MaxIdleConnsPerHost = maxFlagConnections, idleFlagConnections
	return own
}

// startLoader makes what loads definitions, if flags are to be evaluated
// locally, and starts it. A client that sends nothing loads nothing but its
// FlagSource.
func (c *ServerClient) startLoader() error {
	if !c.config.evaluatesLocally() || c.config.Disabled || c.keyless || c.config.DryRun && c.config.FlagSource.isZero() {
		return nil
	}
	config := flagsync.Config{
		Endpoint:       c.config.Endpoint,
		Key:            c.apiKey,
		UserAgent:      SDKName + "/" + Version,
		File:           c.config.FlagSource.path,
		Bytes:          c.config.FlagSource.document,
		Interval:       c.config.DefaultFeatureFlagsPollingInterval,
		NextInterval:   c.config.NextFeatureFlagsPollingTick,
		PauseAfterIdle: c.config.FlagPauseAfterIdle,
		Options: flags.Options{
			Location: c.config.FlagLocation, Regexp: c.config.FlagRegexp, AssumeNotEnrolled: c.config.FlagAssumeNotEnrolled,
		},
		WarnContinuity: !c.config.StrictLocalEvaluation,
		Report: func(level notice.Level, text string) {
			c.notices.Report(level, text, "%s", text)
		},
	}
	if !c.config.DryRun {
		config.Secret = c.config.secret()
		config.RoundTripper = c.flagTransport()
		config.Provider = provider(c.config.FlagDefinitionCacheProvider)
		config.BackupPath = c.config.FlagBackupPath
	}
	loader, err := flagsync.New(config)
	if err != nil {
		return ConfigError{Field: "FlagSource", Value: "a document", Reason: err.Error()}
	}
	if config.File == "" {
		loader.Start()
	} else {
		readFirst(loader)
	}
	c.flags.loader = loader
	c.config.FlagSource = FlagSource{} // the document is not kept
	return nil
}

// flagFilePatience bounds what the first reading of a FlagFile may hold up, on
// a disk that hangs.
const flagFilePatience = time.Second

// readFirst starts a loader, and returns when it has read its file, or could
// not: a program that has its flags there asks for one without waiting first,
// and there may be nobody else to ask.
func readFirst(loader *flagsync.Loader) {
	ctx, cancel := context.WithTimeout(context.Background(), flagFilePatience)
	defer cancel()
	_ = loader.Reload(ctx) // which reports what is wrong with the file
}

// flagGrace is how long the definitions have to end when the deadline of Close
// has passed.
const flagGrace = 5 * time.Millisecond

// withFlagGrace returns a context with a little time for flags to end, if ctx
// has ended.
func withFlagGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), flagGrace)
}

// closeFlags ends what flags need: requests that are on their way, and the
// loading. Definitions that are loaded stay, so that flags are answered as far
// as no request is needed.
func (c *ServerClient) closeFlags(ctx context.Context) {
	f := &c.flags
	var closing sync.WaitGroup
	var late [3]error
	closing.Go(func() { late[0] = f.engine.Close(ctx) })
	if f.remote != nil {
		closing.Go(func() { late[2] = f.remote.Close(ctx) }) // payloads are asked for without the engine
	}
	if f.loader != nil {
		closing.Go(func() { late[1] = f.loader.Close(ctx) })
	}
	closing.Wait()
	for _, err := range late {
		if err != nil {
			c.notices.Report(notice.Warn, "flags not closed",
				"posthog: something that feature flags use, such as a cache, did not end within the time that Close had: %v", err)
		}
	}
	if f.own != nil {
		f.own.CloseIdleConnections()
	}
	if c.tenant == nil {
		f.reported.Clear()
	}
}
