package spool

import (
	"context"
	"fmt"
)

// Close does what is outstanding, gives back every file and directory, removes
// those that are empty, and ends the spool's goroutines. The queue must be done
// with its files; what is in memory only is given a last chance. It may be
// called more than once.
//
// If ctx ends first, the disk is too slow: a goroutine goes on without anyone
// waiting for it, and the error says so. Otherwise the error is nil, or says
// what could not be written or removed.
func (s *Spool) Close(ctx context.Context) error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		s.Start(nil) // what Open made is the keeper's to remove
		close(s.closing)
	}
	select {
	case <-s.kept:
		return s.left
	default:
	}
	select {
	case <-s.kept:
		return s.left
	case <-ctx.Done():
		return fmt.Errorf("close spool: there was no time left for the disk of %s, and a goroutine goes on with it: %w",
			s.config.Dir, context.Cause(ctx))
	}
}

// finish is the keeper's part in Close.
func (k *keeper) finish() {
	s := k.spool
	k.last = true
	k.retry.hasten()
	k.pass()
	k.retry.timer.Stop()
	k.errs = nil // what failed has one more try

	s.mu.Lock()
	s.ended = true
	s.distrustSpares()
	for f := range k.failed {
		s.enqueue(f)
	}
	down := s.down
	s.mu.Unlock()
	k.stopCommitter()
	if now := s.Stats().Down; down == nil {
		k.note(now) // it failed to write the last records
	}
	for k.serve() || k.free() {
	}
	for len(k.owners) > 0 {
		k.vacate(k.owners[0])
	}
	s.left = nil
	if len(k.errs) > 0 {
		s.left = fmt.Errorf("close spool: %d steps failed, the first: %w", len(k.errs), k.errs[0])
	}
}

// vacate leaves a directory, with what is in it, to the next process.
func (k *keeper) vacate(o *owner) {
	for f := range o.files {
		k.note(f.disk.Release())
		delete(o.files, f)
	}
	if o == k.own {
		k.own = nil
	}
	k.leave(o)
}
