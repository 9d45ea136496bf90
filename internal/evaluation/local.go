package evaluation

import (
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/flagsync"
)

// views keep the view of the definitions that are loaded.
type views struct {
	current atomic.Pointer[view]
	making  sync.Mutex // held while a view is made, so that only one is
}

// definitions returns what is loaded, nil if nothing is.
func (e *Engine) definitions(l *flagsync.Loader) *view {
	state := l.Use()
	if !state.Loaded() {
		return nil
	}
	if v := e.views.current.Load(); v != nil && v.state == state {
		return v
	}
	return e.views.of(state, e.config.Contexts)
}

// of returns the view of a state, or of a later one.
func (v *views) of(state *flagsync.State, contexts []string) *view {
	v.making.Lock()
	defer v.making.Unlock()
	if current := v.current.Load(); current != nil &&
		(current.state == state || current.state.Generation > state.Generation) {
		return current
	}
	made := newView(state, contexts)
	v.current.Store(made)
	return made
}

// subjects are copies of subjects that got the time. They are not made anew for each question, because an evaluation
// may keep them on the heap.
type subjects struct{ free sync.Pool }

// subject returns whom to evaluate for, with the time if the program needs it and the request does not say. It must be
// handed back to done.
func (e *Engine) subject(r *Request, v *view) *flags.Subject {
	if !v.usesClock || !r.Subject.Now.IsZero() {
		return &r.Subject
	}
	s, ok := e.subjects.free.Get().(*flags.Subject)
	if !ok {
		s = new(flags.Subject)
	}
	*s = r.Subject
	s.Now = e.config.Now()
	return s
}

// done ends the use of what subject returned.
func (e *Engine) done(s *flags.Subject, r *Request) {
	if s != &r.Subject {
		*s = flags.Subject{}
		e.subjects.free.Put(s)
	}
}
