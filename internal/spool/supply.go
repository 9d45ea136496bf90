package spool

import (
	"github.com/hedgerow/posthog/internal/segment"
)

// Begin implements [segment.Store]. A file that was made before the disk failed
// is handed out all the same, unless the failure was one of writing.
func (s *Spool) Begin(size int) (segment.File, segment.Supply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, segment.None
	}
	if f := s.shelf.take(size); f != nil {
		f.spare = false
		s.active = append(s.active, f)
		signal(s.wake)
		return f, segment.Ready
	}
	s.hungry = true
	switch {
	case s.down != nil || s.shelf.refused > 0 && size >= s.shelf.refused:
		return nil, segment.None
	case s.shelf.full(size):
		return nil, segment.Full
	default:
		s.shelf.ask(size)
		signal(s.wake)
		return nil, segment.Soon
	}
}

// Changed implements [segment.Store]. It returns the channel that belongs to
// the last Begin that found the supply to be Soon, so it may be called before
// or after that.
func (s *Spool) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shelf.changed
}
