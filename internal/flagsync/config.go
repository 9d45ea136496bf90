package flagsync

import (
	"errors"
	"net/http"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/notice"
)

// Defaults of the Config fields that are left at zero, and bounds that are fixed.
const (
	DefaultInterval        = 30 * time.Second
	DefaultFileInterval    = time.Second
	DefaultTimeout         = 10 * time.Second
	DefaultProviderTimeout = 10 * time.Second

	// MinInterval is the shortest time between two loads that are not asked for.
	MinInterval = time.Second
	// MaxDocument bounds a definitions document in bytes.
	MaxDocument = 64 << 20
)

// shutdownTimeout bounds what a Provider may take at the end.
const shutdownTimeout = 30 * time.Second

// ErrNoSource is the error of a Loader that has no source of definitions.
var ErrNoSource = errors.New("feature flag definitions have no source: neither a secret key, nor a provider, nor a file, nor bytes")

// ErrClosed is the error of a Loader after Close.
var ErrClosed = errors.New("the loader of feature flag definitions is closed")

// Config says where definitions come from and how often they are looked for. With a File, the network and the
// Provider are not used. Bytes are what a Loader begins with, whatever comes after them.
type Config struct {
	// Endpoint is PostHog's address, such as https://us.i.posthog.com. A path in front of the service's own is
	// kept.
	Endpoint string
	// Key is the project's public key.
	Key string
	// Secret is a project secret key (phs_) or a personal key (phx_) with the right to read feature flags.
	// Empty means that PostHog is not asked: definitions then come from the Provider alone, or not at all.
	Secret string
	// UserAgent is the User-Agent of every request. Empty means net/http's own.
	UserAgent string
	// RoundTripper sends the requests. While one that does not obey its context goes on, there is no other, and Close
	// waits for it. Nil means http.DefaultTransport.
	RoundTripper http.RoundTripper
	// Timeout bounds one request, its answer included. Default 10 s.
	Timeout time.Duration

	// File is the path of a definitions document on the disk, which is read again when it changes.
	File string
	// Bytes is a definitions document. It is not kept.
	Bytes []byte

	// Interval is the time between two loads: default 30 s, give or take a tenth, or 1 s between two looks at
	// a File. At least MinInterval.
	Interval time.Duration
	// NextInterval, if not nil, is asked for the interval before each wait; a result of zero or less means
	// Interval. It is called on the Loader's goroutine and must not wait.
	NextInterval func() time.Duration
	// PauseAfterIdle ends the polling when nothing was evaluated for that long; the next evaluation resumes it
	// at once. Idleness is looked at when a load is due, so the pause begins up to an interval late. Default 0:
	// no pause.
	PauseAfterIdle time.Duration

	// Provider shares definitions between processes. Nil means that each process loads its own.
	Provider Provider
	// ProviderTimeout bounds each of the Provider's calls except Shutdown, which has 30 s. Default 10 s.
	ProviderTimeout time.Duration

	// BackupPath is a file, one for each project, that gets every document loaded from the network or the
	// Provider, and is read when the first load fails and nothing else is loaded. Empty means none.
	BackupPath string

	// Options are those of the compiled Program.
	Options flags.Options
	// WarnContinuity reports the active flags with experience continuity, each of which costs a request to
	// PostHog in every evaluation. It makes no sense in a client that never makes such requests.
	WarnContinuity bool
	// Report is told of what whoever operates the program should know: once for each kind of failure in a
	// streak of them. It is called on the Loader's goroutines, the texts hold no key, and a panic of it is lost.
	// Nil means that nobody wants to know.
	Report func(level notice.Level, text string)
}

// network reports whether definitions come from PostHog or from a Provider.
func (c *Config) network() bool { return c.File == "" && (c.Secret != "" || c.Provider != nil) }

// loads reports whether there is anything to load after the Loader is made.
func (c *Config) loads() bool { return c.File != "" || c.network() }

// withDefaults returns c without zeros that mean something else.
func (c Config) withDefaults() Config {
	c.Bytes = nil
	if c.RoundTripper == nil {
		c.RoundTripper = http.DefaultTransport
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.ProviderTimeout <= 0 {
		c.ProviderTimeout = DefaultProviderTimeout
	}
	if c.Interval <= 0 && c.File != "" {
		c.Interval = DefaultFileInterval
	}
	if c.Interval <= 0 {
		c.Interval = DefaultInterval
	}
	c.Report = quiet(c.Report)
	return c
}

// quiet returns report without its panics: the logger is the application's code.
func quiet(report func(notice.Level, string)) func(notice.Level, string) {
	return func(level notice.Level, text string) {
		if report == nil {
			return
		}
		_ = contained(func() error {
			report(level, text)
			return nil
		})
	}
}
