package flood

import (
	"sync"
	"time"
)

// A Place is where an error was captured. Places are the same if both fields are.
type Place struct {
	Boundary uint8   // through what: a call, a log record, a middleware...
	PC       uintptr // the program counter of the line that did it, 0 if unknown
}

// A Seen remembers which errors were captured a moment ago, so that an error on its way up, captured by the code that
// met it, then by a log and then by a middleware, is one event. It is safe for concurrent use. A nil Seen remembers
// nothing.
//
// A Scope is what an error happened in, such as a request; its zero value means that none is known. It is kept with the
// error until that is forgotten, so an id is better than what it stands for.
type Seen[Scope comparable] struct {
	window time.Duration

	mu    sync.Mutex // guards what is known
	known memory[Scope]
}

// NewSeen returns a Seen that remembers up to size errors, the latest captured ones, each for window after its
// first capture. A size below 1 or a window of 0 or less remembers nothing.
func NewSeen[Scope comparable](size int, window time.Duration) *Seen[Scope] {
	if size < 1 || window <= 0 {
		return nil
	}
	return &Seen[Scope]{window: window, known: newMemory[Scope](size)}
}

// Again reports whether err was captured before, in another place, as the same occurrence; it remembers the place. Of
// calls at once from different places, all but one report true.
//
// It is another occurrence, and Again reports false, when the window since the first capture is over, when both scopes
// are known and differ, and when the place captured it before: a line of code is not reached twice by one error on its
// way up. Beyond four, places of an occurrence are not remembered.
//
// An error that the same place captured again, or that was captured in two scopes, is a value that occurrences share,
// as io.EOF is. From then on, as long as it is remembered, captures of it are one occurrence only where the same scope
// is known of both: without one, nothing tells another place from another failure.
//
// An error that has no identity never is one that was captured before: nil, any that is no pointer, a pointer to
// something without a size, of which Go may put several in one place, to what C declared, and to more than 128 bytes of
// mere numbers.
func (s *Seen[Scope]) Again(err error, scope Scope, at Place, now time.Time) bool {
	if s == nil {
		return false
	}
	id, pointer := identify(err)
	if pointer == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.known.find(id)
	if o == nil || !o.err.on(pointer) { // the address may have been another error's
		if h, ok := holdOf(pointer, id.of.Elem()); ok {
			if o == nil {
				o = s.known.put(id)
			}
			*o = occurrence[Scope]{err: h}
			o.begin(scope, at, now)
		}
		return false
	}
	reached := o.reached(at)
	o.shared = o.shared || reached || o.apart(scope)
	if reached || !o.has(scope, s.window, now) {
		o.begin(scope, at, now)
		return false
	}
	o.join(scope, at)
	return true
}

// Knows reports whether a capture of err in that scope, in a place that did not capture it yet, would be one of an
// occurrence that was captured before. It remembers nothing.
func (s *Seen[Scope]) Knows(err error, scope Scope, now time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(err)
	return o != nil && o.has(scope, s.window, now)
}

// Forget takes back a capture of which Again reported false, because nothing came of it: the next one of err begins
// another occurrence. It does nothing if another occurrence has begun since.
func (s *Seen[Scope]) Forget(err error, scope Scope, at Place) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.find(err); o != nil && o.beganAt(at) && !o.apart(scope) {
		o.count = 0
	}
}

// find returns what is known of err, or nil.
func (s *Seen[Scope]) find(err error) *occurrence[Scope] {
	id, pointer := identify(err)
	if pointer == nil {
		return nil
	}
	if o := s.known.find(id); o != nil && o.err.on(pointer) {
		return o
	}
	return nil
}
