package faulty

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// ErrKilled is what every operation answers when the process is as good as
// dead.
var ErrKilled = errors.New("killed")

// Op is an operation on a System, a Handle or a Mapping, before it happens.
type Op struct {
	Number int    // from 1, in the order in which operations began
	Name   string // of the method, like "Open" or "Append"
	Path   string // of the file or directory; of the first of two
}

// String returns the operation for messages, like "7 Open dir/lock".
func (o Op) String() string { return fmt.Sprintf("%d %s %s", o.Number, o.Name, o.Path) }

// System is a disk.System that can fail. Its methods, and those of what it
// opens, may be called by several goroutines at once.
type System struct {
	inner disk.System

	life sync.RWMutex // held for reading while something happens beneath

	mu       sync.Mutex // guards what is below
	ops      int
	before   func(Op) error
	failAt   int // 0: never
	failure  error
	lasting  bool
	killAt   int // 0: never
	torn     bool
	dead     bool
	unmapped bool
	budget   int64 // what is left; negative: no bound
	charged  map[string]int64
	handles  map[*handle]struct{}
	mappings map[*mapping]struct{}
	opened   int // handles that are not closed
	mapped   int // mappings that are not unmapped
}

// New returns a System that does what inner does until it is told otherwise.
func New(inner disk.System) *System {
	return &System{
		inner:    inner,
		budget:   -1,
		charged:  make(map[string]int64),
		handles:  make(map[*handle]struct{}),
		mappings: make(map[*mapping]struct{}),
	}
}

// verdict is what is to become of an operation.
type verdict uint8

const (
	proceed verdict = iota
	refuse
	die
	tear // do half of it, and die
)

// begin counts an operation and decides about it. The error is nil if it is to
// proceed. Who is told to tear it has to call Kill.
func (s *System) begin(name, path string) (verdict, error) {
	s.mu.Lock()
	s.ops++
	op := Op{Number: s.ops, Name: name, Path: path}
	before := s.before
	v, err := s.decide(op)
	s.mu.Unlock()
	if v == die {
		s.Kill()
	}
	if v != proceed || before == nil {
		return v, err
	}
	if err := before(op); err != nil { // without the lock, because it may wait
		return refuse, err
	}
	return proceed, nil
}

// decide is called with the lock held.
func (s *System) decide(op Op) (verdict, error) {
	switch {
	case s.dead:
		return refuse, ErrKilled
	case op.Number == s.killAt && s.torn:
		return tear, ErrKilled
	case op.Number == s.killAt:
		return die, ErrKilled
	case op.Number == s.failAt, s.lasting && s.failAt > 0 && op.Number > s.failAt:
		return refuse, &os.PathError{Op: op.Name, Path: op.Path, Err: s.failure}
	default:
		return proceed, nil
	}
}

// do performs an operation that cannot be torn.
func (s *System) do(name, path string, perform func() error) error {
	v, err := s.begin(name, path)
	if v == tear {
		s.Kill()
	}
	if err != nil {
		return err
	}
	return s.alive(perform)
}

// alive performs what the living can.
func (s *System) alive(perform func() error) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.isDead() {
		return ErrKilled
	}
	return perform()
}

func (s *System) isDead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// MkdirAll implements disk.System.
func (s *System) MkdirAll(dir string) error {
	return s.do("MkdirAll", dir, func() error { return s.inner.MkdirAll(dir) })
}

// Mkdir implements disk.System.
func (s *System) Mkdir(dir string) error {
	return s.do("Mkdir", dir, func() error { return s.inner.Mkdir(dir) })
}

// ReadDir implements disk.System.
func (s *System) ReadDir(dir string) (entries []os.DirEntry, err error) {
	err = s.do("ReadDir", dir, func() (err error) { entries, err = s.inner.ReadDir(dir); return err })
	return entries, err
}

// Stat implements disk.System.
func (s *System) Stat(name string) (info os.FileInfo, err error) {
	err = s.do("Stat", name, func() (err error) { info, err = s.inner.Stat(name); return err })
	return info, err
}

// SyncDir implements disk.System.
func (s *System) SyncDir(dir string) error {
	return s.do("SyncDir", dir, func() error { return s.inner.SyncDir(dir) })
}

// Rename implements disk.System.
func (s *System) Rename(from, to string) error {
	return s.do("Rename", from, func() error {
		err := s.inner.Rename(from, to)
		if err == nil {
			s.mu.Lock()
			s.charged[to] += s.charged[from]
			delete(s.charged, from)
			s.mu.Unlock()
		}
		return err
	})
}

// Remove implements disk.System. What it removes counts no more.
func (s *System) Remove(name string) error {
	return s.do("Remove", name, func() error {
		err := s.inner.Remove(name)
		if err == nil {
			s.refund(name)
		}
		return err
	})
}

// Open implements disk.System.
func (s *System) Open(name string, flag int) (disk.Handle, error) {
	var h *handle
	err := s.do("Open", name, func() error {
		inner, err := s.inner.Open(name, flag)
		if err != nil {
			return err
		}
		h = &handle{system: s, inner: inner, name: name}
		s.mu.Lock()
		s.handles[h] = struct{}{}
		s.opened++
		s.mu.Unlock()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}
