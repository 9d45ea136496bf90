package spool

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// page is the size of what the kernel writes back at once.
const page = 4096

// File is a [segment.File]: the copy of one segment on a disk. Its methods are
// called with the queue's lock held, so one at a time, and wait for nothing but
// the spool's lock; Append to mapped memory does not even wait for that.
type File struct {
	spool   *Spool
	disk    *disk.Segment
	owner   *owner
	bytes   int64
	mapped  bool // Append copies into mapped memory
	tracked bool // the committer has to write or to sync what is appended
	found   bool // another process filled it

	broken   atomic.Bool
	unsynced atomic.Bool  // something was appended, and no sync began since
	reached  atomic.Int64 // how far it is filled, to the page

	// The spool's lock guards these.
	ended      []int           // offsets of final records that the file does not say yet
	summary    segment.Summary // when it is sealing
	sealing    bool            // nothing is appended any more
	settled    bool            // and the committer is done with it
	spare      bool            // it was never handed out
	discarded  bool            // its segment is over
	committing bool            // the committer is writing or syncing it
	queued     bool            // it is among the spool's todo
	staged     []byte          // salted frames that are to be written
	stagedAt   int             // where they go
	load       *load
	until      uint64 // the round of the committer after which it may go; see limbo

	keeping
}

// keeping is what the keeper alone knows of a file.
type keeping struct {
	made      time.Time
	populated time.Time
	ends      []byte // all ends, as the file has or shall have them; nil if the file has to be asked
	first     int    // of the ends that are to be written
	last      int    // of them; less than first if there are none
	sealed    bool   // nothing is to be written but ends
	loads     int    // tries of the current load
	unread    bool   // it could not be loaded, but may be another time
	limbo     bool   // it is in limbo, and counted there
	stuck     bool   // it could not be removed, and so counts again
	gone      bool   // it is removed, or somebody else's
}

// load is what the queue asked for.
type load struct {
	area []byte
	done func(segment.Contents)
}

// Append implements [segment.File]. Into mapped memory it copies, and that is
// all; it makes no system call and allocates nothing.
func (f *File) Append(offset int, frame []byte, sequence uint64) bool {
	if f.broken.Load() {
		return false
	}
	if !f.mapped {
		return f.stage(offset, frame, sequence)
	}
	if !f.disk.Append(offset, frame) {
		f.faulted()
		return false
	}
	if end := offset + len(frame); offset/page != end/page {
		f.reached.Store(int64(end))
	}
	return !f.tracked || f.note(sequence)
}

// note has a frame synced that was copied into mapped memory, and reports
// whether the file is still good.
func (f *File) note(sequence uint64) bool {
	s := f.spool
	// The copy comes before the mark, and the mark before the sequence: a round
	// that knows the sequence finds the mark, and syncs the copy.
	marked := f.unsynced.Load()
	if !marked {
		f.unsynced.Store(true)
	}
	s.appended.Store(sequence)
	if !marked || !f.unsynced.Load() { // the round that took the mark may not know the sequence
		signal(s.work)
	}
	// A failure that does not know the sequence is known here.
	return !f.broken.Load()
}

// stage leaves a frame to the committer.
func (f *File) stage(offset int, frame []byte, sequence uint64) bool {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.broken.Load() {
		return false
	}
	if len(f.staged) == 0 {
		f.stagedAt = offset
		signal(s.work)
	}
	f.staged = f.disk.AppendSalted(f.staged, frame)
	s.appended.Store(sequence)
	return true
}

// errFault says that a mapping broke.
var errFault = errors.New("the file was truncated, or its disk cannot be written")

// faultPause is how far apart faults are that do not say that the disk fails.
const faultPause = time.Second

// faulted gives up a file whose mapping broke. A single one may have been
// truncated by somebody; two in short order are the disk's fault.
func (f *File) faulted() {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	again := now.Sub(s.fault) < faultPause
	s.fault = now
	s.giveUp(f, errFault)
	if again {
		s.failWriting(errFault)
	}
}

// Broken implements [segment.File].
func (f *File) Broken() bool { return f.broken.Load() }

// Settled reports whether everything that was appended is as safe as it was
// configured to be. Until then the memory of the segment is the one copy that
// can be trusted. Without a committer it is true at once, else some time after
// Seal.
func (f *File) Settled() bool {
	if !f.tracked {
		return true
	}
	f.spool.mu.Lock()
	defer f.spool.mu.Unlock()
	return f.settled
}

// End implements [segment.File]. The file says so soon afterwards.
func (f *File) End(offsets []int) {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	f.ended = append(f.ended, offsets...)
	s.enqueue(f)
}

// Seal implements [segment.File].
func (f *File) Seal(summary segment.Summary) {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	f.summary, f.sealing = summary, true
	if f.tracked {
		signal(s.work)
	} else {
		s.settle(f)
	}
}

// settle says that the committer is done with a sealed file. The caller holds
// the lock.
func (s *Spool) settle(f *File) {
	f.settled = true
	s.deactivate(f)
	s.enqueue(f)
}

// Load implements [segment.File]. It calls done on the keeper. What cannot be
// opened at the moment is tried again.
func (f *File) Load(area []byte, done func(segment.Contents)) {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	f.load = &load{area: area, done: done}
	s.enqueue(f)
}

// Discard implements [segment.File]. The file is used again, or removed. If it
// broke, it stays until the records are in other files.
func (f *File) Discard() {
	s := f.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.discarded {
		return
	}
	s.discard(f)
}

// discard is Discard. The caller holds the lock.
func (s *Spool) discard(f *File) {
	f.discarded = true
	f.staged = nil
	s.shelf.leaving += f.bytes
	s.deactivate(f)
	s.enqueue(f)
}

// deactivate removes f from those that are handed out and not settled. The caller holds the
// lock.
func (s *Spool) deactivate(f *File) {
	for i := range s.active {
		if s.active[i] == f {
			s.active = append(s.active[:i], s.active[i+1:]...)
			return
		}
	}
}
