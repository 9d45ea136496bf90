package posthog

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
	"weak"

	"github.com/hedgerow/posthog/internal/exposure"
)

// membership is what a client of a pool knows of it. It is an interface so that
// only programs that make a pool contain one.
type membership interface {
	// enter begins a call that the client counts something in, or that changes what
	// a new one would not know. Leave ends it.
	enter(c *ServerClient)
	leave()
	// close takes a client out of the pool that is being closed by itself. It
	// returns the context of that, which ends with the pool's patience as well, and
	// what to call at its end.
	close(ctx context.Context, c *ServerClient) (_ context.Context, joined func())

	// What the clients of the pool share.
	station(name Lane) *station
	describer() *describer
	exposures() *exposure.Tracker
	flagTransport() *http.Transport
}

// tenant is what a pool knows of one client. The pool keeps the client as long
// as it is in use, and lets go of it when it is idle: then the client lives only
// while somebody else keeps it, and comes back with its next use.
type tenant struct {
	pool   *Pool
	apiKey string

	users atomic.Int64 // calls in progress, or letGo
	used  atomic.Bool  // since the pool last looked

	// The pool's lock guards the rest.
	client *ServerClient // nil while the pool does not keep it
	weak   weak.Pointer[ServerClient]
	left   bool  // its own Close has returned
	quiet  int   // looks of the pool since the last use
	frozen Stats // the client's when it was let go, which are among the pool's past ones
}

// letGo is the number of users of a client that the pool does not keep. No call
// counts or changes anything before it has changed that.
const letGo = -1

func (t *tenant) enter(c *ServerClient) {
	if !t.used.Load() {
		t.used.Store(true)
	}
	for {
		n := t.users.Load()
		if n == letGo {
			t.pool.mu.Lock()
			t.pool.retake(t, c)
			t.pool.mu.Unlock()
			continue
		}
		if t.users.CompareAndSwap(n, n+1) {
			return
		}
	}
}

func (t *tenant) leave() { t.users.Add(-1) }

func (t *tenant) describer() *describer { return t.pool.describer() }

func (t *tenant) exposures() *exposure.Tracker { return t.pool.reported }

func (t *tenant) flagTransport() *http.Transport { return t.pool.asking }

// retake makes the pool keep a client that it let go. The lock is held.
func (p *Pool) retake(t *tenant, c *ServerClient) {
	if t.users.Load() != letGo {
		return // somebody else was faster
	}
	t.client, t.quiet = c, 0
	p.past.subtract(t.frozen)
	t.frozen = Stats{}
	p.held++
	p.sweepLater()
	t.users.Store(0)
}

// evict lets go of a client if it is idle. The lock is held.
func (p *Pool) evict(t *tenant, now time.Time) {
	c := t.client
	if c.closing.Load() || !t.users.CompareAndSwap(0, letGo) {
		return
	}
	if !c.idle(now) {
		t.users.Store(0)
		return
	}
	t.frozen = c.Stats()
	p.past.plus(t.frozen)
	t.client = nil
	p.held--
	p.evicted++
}

// idle reports whether nobody would notice if the client were made anew.
func (c *ServerClient) idle(now time.Time) bool {
	if c.optedOut.Load() || c.super.changed.Load() || c.flags.adjusted.Load() || !c.main.delivery.Idle(now) {
		return false
	}
	ai := c.ai.made.Load()
	return ai == nil || ai.delivery.Idle(now)
}

func (t *tenant) close(ctx context.Context, c *ServerClient) (_ context.Context, joined func()) {
	p := t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retake(t, c)
	if p.clients[t.apiKey] == t {
		delete(p.clients, t.apiKey)
		p.held--
	}
	p.leaving[t] = struct{}{}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.ending, func() { cancel(context.Cause(p.ending)) })
	return ctx, func() {
		stop()
		cancel(nil)
		p.mu.Lock()
		defer p.mu.Unlock()
		t.left = true
		p.part()
		p.sweepLater()
	}
}

// part forgets the clients that were closed by themselves, as soon as nothing
// more happens to their events: a transport or a callback may go on for a while.
// The lock is held.
func (p *Pool) part() {
	for t := range p.leaving {
		if t.left && t.client.settled() {
			delete(p.leaving, t)
			p.past.plus(t.client.Stats())
		}
	}
}

// settled reports whether the client's ledger does not change by itself.
func (c *ServerClient) settled() bool {
	ai := c.ai.made.Load()
	return c.main.delivery.Settled() && (ai == nil || ai.delivery.Settled())
}
