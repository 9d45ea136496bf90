package spool

import "slices"

// dispose gets rid of a file whose segment is over: it becomes a spare, or is
// removed. The given ends are those that it does not say yet.
func (k *keeper) dispose(f *File, ended []int) {
	s := k.spool
	s.mu.Lock()
	committing, spare := f.committing, f.spare
	if committing {
		f.ended = append(ended, f.ended...)
	}
	s.mu.Unlock()
	switch {
	case committing: // the committer will have it looked at again
	case f.broken.Load() && !spare && !f.stuck:
		k.detain(f)
	case f.unread:
		k.forsake(f)
	case !spare && k.reuse(f):
	default:
		k.retire(f, ended)
	}
}

// reuse makes a spare of a file, if that is wanted and possible.
func (k *keeper) reuse(f *File) bool {
	s := k.spool
	s.mu.Lock()
	wanted := len(s.shelf.spares) < maxSpares && !s.unwritable && f.disk.Size() == s.shelf.size
	s.mu.Unlock()
	if !wanted || f.owner != k.own || k.last || f.broken.Load() || f.disk.Reuse() != nil {
		return false
	}
	k.forget(f)
	f.gone = true
	delete(f.owner.files, f)
	clear(f.ends)
	s.mu.Lock()
	s.shelf.bytes -= f.bytes // it is taken into account again
	if !f.stuck {
		s.shelf.leaving -= f.bytes
	}
	s.mu.Unlock()
	k.offer(f.disk, f.owner, f.ends)
	return true
}

// retire removes a file.
func (k *keeper) retire(f *File, ended []int) {
	k.forget(f)
	s := k.spool
	err := f.disk.Retire()
	s.mu.Lock()
	switch {
	case err == nil:
		s.shelf.bytes -= f.bytes
		if !f.stuck {
			s.shelf.leaving -= f.bytes
		}
		if f.limbo {
			s.shelf.limbo -= f.bytes
		}
		s.shelf.announce() // there may be room now
	case !f.stuck:
		f.stuck = true
		s.shelf.leaving -= f.bytes
	}
	s.mu.Unlock()
	if err != nil {
		k.try(f, err)
		_ = k.writeEnds(f, ended) // or what is final would be sent again
		k.close(f)
		return
	}
	f.gone = true
	delete(f.owner.files, f)
	k.leave(f.owner)
}

// forsake leaves a file that could not be read to the next process.
func (k *keeper) forsake(f *File) {
	if !f.stuck {
		f.stuck = true
		k.spool.mu.Lock()
		k.spool.shelf.leaving -= f.bytes
		k.spool.mu.Unlock()
	}
	k.close(f)
}

// maxLimbo bounds the files in limbo. On a disk on which files can be made but
// not written, every try to copy a segment leaves another one that broke. The
// first ones have what was accepted while the disk worked; the others, copies.
const maxLimbo = 64

// detain puts a file into limbo. It broke, but the next process might still
// read it, so it stays until its records are in other files.
func (k *keeper) detain(f *File) {
	if f.limbo {
		return
	}
	if len(k.limbo) >= maxLimbo {
		k.retire(f, nil)
		return
	}
	f.limbo = true
	k.close(f)
	k.limbo = append(k.limbo, f)
	k.spool.mu.Lock()
	k.spool.shelf.limbo += f.bytes
	k.spool.mu.Unlock()
	k.clearToGo(f)
}

// clearToGo lets a file out of limbo after the next round of the committer, if
// nothing is in memory only.
func (k *keeper) clearToGo(f *File) {
	s := k.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.until == 0 && !s.hungry && !s.persist {
		f.until = s.progress.begun + 1
		s.progress.barrier = true
		signal(s.work)
	}
}

// free removes the files whose time in limbo is over, and reports whether there
// were any.
func (k *keeper) free() bool {
	s := k.spool
	s.mu.Lock()
	ended, unsafe := s.progress.ended, s.hungry || s.persist
	s.mu.Unlock()
	if unsafe {
		return false
	}
	var free []*File
	k.limbo = slices.DeleteFunc(k.limbo, func(f *File) bool {
		over := f.until > 0 && (!k.tracking || f.until <= ended)
		if over {
			free = append(free, f)
		}
		return over
	})
	for _, f := range free {
		k.retire(f, nil)
	}
	return len(free) > 0
}
