package flagsync

import (
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/hedgerow/posthog/internal/notice"
)

// listener is a function that is told of changes.
type listener struct {
	tell func(Change)
	told *State // what it knows; belongs to the goroutine that tells, once that runs
}

// OnChange has fn told of every change of the definitions from now on, and returns what ends that. Listeners are
// called one after another on a goroutine of their own, so that a slow one delays the others but never the
// loading; changes that come meanwhile are told as one. A panic is reported and goes no further. Fn may call
// methods of the Loader, but must not wait for Close. After Close it is not called any more.
func (l *Loader) OnChange(fn func(Change)) (unsubscribe func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Whoever publishes has the lock afterwards: it finds this listener, or this listener has seen what it published.
	one := &listener{tell: fn, told: l.state.Load()}
	l.listeners = append(slices.Clip(l.listeners), one)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.listeners = slices.DeleteFunc(slices.Clone(l.listeners), func(other *listener) bool { return other == one })
	}
}

// tellLocked has the listeners told, unless there is nobody to tell or nothing.
func (l *Loader) tellLocked() {
	if l.telling || l.closed || !l.behindLocked() {
		return
	}
	l.telling = true
	l.spawnLocked("flag changes", l.tell)
}

// behindLocked reports whether a listener does not know the State. It must not be called while they are told.
func (l *Loader) behindLocked() bool {
	now := l.state.Load().Generation
	return slices.ContainsFunc(l.listeners, func(one *listener) bool { return one.told.Generation != now })
}

// tell tells all listeners until they know the State.
func (l *Loader) tell() {
	for {
		l.mu.Lock()
		if l.closed || !l.behindLocked() {
			l.telling = false
			l.mu.Unlock()
			return
		}
		listeners, now := l.listeners, l.state.Load()
		l.mu.Unlock()
		var from *State // of the change
		var change Change
		for _, one := range listeners {
			if one.told.Generation == now.Generation || !l.subscribed(one) {
				continue
			}
			if from != one.told {
				from, change = one.told, difference(one.told, now)
			}
			one.told = now
			if !change.empty() {
				l.call(one, change.clone())
			}
		}
	}
}

// subscribed reports whether the listener still wants to be told, and may be.
func (l *Loader) subscribed(one *listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed && slices.Contains(l.listeners, one)
}

// call calls a listener.
func (l *Loader) call(one *listener, change Change) {
	defer func() {
		if value := recover(); value != nil {
			l.config.Report(notice.Error, fmt.Sprintf("posthog: a listener for changes of feature flags panicked: %v\n%s", value, debug.Stack()))
		}
	}()
	one.tell(change)
}
