package evaluation

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/lru"
	"github.com/hedgerow/posthog/internal/notice"
)

// Defaults of the Config fields that are left at zero.
const (
	DefaultFallbackTTL   = 5 * time.Minute
	DefaultFallbackStale = time.Hour
)

// Config says whom an Engine asks, and what it remembers.
type Config struct {
	// Loader has the definitions. Nil means that nothing is evaluated locally.
	Loader *flagsync.Loader
	// Remote asks the server. Nil means that it is never asked. Close closes it.
	Remote *remote.Client
	// Contexts are the evaluation contexts that the server is told with every request: flags for other contexts do
	// not exist, in definitions neither. Empty allows flags for any context.
	Contexts []string
	// Endpoint and Key are the server's address and the project's key. They tell the entries of a Fallback that
	// several projects share from each other, and are used for nothing else.
	Endpoint, Key string

	// CacheTTL is how long an answer of the server may be used again for the same identity: distinct id, device,
	// groups, and properties of either. When other definitions are loaded, it is not used again. CacheSize is for how
	// many identities. Off unless both are above 0.
	//
	// While it is on, every request asks for all flags, and at most one is on its way for an identity: so one request
	// serves all questions about an identity for that time.
	CacheTTL  time.Duration
	CacheSize int

	// Fallback keeps the last known answers, which are used if the request fails. Nil means that nothing does.
	Fallback Fallback
	// FallbackTTL is after how long an answer that has not changed is stored again. Default 5 min.
	FallbackTTL time.Duration
	// FallbackStale is how old an answer may be to be used. Default 1 h.
	FallbackStale time.Duration

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Report is told of what whoever operates the program should know, by a name that repeated reports of one
	// condition have in common. It must be safe for concurrent use. Nil means that nobody wants to know.
	Report func(level notice.Level, name, text string)
}

// An Engine answers questions about flags. It is safe for concurrent use.
type Engine struct {
	config Config

	overrides atomic.Pointer[map[string]Override] // nil for none
	views     views
	subjects  subjects
	scratches sync.Pool // of *scratch

	knowledge  *knowledge
	probes     *flights[string] // by key that the definitions do not have
	identities *flights[identity]
	cache      *lru.Cache[identity, answer] // of clean answers about all flags; nil if it is off
	fallback   *fallback                    // nil without one
}

// New returns an Engine for c. Nothing is started or asked before the first question.
func New(c Config) *Engine {
	if c.Now == nil {
		c.Now = time.Now
	}
	e := &Engine{
		config:     c,
		knowledge:  newKnowledge(),
		probes:     newFlights[string](),
		identities: newFlights[identity](),
	}
	if c.CacheTTL > 0 && c.CacheSize > 0 {
		e.cache = lru.New[identity, answer](c.CacheSize, c.CacheTTL)
	}
	if c.Fallback != nil {
		e.fallback = newFallback(&e.config)
	}
	return e
}

// Close gives up requests that are on their way, closes Config.Remote with them, and waits for all goroutines until ctx
// ends; the error then is that of ctx. Questions are answered afterwards, too, as far as no request is needed. It may be
// called again.
func (e *Engine) Close(ctx context.Context) error {
	var closing sync.WaitGroup
	var unasked, unwritten error
	if e.config.Remote != nil {
		closing.Go(func() { unasked = e.config.Remote.Close(ctx) })
	}
	if e.fallback != nil {
		unwritten = e.fallback.close(ctx)
	}
	closing.Wait()
	return cmp.Or(unasked, unwritten)
}
