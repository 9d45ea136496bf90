package posthog

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
)

// Flush is [ServerClient.Flush] for all clients at the same time.
func (p *Pool) Flush(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if p.closing.Load() {
		return ErrClosed
	}
	ctx, cancel := withLimit(ctx, p.config.Config.FlushTimeout)
	defer cancel()
	p.mu.Lock()
	clients := p.all()
	p.mu.Unlock()
	var main, ai []*delivery.Lane
	for _, c := range clients {
		main = append(main, c.main.delivery)
		if l := c.ai.made.Load(); l != nil {
			ai = append(ai, l.delivery)
		}
	}
	var aiLeft int
	var aiErr error
	var flushing sync.WaitGroup
	flushing.Go(func() { aiLeft, aiErr = p.ai.crew.Flush(ctx, ai) })
	left, err := p.analytics.crew.Flush(ctx, main)
	flushing.Wait()
	if left += aiLeft; left > 0 {
		return &UndeliveredError{Call: "flush", Events: left, Err: cmp.Or(err, aiErr)}
	}
	return nil
}

// Close is CloseWithContext with a deadline after [Config.ShutdownTimeout].
func (p *Pool) Close() error {
	if p == nil {
		return nil
	}
	ctx, cancel := withLimit(context.Background(), p.config.Config.ShutdownTimeout)
	defer cancel()
	return p.CloseWithContext(ctx)
}

// CloseWithContext ends the pool and all its clients, those that it has let go
// and somebody kept included, as [ServerClient.CloseWithContext] does, at the
// same time and within one deadline. The error is an [*UndeliveredError] with
// the number of events that all of them leave.
//
// It may be called from a callback, concurrently and repeatedly: every call
// returns the result of the first, or the error of its own ctx if that ends
// before.
func (p *Pool) CloseWithContext(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if p.closing.CompareAndSwap(false, true) {
		defer close(p.closed)
		p.closeErr = p.close(ctx)
		return p.closeErr
	}
	select {
	case <-p.closed:
		return p.closeErr
	default:
	}
	select {
	case <-p.closed:
		return p.closeErr
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leavingGrace is how long clients that are being closed by themselves have to
// end after the deadline of the pool.
const leavingGrace = 15 * time.Millisecond

func (p *Pool) close(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.end(context.Cause(ctx)) })
	defer func() { stop(); p.end(ErrClosed) }()
	claimed, leaving := p.claim()
	var flags sync.WaitGroup
	flags.Go(func() { closeFlags(ctx, claimed) })
	left := p.closeLanes(ctx, claimed)
	flags.Wait()
	total := 0
	for i, c := range claimed {
		total += left[i]
		c.closeErr = undelivered(ctx, left[i], 0)
		close(c.closed)
	}
	p.await(ctx, leaving)
	p.analytics.crew.Stop(ctx)
	p.ai.crew.Stop(ctx)
	p.analytics.transport.CloseIdle()
	p.ai.transport.CloseIdle()
	p.asking.CloseIdleConnections()
	p.reported.Clear()
	p.described.Load().close(ctx)
	err := undelivered(ctx, total, 0)
	reportLeft(p.notices, err, false)
	p.notices.Flush()
	return err
}

// claim returns the clients that the pool has to close, and those that somebody
// closes already. There are no more of either from then on.
func (p *Pool) claim() (claimed, leaving []*ServerClient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.sweeping != nil {
		p.sweeping.Stop()
	}
	for _, t := range p.clients {
		c := t.client
		if c == nil {
			c = t.weak.Value()
		}
		switch {
		case c == nil:
		case c.closing.CompareAndSwap(false, true):
			claimed = append(claimed, c)
		default:
			leaving = append(leaving, c)
		}
	}
	for t := range p.leaving {
		leaving = append(leaving, t.client)
	}
	return claimed, leaving
}

// closeFlags ends what the flags of these clients need: first all requests, and
// then it waits for one after the other. Once ctx has ended, they have a little
// time together: there may be a thousand.
func closeFlags(ctx context.Context, clients []*ServerClient) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range clients {
		if c.flags.remote != nil {
			_ = c.flags.remote.Close(ended) // does not wait, so it may be too early
		}
	}
	late := false
	for _, c := range clients {
		if !late && ctx.Err() != nil {
			var cancel context.CancelFunc
			ctx, cancel = withFlagGrace(ctx)
			defer cancel() //nolint:gocritic // once
			late = true
		}
		c.closeFlags(ctx)
	}
}

// closeLanes closes every lane of these clients, all at the same time, and
// returns how many events each client leaves.
func (p *Pool) closeLanes(ctx context.Context, clients []*ServerClient) (left []int) {
	main := make([]*delivery.Lane, len(clients))
	var ai []*delivery.Lane
	var owner []int // of each of them, among the clients
	for i, c := range clients {
		main[i] = c.main.delivery
		if l := c.closeAI(ctx); l != nil {
			ai, owner = append(ai, l.delivery), append(owner, i)
		}
	}
	var aiLeft []int
	var closing sync.WaitGroup
	closing.Go(func() { aiLeft = p.ai.crew.Close(ctx, ai) })
	left = p.analytics.crew.Close(ctx, main)
	closing.Wait()
	for i, n := range aiLeft {
		left[owner[i]] += n
	}
	return left
}

// await waits for clients that are being closed by themselves.
func (p *Pool) await(ctx context.Context, leaving []*ServerClient) {
	for _, c := range leaving {
		select {
		case <-c.closed:
		case <-ctx.Done():
			p.end(context.Cause(ctx))
			grace := time.NewTimer(leavingGrace)
			defer grace.Stop() //nolint:gocritic // once: it returns below
			for _, c := range leaving {
				select {
				case <-c.closed:
				case <-grace.C:
					return
				}
			}
			return
		}
	}
}
