package spool

import "github.com/hedgerow/posthog/internal/segment"

// giveUp says that a file broke: its segment has to be copied into another
// one. The files that were made with it are not trusted either. The caller
// holds the lock.
func (s *Spool) giveUp(f *File, why error) {
	if f.broken.Swap(true) {
		return
	}
	f.staged = nil
	s.deactivate(f)
	s.hungry, s.persist = true, true
	if f.tracked {
		s.progress.fail(s.appended.Load(), why)
	}
	s.distrustSpares()
	signal(s.wake)
}

// distrustSpares has everything on the shelf removed. The caller holds the
// lock.
func (s *Spool) distrustSpares() {
	for _, f := range s.shelf.clear() {
		s.discard(f)
	}
}

// fail says that no file can be made. The caller holds the lock.
func (s *Spool) fail(why error) {
	if s.down == nil {
		s.down = why
	}
	s.shelf.announce()
	signal(s.wake)
}

// failWriting says that files can be made, perhaps, but not written. The
// caller holds the lock.
func (s *Spool) failWriting(why error) {
	s.unwritable = true
	s.fail(why)
}

var _ segment.File = (*File)(nil)
var _ segment.Store = (*Spool)(nil)
