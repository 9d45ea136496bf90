package spool

import (
	"time"

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
	if err := k.create(size); err != nil {
		k.fail(err)
		return false
	}
	return true
}

// create makes a file and puts it on the shelf.
func (k *keeper) create(size int) error {
	s := k.spool
	if k.own == nil {
		if err := k.establish(); err != nil {
			return err
		}
	}
	d, err := k.own.disk.Create(size, s.config.syncs())
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
