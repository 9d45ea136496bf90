package spool

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Spool keeps segments in files. Use [Open] to make one. Its methods are safe
// for concurrent use; those of [segment.Store] return at once.
type Spool struct {
	config Config

	wake    chan struct{} // capacity 1; anyone sends, the keeper receives
	work    chan struct{} // capacity 1; anyone sends, the committer receives
	closing chan struct{} // closed by the first Close
	kept    chan struct{} // closed by the keeper when it ends
	left    error         // of Close; written before kept is closed

	waits    atomic.Bool   // Secure may have to wait
	appended atomic.Uint64 // sequence of the last record that the committer is to look after

	keeper *keeper

	mu         sync.Mutex // guards everything below, and what File says
	started    bool
	closed     bool          // Close was called
	ended      bool          // nothing is handed out any more
	down       error         // why files cannot be made; nil if they can
	unwritable bool          // it is down because files could not be written
	fault      time.Time     // of the last mapping that broke
	hasty      chan struct{} // closed by the keeper after its next try; nil if nobody waits for it
	hungry     bool          // Begin had nothing: segments may live in memory only
	persist    bool          // and now there may be files for them
	shelf      shelf         // what can be handed out
	active     []*File       // handed out, and neither settled nor discarded
	todo       []*File       // for the keeper, in the order of asking
	progress   progress
}

// Open makes a spool, claims what dead processes left in the directory, and
// makes one file ahead, so that the first record need not wait. It never
// fails: a directory that cannot be used means that the spool is down. It starts no
// goroutine.
func Open(c Config) *Spool {
	c = c.withDefaults()
	s := &Spool{
		config:  c,
		wake:    make(chan struct{}, 1),
		work:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		kept:    make(chan struct{}),
		shelf:   newShelf(c.SegmentSize, c.MaxBytes),
	}
	s.progress.changed = make(chan struct{})
	s.waits.Store(c.waits())
	s.keeper = newKeeper(s, disk.Identity{Lane: c.Lane, Key: disk.KeyOf(c.ProjectKey)})
	s.keeper.begin()
	return s
}

// Found returns the segments that Open found, oldest first. It does so once.
func (s *Spool) Found() []segment.Found {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.keeper.found
	s.keeper.found = nil
	return found
}

// Start starts the keeper, which calls q from then on. Only the first call has
// an effect.
func (s *Spool) Start(q segment.Queue) {
	s.mu.Lock()
	first := !s.started
	s.started = true
	s.mu.Unlock()
	if !first {
		return
	}
	s.keeper.queue = q
	s.config.Life.Go("spool keeper", s.keeper.run)
}

// signal wakes the receiver of a channel with a capacity of one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has yet to see an earlier signal
	}
}

// enqueue has the keeper look at a file. The caller holds the lock.
func (s *Spool) enqueue(f *File) {
	if !f.queued {
		f.queued = true
		s.todo = append(s.todo, f)
	}
	signal(s.wake)
}
