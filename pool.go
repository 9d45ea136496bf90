package posthog

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/hedgerow/posthog/internal/exposure"
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
)

// ErrTooManyClients means that a [Pool] has [PoolConfig.MaxClients] clients, of
// which none can be let go.
var ErrTooManyClients = errors.New("the pool has as many clients as it may, and all have something to do")

// Pool has a client for each of many projects in one process: those of the
// tenants of a service, for example. All its clients share connections, memory
// and a fixed number of goroutines, which start with the first event and end
// with [Pool.Close]. Each has a queue, an order and a ledger of its own, and one
// whose requests hang or fail leaves others half of the workers, from its second
// attempt on, if there are two or more.
//
// All its methods may be called from any number of goroutines, and on a nil
// *Pool, where they do nothing. Use [NewPool] to make one.
type Pool struct {
	config  PoolConfig // with defaults
	notices *notice.Board
	life    life.Group
	calling chan struct{} // capacity 1; holds a value while the application is called back
	scratch *sync.Pool    // of *scratch

	analytics, ai *station

	reported *exposure.Tracker // what all clients' people have seen of flags
	asking   *http.Transport   // of requests for flags; not used if the application has one

	describing sync.Once // describer is made when it is needed
	described  atomic.Pointer[describer]

	ending context.Context         //nolint:containedctx // how long clients that close may take is the pool's affair
	end    context.CancelCauseFunc // ends it

	mu       sync.Mutex           // guards everything below, and the clients' tenants
	clients  map[string]*tenant   // by key
	leaving  map[*tenant]struct{} // whose clients are being closed, or were, by themselves
	held     int                  // clients that the pool keeps
	past     Stats                // of clients that it does not
	crowded  time.Time            // until when it is no use to look for clients to let go of
	sweeping *time.Timer          // nil while there is no client
	evicted  uint64               // clients that were let go
	ended    bool                 // Close has been called

	closing  atomic.Bool   // Close has been called
	closed   chan struct{} // closed when Close is done
	closeErr error         // of the first Close; set before closed is closed
}

// NewPool returns a pool without clients, or a [ConfigError]. It opens no
// connection and starts no goroutine: that happens with the first event.
func NewPool(config PoolConfig) (*Pool, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	configured := config.Config
	p := &Pool{
		config:  config.withDefaults(),
		calling: make(chan struct{}, 1),
		scratch: newScratch(),
		clients: make(map[string]*tenant),
		leaving: make(map[*tenant]struct{}),
		past:    newStats(),

		reported: exposure.New(0),
		asking:   newFlagTransport(),

		closed: make(chan struct{}),
	}
	c := &p.config.Config
	p.notices = board(c.Logger, c.Verbose)
	p.life.Panicked = panicked(p.notices)
	warnOfEndpoint(p.notices, configured.Endpoint, c.Endpoint)
	p.analytics = p.newStation(LaneAnalytics, c.Workers, c.Compression, configured.queueBytes())
	p.ai = p.newStation(LaneAI, min(c.Workers, aiWorkers), c.CaptureAICompression, configured.aiQueueBytes())
	p.ending, p.end = context.WithCancelCause(context.Background())
	if c.ErrorTracking.NativeFrames {
		p.describer() // which warns if there can be none
	}
	return p, nil
}

// Client returns the client of the project with that key, and makes it if there
// is none. Ask for it wherever it is needed, rather than keeping it: that is
// cheap, and lets the pool let go of those that nobody needs. One that was let
// go works all the same for those who kept it, and is what Client returns as
// long as somebody does, so there is never more than one for a key.
//
// A client that was closed by itself, with [ServerClient.Close], stays closed,
// and the next call makes a new one. The errors are [ErrClosed],
// [ErrTooManyClients], [ErrSDKDisabled] for an empty key, and what
// [PoolConfig.Customize] did wrong. With an error the client is nil, which may
// be used and does nothing.
func (p *Pool) Client(apiKey string) (*ServerClient, error) {
	if p == nil {
		return nil, nil
	}
	if apiKey = strings.TrimSpace(apiKey); apiKey == "" && !p.config.Config.Disabled {
		return nil, ErrSDKDisabled
	}
	if c, err := p.known(apiKey); c != nil || err != nil {
		return c, err
	}
	config, err := p.config.of(apiKey)
	if err != nil {
		return nil, err
	}
	t, err := p.make(apiKey, config)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, err := p.lookUp(apiKey); known != nil || err != nil {
		return known, err // somebody else was faster, and t was never used
	}
	if !p.hasRoom(time.Now()) {
		return nil, ErrTooManyClients
	}
	p.clients[apiKey] = t
	p.held++
	p.sweepLater()
	return t.client, nil
}

// known returns the client with that key, or nil if there is none. It is
// [ErrTooManyClients] if it is known that there cannot be one.
func (p *Pool) known(apiKey string) (*ServerClient, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, err := p.lookUp(apiKey)
	if c == nil && err == nil && p.held >= p.config.MaxClients && time.Now().Before(p.crowded) {
		return nil, ErrTooManyClients
	}
	return c, err
}

// lookUp is known, with the lock held. A client that it returns is kept from
// then on.
func (p *Pool) lookUp(apiKey string) (*ServerClient, error) {
	if p.ended {
		return nil, ErrClosed
	}
	t := p.clients[apiKey]
	if t == nil {
		return nil, nil
	}
	t.used.Store(true)
	if t.client == nil {
		if c := t.weak.Value(); c != nil {
			p.retake(t, c)
		}
	}
	return t.client, nil
}

// make returns a tenant with a client that nobody knows yet.
func (p *Pool) make(apiKey string, config Config) (*tenant, error) {
	t := &tenant{pool: p, apiKey: apiKey}
	c := &ServerClient{
		config:  config,
		apiKey:  apiKey,
		tenant:  t,
		notices: p.notices,
		calling: p.calling,
		scratch: p.scratch,
	}
	t.client, t.weak = c, weak.Make(c)
	t.used.Store(true)
	c.life.Panicked = p.life.Panicked
	return t, c.assemble()
}

// all returns the clients that may have something to do. The lock is held.
func (p *Pool) all() []*ServerClient {
	clients := make([]*ServerClient, 0, p.held+len(p.leaving))
	for _, t := range p.clients {
		if t.client != nil {
			clients = append(clients, t.client)
		}
	}
	for t := range p.leaving {
		clients = append(clients, t.client)
	}
	return clients
}

// describer returns what describes errors for all clients of the pool.
func (p *Pool) describer() *describer {
	p.describing.Do(func() {
		x := newDescriber(&p.config.Config, p.notices)
		p.described.Store(x)
		if p.closing.Load() { // and Close may have come too early to find it
			x.close(context.Background())
		}
	})
	return p.described.Load()
}
