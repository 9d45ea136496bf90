package adapter

import (
	"errors"
	"slices"
	"sync"
)

// maxSessions bounds the clients that exist at once. The harness runs ten tests at a time and leaves the clients of
// finished ones behind, so the oldest makes room.
const maxSessions = 64

var errClosed = errors.New("the adapter is shutting down")

// sessions holds the clients of all tests by the id of the test. It never ends one: whoever takes a session out does.
type sessions struct {
	mu     sync.Mutex // guards what follows
	byTest map[string]*session
	ids    []string // of byTest, the oldest first
	closed bool
}

// of returns the session of a test, or nil.
func (s *sessions) of(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byTest[id]
}

// put adds a session, and returns those that it took out for it: the test's former one, and the oldest of too many.
func (s *sessions) put(id string, added *session) (out []*session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if old := s.take(id); old != nil {
		out = append(out, old)
	}
	if len(s.ids) == maxSessions {
		out = append(out, s.take(s.ids[0]))
	}
	if s.byTest == nil {
		s.byTest = make(map[string]*session)
	}
	s.byTest[id] = added
	s.ids = append(s.ids, id)
	return out, nil
}

// remove takes the session of a test out, and returns nil if there is none.
func (s *sessions) remove(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take(id)
}

// close takes all sessions out, and refuses new ones.
func (s *sessions) close() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var out []*session
	for len(s.ids) > 0 {
		out = append(out, s.take(s.ids[0]))
	}
	return out
}

func (s *sessions) take(id string) *session {
	out := s.byTest[id]
	if out != nil {
		delete(s.byTest, id)
		s.ids = slices.DeleteFunc(s.ids, func(other string) bool { return other == id })
	}
	return out
}
