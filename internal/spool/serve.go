package spool

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// serve does what is to be done for one file, and reports whether there was
// one.
func (k *keeper) serve() bool {
	s := k.spool
	s.mu.Lock()
	if len(s.todo) == 0 {
		s.mu.Unlock()
		return false
	}
	f := s.todo[0]
	s.todo[0] = nil
	s.todo = s.todo[1:]
	f.queued = false
	ended, discarded, settled, asked := f.ended, f.discarded, f.settled, f.load
	f.ended = nil
	s.mu.Unlock()

	delete(k.failed, f)
	switch {
	case f.gone:
		return true
	case discarded:
		k.dispose(f, ended)
		return true
	}
	k.try(f, k.writeEnds(f, ended))
	if settled && !f.sealed {
		k.try(f, k.seal(f))
	}
	if asked != nil {
		k.read(f, asked)
	}
	if settled {
		k.touch(f)
	}
	return true
}

// try remembers a file for which something failed.
func (k *keeper) try(f *File, err error) {
	if err == nil {
		return
	}
	k.failed[f] = struct{}{}
	k.note(err)
	if !k.last {
		k.spool.config.Notices.Report(notice.Warn, "spool behind",
			"posthog: a file of the spool in %s cannot be read or updated at the moment, and will be tried again; "+
				"until then events may be late, or be sent twice after a restart: %v", k.spool.config.Dir, err)
	}
}

// note keeps an error for Close.
func (k *keeper) note(err error) {
	if err != nil && k.last {
		k.errs = append(k.errs, err)
	}
}

// seal writes down what is in a file. The mapping stays as long as the
// descriptor does: the file will be used again soon, or be closed.
func (k *keeper) seal(f *File) error {
	if f.broken.Load() {
		return nil
	}
	if err := f.disk.Seal(f.summary); err != nil {
		return err
	}
	f.sealed = true
	return nil
}

// maxLoads is how often a file is tried that cannot be opened, unless that is
// because this process has too many open.
const maxLoads = 6

// read reads the contents of a file and hands them to the queue.
func (k *keeper) read(f *File, asked *load) {
	s := k.spool
	contents, err := f.disk.Load(asked.area)
	if err != nil {
		f.loads++
		gone := errors.Is(err, fs.ErrNotExist)
		if !gone && !k.last && (disk.Exhausted(err) || f.loads < maxLoads) {
			k.try(f, err)
			return
		}
		f.unread = !gone
		contents = segment.Contents{Err: err}
	}
	f.loads = 0
	s.mu.Lock()
	f.load = nil
	if f.broken.Load() {
		s.hungry, s.persist = true, true // it is in memory now, and has to get another file
	}
	s.mu.Unlock()
	asked.done(contents)
}

// maxOpen bounds the sealed files with a descriptor and a mapping. Those that
// are written have one each, and so have those on the shelf.
const maxOpen = 8

// touch keeps the descriptor of a sealed file, and gives back that of the one
// that was used least recently if there are too many.
func (k *keeper) touch(f *File) {
	k.forget(f)
	k.open = append(k.open, f)
	if len(k.open) > maxOpen {
		k.close(k.open[0])
	}
}

// forget removes a file from those with a descriptor.
func (k *keeper) forget(f *File) {
	k.open = slices.DeleteFunc(k.open, func(other *File) bool { return other == f })
}

// close gives back the descriptor and the mapping of a file, and the memory
// for its ends.
func (k *keeper) close(f *File) {
	k.forget(f)
	if f.last < f.first {
		f.ends = nil
	}
	k.note(f.disk.Release())
}

// writeEnds says in the file that the records at these offsets are final, and
// those of earlier calls that failed.
func (k *keeper) writeEnds(f *File, offsets []int) error {
	if f.broken.Load() || len(offsets) == 0 && f.last < f.first {
		return nil
	}
	if f.ends == nil {
		ends := make([]byte, disk.EndsSize(f.disk.Size()))
		if err := f.disk.ReadEnds(ends); err != nil {
			k.spool.mu.Lock()
			f.ended = append(offsets, f.ended...)
			k.spool.mu.Unlock()
			return err
		}
		f.ends = ends
	}
	for _, offset := range offsets {
		i := disk.End(offset)
		f.ends[i] = disk.Final
		if f.last < f.first {
			f.first, f.last = i, i
		}
		f.first, f.last = min(f.first, i), max(f.last, i)
	}
	if err := f.disk.WriteEnds(f.ends, f.first, f.last); err != nil {
		return err
	}
	f.first, f.last = 0, -1
	return nil
}
