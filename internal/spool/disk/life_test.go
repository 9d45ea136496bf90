package disk_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// life is what a process did with a spool, as far as it got.
type life struct {
	state    map[int]state // of the records, by number
	owner    *disk.Owner
	segments []*disk.Segment
}

type state uint8

const (
	offered  state = iota // an append began
	appended              // and succeeded
	ending                // the write of its end began
	ended                 // and succeeded
)

// live leads a life through everything that can be done with a spool, until
// something fails.
func (l *life) live(sys disk.System, dir string) error {
	l.state = make(map[int]state)
	o, err := disk.NewOwner(sys, dir, analytics)
	if err != nil {
		return err
	}
	l.owner = o
	if err := l.work(o); err != nil {
		return err
	}
	return o.Close()
}

// leave gives up everything that is open, and leaves the files.
func (l *life) leave() {
	for _, s := range l.segments {
		_ = s.Release()
	}
	if l.owner != nil {
		_ = l.owner.Close()
	}
}

func (l *life) work(o *disk.Owner) error {
	a, err := l.create(o, 8192)
	if err != nil {
		return err
	}
	b, err := l.create(o, 1<<15)
	if err != nil {
		return err
	}
	var c *writer
	for _, step := range []func() error{
		func() error { return l.append(a, 1, 4, 100) },
		func() error { return l.end(a, 1, 0, 2) },
		func() error { return a.s.Populate(4096, 8192) },
		func() error { return l.append(a, 5, 6, 700) },
		a.seal,
		a.s.Unmap,
		func() error { return l.append(b, 101, 102, 5000) },
		func() error { return l.end(a, 1, 1, 3, 4, 5) },
		a.s.Reuse,
		func() error { a = newWriter(a.s); return nil },
		func() error { return l.append(b, 103, 103, 1) },
		func() error { return l.append(a, 201, 203, 100) },
		b.seal,
		b.s.Release,
		func() error { _, err := b.s.Load(make([]byte, b.summary.Used)); return err },
		func() error { return l.end(a, 201, 0) },
		func() error { return l.end(b, 101, 0, 1, 2) },
		b.s.Retire,
		func() error { c, err = l.create(o, 4096); return err },
		func() error { return l.append(c, 301, 301, 10) },
		func() error { return a.seal() },
		func() error { return a.s.Release() },
		func() error { return l.end(a, 201, 1, 2) },
		func() error { return a.s.Retire() },
		func() error { return l.end(c, 301, 0) },
		func() error { return c.s.Retire() },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// inherit claims what threeDead left, and ends it record by record, until
// something fails.
func (l *life) inherit(t *testing.T, sys disk.System, dir string) error {
	t.Helper()
	l.state = map[int]state{1: appended, 2: appended, 3: appended, 11: appended, 12: appended, 13: appended}
	sweep, err := disk.Claim(sys, dir, analytics, nil)
	if err != nil {
		return err
	}
	for _, s := range sweep.Segments {
		area := make([]byte, s.Pending().Used)
		contents, err := s.Load(area)
		if err != nil {
			return err
		}
		if contents.Err != nil || len(contents.Pending) != 3 {
			t.Errorf("got %d records and error %v, want 3 and none", len(contents.Pending), contents.Err)
		}
		ends := make([]byte, disk.EndsSize(s.Size()))
		for i, offset := range contents.Pending {
			n, at := number(area[offset:]), disk.End(offset)
			l.state[n], ends[at] = ending, disk.Final
			if i < 2 { // the last is final when the file is gone
				err = s.WriteEnds(ends, at, at)
			} else {
				err = s.Retire()
			}
			if err != nil {
				return err
			}
			l.state[n] = ended
		}
	}
	for _, o := range sweep.Owners {
		if err := o.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) create(o *disk.Owner, size int) (*writer, error) {
	s, err := o.Create(size, false)
	if err != nil {
		return nil, err
	}
	l.segments = append(l.segments, s)
	return newWriter(s), nil
}

// append appends the records first to last.
func (l *life) append(w *writer, first, last, payload int) error {
	for n := first; n <= last; n++ {
		l.state[n] = offered
		if err := w.append(n, n, payload); err != nil {
			return err
		}
		l.state[n] = appended
	}
	return nil
}

// end ends the records at these places of a segment whose first is that one.
func (l *life) end(w *writer, first int, places ...int) error {
	for _, i := range places {
		l.state[first+i] = ending
	}
	if err := w.end(places...); err != nil {
		return err
	}
	for _, i := range places {
		l.state[first+i] = ended
	}
	return nil
}

// check returns an error unless these records are what must be found after
// such a life.
func (l *life) check(found []int) error {
	seen := make(map[int]bool)
	for _, n := range found {
		s, known := l.state[n]
		if !known || s == ended || seen[n] {
			return fmt.Errorf("record %d was found, and must not be: it is known: %v, ended: %v, found before: %v", n, known, s == ended, seen[n])
		}
		seen[n] = true
	}
	for n, s := range l.state {
		if s == appended && !seen[n] {
			return fmt.Errorf("record %d was appended, and is lost", n)
		}
	}
	return nil
}
