package flagsync

import (
	"context"
	"fmt"
	"time"
)

// Reload loads now and returns the error of that load, or joins one that is going on and has no answer yet. It
// returns when ctx ends; the load goes on then. The error is ErrClosed after Close and ErrNoSource if nothing can ever be loaded.
func (l *Loader) Reload(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reload feature flag definitions: %w", context.Cause(ctx))
	}
	joined, err := l.join()
	if joined == nil || err != nil {
		return err
	}
	select {
	case <-joined.done:
		return joined.err
	case <-ctx.Done():
		return fmt.Errorf("reload feature flag definitions: %w", context.Cause(ctx))
	}
}

// join returns a load that has no answer yet, or asks for one. It returns nil if there is nothing to load.
func (l *Loader) join() (*load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return nil, ErrClosed
	case !l.config.loads() && l.State().Loaded():
		return nil, nil // bytes need no loading
	case !l.config.loads():
		return nil, ErrNoSource
	}
	if l.load == nil {
		l.load = &load{done: make(chan struct{})}
		signal(l.wanted)
	}
	l.startLocked() // its first load is this one
	return l.load, nil
}

// begin begins a load, which callers of Reload may join until it is sealed.
func (l *Loader) begin() *load {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.load == nil {
		l.load = &load{done: make(chan struct{})}
	}
	select {
	case <-l.wanted: // this is the load
	default:
	}
	l.status.LastAttempt = time.Now()
	l.status.NextAttempt = time.Time{}
	l.status.Paused = false
	return l.load
}

// seal ends the time in which a load can be joined: its answer has come, and whoever asks now may know of something
// newer.
func (l *Loader) seal(begun *load) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.load == begun {
		l.load = nil
	}
}

// finish ends a load with its error.
func (l *Loader) finish(begun *load, err error) {
	l.seal(begun)
	begun.err = err
	close(begun.done)
}

// refuse ends the load that somebody waits for after the last one.
func (l *Loader) refuse() {
	l.mu.Lock()
	waiting := l.load
	l.mu.Unlock()
	if waiting != nil {
		l.finish(waiting, ErrClosed)
	}
}

// Ready returns a channel that is closed while definitions are loaded. After the project's quota was used up,
// which clears them, it is another one.
func (l *Loader) Ready() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ready
}

// Wait returns nil as soon as definitions are loaded, wherever from. Otherwise it returns when ctx ends, with an
// error that wraps ctx's and that of the last load. The error is ErrNoSource at once if nothing can ever be
// loaded, and ErrClosed after Close. It counts as an evaluation.
func (l *Loader) Wait(ctx context.Context) error {
	if l.Use().Loaded() {
		return nil
	}
	if !l.config.loads() {
		return ErrNoSource
	}
	select {
	case <-l.Ready():
		return nil
	case <-l.ending:
		return ErrClosed
	case <-ctx.Done():
	}
	if l.State().Loaded() {
		return nil
	}
	if last := l.Status().LastError; last != nil {
		return fmt.Errorf("wait for feature flag definitions: %w (the last load: %w)", context.Cause(ctx), last)
	}
	return fmt.Errorf("wait for feature flag definitions: %w", context.Cause(ctx))
}
