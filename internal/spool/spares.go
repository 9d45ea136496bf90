package spool

import (
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// restock makes one file if the shelf lacks one, and reports whether it did
// something.
func (k *keeper) restock() bool {
	s := k.spool
	s.mu.Lock()
	if s.down != nil || k.last && !s.hungry {
		s.mu.Unlock()
		return false
	}
	size, surplus := s.shelf.lacks()
	if surplus != nil {
		s.discard(surplus)
	}
	s.mu.Unlock()
	if surplus != nil {
		k.dispose(surplus, nil)
		return true
	}
	if size == 0 {
		return false
	}
	if k.own == nil {
		if err := k.establish(); err != nil {
			k.fail(err)
			return false
		}
	}
	err := k.create(size)
	switch {
	case err == nil:
		return true
	case size > s.shelf.size: // there may be room for those that are not as large
		k.refuse(size, err)
		return true
	default:
		k.fail(err)
		return false
	}
}

// refuse says that no file of that size can be made for now.
func (k *keeper) refuse(size int, why error) {
	s := k.spool
	s.mu.Lock()
	s.shelf.asked, s.shelf.refused = 0, size
	s.shelf.announce()
	s.mu.Unlock()
	s.config.Notices.Report(notice.Warn, "spool large",
		"posthog: the spool in %s cannot make a file of %d bytes, so an event of that size is in memory only until it can: %v", s.config.Dir, size, why)
}

// create makes a file in our directory and puts it on the shelf.
func (k *keeper) create(size int) error {
	d, err := k.own.disk.Create(size, k.spool.config.syncs())
	if err != nil {
		return err
	}
	k.offer(d, k.own, nil)
	return nil
}

// offer puts a file on the shelf that is as good as new. The ends are memory
// for them, or nil.
func (k *keeper) offer(d *disk.Segment, o *owner, ends []byte) {
	s := k.spool
	f := k.newFile(d, o)
	f.spare, f.made, f.populated = true, k.now, k.now
	if ends == nil {
		ends = make([]byte, disk.EndsSize(d.Size()))
	}
	f.ends = ends
	if !f.mapped {
		s.waits.Store(true)
	}
	if f.tracked {
		k.tracking = true
		k.startCommitter()
	}
	s.mu.Lock()
	s.shelf.put(f)
	if s.hungry {
		s.persist = true
	}
	s.mu.Unlock()
}

// startCommitter starts the committer, if the keeper is started and it is not.
func (k *keeper) startCommitter() {
	if k.committer == nil && k.running {
		k.committer = newCommitter(k.spool)
		k.spool.config.Life.Go("spool committer", k.committer.run)
	}
}

// stopCommitter has the committer write and sync what is left, and waits for
// its end.
func (k *keeper) stopCommitter() {
	c := k.committer
	k.running, k.committer = false, nil
	if c == nil {
		k.spool.over()
		return
	}
	close(c.stop)
	<-c.ended
}

// fetchTime is how long a file that was made to measure waits to be fetched.
const fetchTime = time.Second

// sweep has files removed that were made to measure for nobody. It reports
// whether there were any.
func (k *keeper) sweep() bool {
	s := k.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	files := s.shelf.stale(k.now.Add(-fetchTime))
	for _, f := range files {
		s.discard(f)
	}
	return len(files) > 0
}
