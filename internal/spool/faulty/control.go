package faulty

import (
	"os"
	"syscall"
)

// FailAt lets the operation with this number fail with err, and no other. Ops
// tells the number of the last one.
func (s *System) FailAt(number int, err error) { s.fail(number, err, false) }

// FailFrom lets the operation with this number fail with err, and all that
// follow, until Heal.
func (s *System) FailFrom(number int, err error) { s.fail(number, err, true) }

// Heal takes FailAt, FailFrom, Before and Limit back.
func (s *System) Heal() {
	s.fail(0, nil, false)
	s.Before(nil)
	s.Limit(-1)
}

func (s *System) fail(number int, err error, lasting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failAt, s.failure, s.lasting = number, err, lasting
}

// Before calls f before every operation, on its goroutine. If f returns an
// error, that is the operation's. F may wait, and be called by several
// goroutines at once. Nil ends it.
func (s *System) Before(f func(Op) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Limit lets the files under the System grow by that many bytes more, and then
// fails with ENOSPC. What is removed is won back. Negative means no bound.
func (s *System) Limit(bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget = bytes
}

// Unmapped lets Map answer disk.ErrNoMapping from now on.
func (s *System) Unmapped() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unmapped = true
}

// KillAt is Kill just before the operation with this number. If it is torn, as
// much of it is done as a signal could let happen: a write up to its last page
// boundary, an Append without its state.
func (s *System) KillAt(number int, torn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killAt, s.torn = number, torn
}

// Kill does what the end of a process does: it closes all files, and so gives
// back their locks, and ends all mappings. Every operation fails from now on.
func (s *System) Kill() {
	s.life.Lock()
	defer s.life.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
	for h := range s.handles {
		_ = h.inner.Close()
	}
	for m := range s.mappings {
		_ = m.inner.Unmap()
	}
	clear(s.handles)
	clear(s.mappings)
	s.opened, s.mapped = 0, 0
}

// Ops returns how many operations have begun.
func (s *System) Ops() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ops
}

// Opened returns how many handles are not closed.
func (s *System) Opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Mapped returns how many mappings are not unmapped.
func (s *System) Mapped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mapped
}

// charge takes what a file of that name grows by, if it is to have size bytes,
// from what is left.
func (s *System) charge(name string, size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	more := size - s.charged[name]
	if more <= 0 {
		return nil
	}
	if s.budget >= 0 {
		if more > s.budget {
			return &os.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
		}
		s.budget -= more
	}
	s.charged[name] = size
	return nil
}

// refund gives back what was taken for the file.
func (s *System) refund(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.budget >= 0 {
		s.budget += s.charged[name]
	}
	delete(s.charged, name)
}
