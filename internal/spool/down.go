package spool

import (
	"context"

	"github.com/hedgerow/posthog/internal/notice"
)

// fail says that no file can be made.
func (k *keeper) fail(why error) {
	s := k.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail(why)
}

// Hasten gives a disk that failed another try now, and returns when it has been
// made or ctx ends.
func (s *Spool) Hasten(ctx context.Context) {
	s.mu.Lock()
	if !s.started || s.down == nil && !s.hungry {
		s.mu.Unlock()
		return
	}
	if s.hasty == nil {
		s.hasty = make(chan struct{})
	}
	tried := s.hasty
	s.mu.Unlock()
	signal(s.wake)
	select {
	case <-tried:
	case <-s.kept:
	case <-ctx.Done():
	}
}

// hasten makes the next try due if that was asked for, and returns what tells
// that it has been made.
func (k *keeper) hasten() (tried func()) {
	s := k.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	hasty := s.hasty
	if hasty == nil {
		return func() {}
	}
	s.hasty = nil
	k.retry.hasten()
	return func() { close(hasty) }
}

// troubled reports whether something is to be tried again.
func (k *keeper) troubled() bool {
	s := k.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down != nil || s.shelf.refused > 0 || len(k.failed) > 0 || k.unclaimed != nil
}

// tryAgain gives everything another try that failed.
func (k *keeper) tryAgain() {
	s := k.spool
	s.mu.Lock()
	down, hungry := s.down, s.hungry
	for f := range k.failed {
		s.enqueue(f)
	}
	s.shelf.refused = 0
	s.persist = s.persist || hungry // which asks for large files again
	s.mu.Unlock()
	if down != nil && (!k.last || hungry) {
		if err := k.comeBack(); err != nil {
			s.mu.Lock()
			s.down = err
			s.mu.Unlock()
			return
		}
	}
	if k.unclaimed != nil {
		k.claim()
	}
}

// comeBack makes a file, to see whether that is possible again.
func (k *keeper) comeBack() error {
	s := k.spool
	if k.own != nil {
		if err := k.own.disk.Present(); vanished(err) {
			k.abandon(err)
		}
	}
	if k.own == nil {
		if err := k.establish(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	possible := s.shelf.fits(s.shelf.size)
	var surplus *File
	if !possible || len(s.shelf.spares) >= maxSpares {
		if surplus = pop(&s.shelf.spares); surplus != nil {
			possible = true
			s.discard(surplus)
		}
	}
	s.mu.Unlock()
	if surplus != nil {
		k.dispose(surplus, nil)
	}
	if possible {
		if err := k.create(s.shelf.size); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.unwritable = nil, false
	s.shelf.announce()
	return nil
}

// report tells the log that the spool is down, or is so no longer.
func (k *keeper) report() {
	s := k.spool
	s.mu.Lock()
	down := s.down
	s.mu.Unlock()
	was := k.reported
	k.reported = down
	switch {
	case down != nil && was == nil:
		s.config.Notices.Report(notice.Error, "spool down",
			"posthog: the spool in %s cannot be used, so new events are in memory only until it can: %v; "+
				"make sure that the directory can be written to and that its disk has room and works", s.config.Dir, down)
	case down == nil && was != nil:
		s.config.Notices.Over("spool down")
		s.config.Notices.Report(notice.Warn, "spool back", // whoever heard the one should hear the other
			"posthog: the spool in %s can be used again, and what is in memory is copied into it", s.config.Dir)
	}
}
