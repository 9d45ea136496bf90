package spool

import "time"

// committer writes and syncs. It is a goroutine of its own, because a sync may
// take as long as everything that the keeper does.
type committer struct {
	spool  *Spool
	stop   chan struct{} // closed by the keeper
	ended  chan struct{} // closed by the committer when it ends
	timer  *time.Timer   // until the next sync of those for which nobody waits
	armed  bool
	jobs   []commit
	buffer []byte // to stage frames in while others are written
}

// commit is what one round does to one file.
type commit struct {
	file   *File
	frames []byte
	at     int
	err    error
}

func newCommitter(s *Spool) *committer {
	c := &committer{spool: s, stop: make(chan struct{}), ended: make(chan struct{}), timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	return c
}

func (c *committer) run() {
	defer close(c.ended)
	defer c.spool.over()
	for {
		select {
		case <-c.spool.work:
			c.commit(c.spool.config.SyncInterval <= 0)
		case <-c.timer.C:
			c.armed = false
			c.commit(true)
		case <-c.stop:
			c.commit(true)
			c.timer.Stop()
			return
		}
	}
}

// over says that there will be no round any more.
func (s *Spool) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress.over = true
	s.progress.announce()
}

// commit makes a round. If somebody waits for syncs it makes rounds until
// nothing was appended during the last one: a copy into mapped memory that comes
// just before its file is synced is in time for the sync, but not for the
// sequence of the round, and no signal follows.
func (c *committer) commit(sync bool) {
	config := &c.spool.config
	for {
		sequence, unsynced := c.round(sync && config.syncs())
		if !config.waits() {
			if unsynced && !c.armed {
				c.armed = true
				c.timer.Reset(config.SyncInterval)
			}
			return
		}
		if c.spool.appended.Load() == sequence {
			return
		}
	}
}

// round writes what was appended to each file up to now, and syncs it. It
// returns the sequence up to which it went, and whether anything is left that
// a later round has to sync.
func (c *committer) round(sync bool) (sequence uint64, unsynced bool) {
	s := c.spool
	s.mu.Lock()
	if s.config.syncs() && (s.progress.barrier || s.unsettled() > maxOpen) {
		sync = true
	}
	s.progress.barrier = false
	s.progress.begun++
	sequence = s.appended.Load()
	for _, f := range s.active {
		if f.tracked && (len(f.staged) > 0 || sync && f.unsynced.Load()) {
			f.committing = true
			c.jobs = append(c.jobs, commit{file: f, frames: f.staged, at: f.stagedAt})
			if len(f.staged) > 0 {
				f.staged, c.buffer = c.buffer[:0], nil
			}
		}
	}
	s.mu.Unlock()
	for i := range c.jobs {
		c.jobs[i].err = c.jobs[i].do(sync)
	}
	return sequence, c.conclude(sequence)
}

// unsettled counts the sealed files that wait for a sync, with an open
// descriptor each. The caller holds the lock.
func (s *Spool) unsettled() (n int) {
	for _, f := range s.active {
		if f.sealing {
			n++
		}
	}
	return n
}

// do writes and syncs one file.
func (j *commit) do(sync bool) error {
	f := j.file
	if len(j.frames) > 0 {
		if err := f.disk.WriteFrames(j.at, j.frames); err != nil {
			return err
		}
		f.unsynced.Store(f.spool.config.syncs())
	}
	if sync && f.unsynced.Swap(false) {
		return f.disk.Sync()
	}
	return nil
}

// conclude tells everyone how a round went, and reports whether something is
// left to be synced.
func (c *committer) conclude(sequence uint64) (unsynced bool) {
	s := c.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range c.jobs {
		j := &c.jobs[i]
		j.file.committing = false
		if j.err != nil && !j.file.discarded {
			s.giveUp(j.file, j.err)
			s.failWriting(j.err)
		}
		if j.file.discarded {
			s.enqueue(j.file) // the keeper may have passed it over
		}
		if cap(j.frames) > cap(c.buffer) {
			c.buffer = j.frames[:0]
		}
	}
	clear(c.jobs)
	c.jobs = c.jobs[:0]
	for i := len(s.active) - 1; i >= 0; i-- {
		f := s.active[i]
		if !f.tracked {
			continue
		}
		left := f.unsynced.Load()
		unsynced = unsynced || left
		if f.sealing && !left && len(f.staged) == 0 {
			s.settle(f)
		}
	}
	s.progress.secured = sequence
	s.progress.ended = s.progress.begun
	s.progress.announce()
	if s.shelf.limbo > 0 {
		signal(s.wake)
	}
	return unsynced
}
