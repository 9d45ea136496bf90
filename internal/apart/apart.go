// Package apart calls what is the host's, such as a round tripper or a store, in a way that it can do no harm to who
// calls: it may hang whatever its context says, panic, or end its goroutine.
//
// Each call runs on a goroutine of its own, which the Group owns and its Close waits for. The caller waits for the result
// only as long as the context of the call lasts. The package keeps nothing of a call and never logs.
package apart

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/life"
)

const (
	// obedience is how long a call may take to notice that its context has ended.
	obedience = 5 * time.Millisecond
	// maxDeaf is how many calls that do not obey are left running. Until one of them ends, there are no others.
	maxDeaf = 64
)

// The errors of Do that are not those of the call.
var (
	// ErrDeaf: the call goes on although its context has ended, or too many others do.
	ErrDeaf = errors.New("does not obey its context")
	// ErrClosed: the call was not made, because of Close.
	ErrClosed = errors.New("closed")
)

// A Group is the calls of one kind. The zero value is ready to use, and safe for concurrent use.
type Group struct {
	// Name is that of the goroutines in profiles. It is set before the first Do.
	Name string

	goroutines life.Group

	mu      sync.Mutex // guards what follows
	closed  bool
	running int           // goroutines
	deaf    int           // of these, those that nobody waits for any more
	ended   chan struct{} // closed when closed and running is 0; made by Close
}

// Do calls f, which must not use what the caller may change, and returns what f does. If ctx ends and f does not soon
// after, the error is ErrDeaf. A panic is an error.
func Do[T any](ctx context.Context, g *Group, f func() (T, error)) (T, error) {
	value := new(T) // the call's until it has ended
	ended, err := g.do(ctx, func() (err error) {
		*value, err = f()
		return err
	})
	if !ended {
		return *new(T), err
	}
	return *value, err
}

// do is Do for calls without a value. It reports whether f has ended; what it returned is the error then.
func (g *Group) do(ctx context.Context, f func() error) (ended bool, err error) {
	results := make(chan error, 1) // the call sends once
	left := false                  // nobody waits any more; guarded by g.mu
	err = g.spawn(&left, func() {
		result := errors.New("ended its goroutine")
		defer func() {
			if value := recover(); value != nil {
				result = fmt.Errorf("panic: %v", value)
			}
			results <- result
		}()
		result = f()
	})
	if err != nil {
		return false, err
	}
	select {
	case err := <-results:
		return true, err
	case <-ctx.Done():
	}
	grace := time.NewTimer(obedience)
	defer grace.Stop()
	select {
	case err := <-results:
		return true, err
	case <-grace.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case err := <-results:
		return true, err
	default:
		left = true
		g.deaf++
		return false, ErrDeaf
	}
}

// spawn starts the goroutine of a call.
func (g *Group) spawn(left *bool, f func()) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return ErrClosed
	case g.deaf >= maxDeaf:
		return ErrDeaf
	}
	g.running++
	g.goroutines.Go(g.Name, func() {
		defer g.end(left)
		f()
	})
	return nil
}

// end counts a goroutine off.
func (g *Group) end(left *bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if *left {
		g.deaf--
	}
	if g.closed && g.running == 0 {
		close(g.ended)
	}
}

// Close ends nothing, but lets no further call begin, and waits for those that are running until ctx ends; the error then
// is that of ctx. It may be called again.
func (g *Group) Close(ctx context.Context) error {
	select {
	case <-g.close():
		g.goroutines.Wait() // for what is left of their stacks
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w: %w", g.Name, ErrDeaf, context.Cause(ctx))
	}
}

// close returns what is closed when all goroutines have ended.
func (g *Group) close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed, g.ended = true, make(chan struct{})
		if g.running == 0 {
			close(g.ended)
		}
	}
	return g.ended
}
