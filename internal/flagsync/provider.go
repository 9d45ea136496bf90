package flagsync

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Provider shares definitions between processes, so that one of them loads for all. Its methods are never called
// at the same time. Each call has a deadline, and its result counts only if it comes before that; a panic is an
// error. No error takes away definitions that are loaded.
type Provider interface {
	// ShouldFetchFlagDefinitions says whether this process is to load from PostHog this time. An error counts
	// as yes where there is a secret key.
	ShouldFetchFlagDefinitions(ctx context.Context) (bool, error)
	// GetFlagDefinitions returns the shared document, nil if there is none. The result is only read, until the
	// next call.
	GetFlagDefinitions(ctx context.Context) ([]byte, error)
	// OnFlagDefinitionsReceived stores the document that this process loaded, or confirmed, when it was to. The
	// document is the Provider's to keep.
	OnFlagDefinitionsReceived(ctx context.Context, document []byte) error
	// Shutdown gives back what the Provider holds. It is called once, as the last call.
	Shutdown(ctx context.Context) error
}

// Yielder is a Provider whose lead lasts until it is given up. Yield is called when a load with the lead failed,
// and when the polling pauses, so that another process may take over.
type Yielder interface {
	YieldFlagDefinitions(ctx context.Context) error
}

// obedience is how long a call may take to notice that its context has ended.
const obedience = 100 * time.Millisecond

var errBusy = errors.New("an earlier call has not returned")

// guard keeps what is the application's, a Provider or a RoundTripper, from doing harm: calls have a deadline even if
// they do not obey it, never overlap, and their panics are errors. It belongs to the Loader's goroutine.
type guard struct {
	name    string // of the goroutines
	timeout time.Duration
	spawn   func(name string, f func())
	busy    chan struct{} // of a call that was given up: closed when it has returned; nil when there is none
}

// call calls f on a goroutine of its own and waits for it until ctx or the timeout ends.
func call[T any](ctx context.Context, g *guard, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	value := new(T) // the call's until it has ended
	ended, err := g.call(ctx, timeout, func(ctx context.Context) (err error) {
		*value, err = f(ctx)
		return err
	})
	if !ended {
		return *new(T), err
	}
	return *value, err
}

// call is for calls without a value. It reports whether f has ended; what it returned is the error then.
func (g *guard) call(ctx context.Context, timeout time.Duration, f func(context.Context) error) (ended bool, err error) {
	if !g.free() {
		return false, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	results := make(chan error, 1)  // the call sends once
	returned := make(chan struct{}) // closed after that
	g.spawn(g.name, func() {
		result := errors.New("the call ended its goroutine")
		defer close(returned)
		defer func() {
			if value := recover(); value != nil {
				result = fmt.Errorf("panic: %v", value)
			}
			results <- result
			cancel()
		}()
		result = f(ctx)
	})
	select {
	case err := <-results:
		return true, err
	case <-ctx.Done():
	}
	grace := time.NewTimer(obedience)
	defer grace.Stop()
	select {
	case err := <-results: // it obeys
		return true, err
	case <-grace.C:
		g.busy = returned
		return false, fmt.Errorf("no result: %w", ctx.Err())
	}
}

// free reports whether no call is running.
func (g *guard) free() bool {
	if g.busy == nil {
		return true
	}
	select {
	case <-g.busy:
		g.busy = nil
		return true
	default:
		return false
	}
}

// wait returns when no call is running, or with an error when ctx ends.
func (g *guard) wait(ctx context.Context) error {
	if g.busy == nil {
		return nil
	}
	select {
	case <-g.busy:
		g.busy = nil
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errBusy, ctx.Err())
	}
}
