package spool

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotSynced means that a record is not known to be as safe as it was
// configured to be. It wraps the reason.
var ErrNotSynced = errors.New("the event was accepted, but is not known to be on the disk")

// patience is how long a caller waits for the disk at most, and syncPatience
// how long if it has to sync.
const (
	patience     = 500 * time.Millisecond
	syncPatience = 5 * time.Second
)

var (
	errInMemory = errors.New("the record is in memory only")
	errOver     = errors.New("the spool is closed")
	errSlow     = errors.New("the disk takes too long")
)

func notSynced(why error) error { return fmt.Errorf("%w: %w", ErrNotSynced, why) }

// Secure returns nil when the record of that sequence, which was appended to a
// file before the call if it is kept, is as safe as it was configured to be.
// With mapped files that is at once, unless every record is to be synced;
// else when it has been written, or synced. One write and one sync serve all
// callers that wait.
//
// It returns [ErrNotSynced], with the reason, if ctx ends first, if the disk
// takes longer than half a second to write or five to sync, if it failed, and for a record that is not kept if every record is to be
// synced. The queue has such a record in memory, and the spool makes another try.
func (s *Spool) Secure(ctx context.Context, sequence uint64, kept bool) error {
	if !s.waits.Load() {
		return nil
	}
	if !kept {
		return s.insecure()
	}
	limit := patience
	if s.config.waits() {
		limit = syncPatience
	}
	var late <-chan time.Time
	for sequence <= s.appended.Load() { // else its file needs no committer
		s.mu.Lock()
		done, err := s.progress.done(sequence)
		changed := s.progress.changed
		s.mu.Unlock()
		if done {
			return err
		}
		if late == nil {
			timer := time.NewTimer(limit)
			defer timer.Stop() //nolint:gocritic // once: late is set from here on
			late = timer.C
		}
		select {
		case <-changed:
		case <-late:
			return notSynced(errSlow)
		case <-ctx.Done():
			return notSynced(context.Cause(ctx))
		}
	}
	return nil
}

// insecure says what Secure says of a record that is in memory only.
func (s *Spool) insecure() error {
	if !s.config.waits() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return notSynced(s.down)
	}
	return notSynced(errInMemory)
}

// progress is how far the committer is. The spool's lock guards it.
type progress struct {
	begun, ended uint64        // rounds
	secured      uint64        // every record up to this sequence is safe, except for
	failedFrom   uint64        // those behind this one
	failedTo     uint64        // up to this one, whose files
	failure      error         // failed for this reason
	barrier      bool          // a round is asked for, whether or not there is something to do
	over         bool          // there are no rounds any more
	changed      chan struct{} // closed and replaced when any of it changes
}

// done reports whether it is known what became of a record, and what did.
func (p *progress) done(sequence uint64) (bool, error) {
	switch {
	case p.failure != nil && p.failedFrom < sequence && sequence <= p.failedTo:
		return true, notSynced(p.failure)
	case sequence <= p.secured:
		return true, nil
	case p.over:
		return true, notSynced(errOver)
	default:
		return false, nil
	}
}

// fail says that a file failed that may hold anything that is not secured, up
// to the given sequence. Whoever asks for older failures so late that there is
// another one is told of that.
func (p *progress) fail(sequence uint64, why error) {
	if p.failure == nil {
		p.failedFrom = p.secured
	}
	p.failedTo, p.failure = sequence, why
	p.announce()
}

// announce wakes those who wait in Secure.
func (p *progress) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
}
