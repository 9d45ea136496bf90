package flagsync

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
)

// Loader keeps definitions up to date. Its methods are safe for concurrent use. It must be closed if it was used.
type Loader struct {
	config Config
	client *client // nil without a secret key

	state     atomic.Pointer[State] // never nil; stored by New and by the Loader's goroutine
	refreshes atomic.Uint64
	unnoticed atomic.Bool // the goroutine is to be told of the next Use: it has not started, or wants to know

	wake   chan struct{} // capacity 1: sent by Use, received by the goroutine, never closed
	wanted chan struct{} // capacity 1: sent by Reload, received by the goroutine, never closed
	ending chan struct{} // closed by the first Close

	goroutines life.Group

	mu        sync.Mutex // guards what follows; never held over a call of anybody else's
	started   bool
	closed    bool
	stop      context.CancelFunc // ends the goroutine; nil before Start
	running   int                // goroutines
	ended     chan struct{}      // closed when closed and running is 0
	hurried   bool               // whoever closed the Loader does not wait any more
	hurry     context.CancelFunc // ends the Provider's Shutdown; nil before it
	ready     chan struct{}      // closed when definitions are loaded; another one when they are cleared
	load      *load              // asked for, or going on without an answer; nil when there is none
	status    Status             // all but what State knows
	listeners []*listener
	telling   bool // the goroutine of the listeners runs
}

// load is one load, and who waits for it.
type load struct {
	done chan struct{} // closed when it has ended
	err  error         // set before that
}

// New returns a Loader that has done nothing yet but compile Config.Bytes. The error is one of these Bytes or of
// the Endpoint.
func New(c Config) (*Loader, error) {
	document := c.Bytes
	l := &Loader{
		config: c.withDefaults(),
		wake:   make(chan struct{}, 1),
		wanted: make(chan struct{}, 1),
		ending: make(chan struct{}),
		ended:  make(chan struct{}),
		ready:  make(chan struct{}),
	}
	l.goroutines.Panicked = func(name string, value any, stack []byte) {
		l.config.Report(notice.Error, fmt.Sprintf("posthog: goroutine %q panicked: %v\n%s", name, value, stack))
	}
	l.state.Store(new(State))
	if l.config.network() && l.config.Secret != "" {
		client, err := newClient(&l.config)
		if err != nil {
			return nil, err
		}
		l.client = client
	}
	if document != nil {
		program, err := compile(document, l.config.Options)
		if err != nil {
			return nil, fmt.Errorf("feature flag definitions in bytes: %w", err)
		}
		l.publish(State{Program: program, Source: Bytes})
	}
	l.unnoticed.Store(l.config.loads())
	return l, nil
}

// State returns what is loaded. It is never nil, and costs one atomic load.
func (l *Loader) State() *State { return l.state.Load() }

// Use returns what is loaded, for an evaluation: the first one starts the loading, and one after a pause resumes
// it. It never waits, and costs two atomic loads.
func (l *Loader) Use() *State {
	if l.unnoticed.Load() {
		l.notice()
	}
	return l.state.Load()
}

// notice tells the goroutine that there was an evaluation.
func (l *Loader) notice() {
	if !l.unnoticed.CompareAndSwap(true, false) {
		return
	}
	l.Start()
	signal(l.wake)
}

// Refreshes counts the loads that succeeded, those included that found nothing new. What is known of keys that
// have no definition is to be forgotten whenever it grows.
func (l *Loader) Refreshes() uint64 { return l.refreshes.Load() }

// Start starts the loading unless it has started, is over, or there is nothing to load. It does not wait.
func (l *Loader) Start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.startLocked()
}

// startLocked is Start for whoever has the lock.
func (l *Loader) startLocked() {
	if l.started || l.closed || !l.config.loads() {
		return
	}
	l.started = true
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.spawnLocked("flag definitions", func() { newWorker(l).run(ctx) })
}

// Close stops the loading, cancels a request that is on its way, shuts the Provider down and waits for all
// goroutines until ctx ends; the error then is that of ctx. What is loaded stays. It may be called again.
func (l *Loader) Close(ctx context.Context) error {
	l.end()
	select {
	case <-l.ended:
		l.goroutines.Wait() // for what is left of their stacks
		return nil
	case <-ctx.Done():
	}
	l.limit(nil)
	select {
	case <-l.ended:
		return nil
	default:
		return fmt.Errorf("goroutines of the feature flag definitions are still running: %w", context.Cause(ctx))
	}
}

// end closes the Loader if nobody has done so.
func (l *Loader) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.ending)
	l.status.NextAttempt = time.Time{}
	switch {
	case l.started:
		l.stop()
	case l.config.network() && l.config.Provider != nil:
		l.spawnLocked("flag definitions", func() { newWorker(l).shutdown() })
	}
	if l.running == 0 {
		close(l.ended)
	}
}

// limit makes stop end the Provider's Shutdown when whoever closed the Loader does not wait any more, or at once
// if that is so already. A nil stop says that it is so now.
func (l *Loader) limit(stop context.CancelFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if stop == nil {
		l.hurried = true
	} else {
		l.hurry = stop
	}
	if l.hurried && l.hurry != nil {
		l.hurry()
	}
}

// spawn starts a goroutine that Close waits for.
func (l *Loader) spawn(name string, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spawnLocked(name, f)
}

// spawnLocked is spawn for whoever has the lock. After Close, only goroutines of the Loader start others, so that
// running is not 0 then.
func (l *Loader) spawnLocked(name string, f func()) {
	l.running++
	l.goroutines.Go(name, func() {
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.running--
			if l.closed && l.running == 0 {
				close(l.ended)
			}
		}()
		f()
	})
}

// signal makes sure that c, whose capacity is 1, is not empty.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
