package file

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// maxAge is how long after its last change a file is kept.
const maxAge = 7 * 24 * time.Hour

// A Sweep is what was found in a directory.
type Sweep struct {
	// Left are the crash files of dead processes, the oldest first, twenty at most. Each is to be ended with
	// [Left.Done] or [Left.Keep].
	Left []*Left
	// Torn are the paths of files that could not be understood just now.
	Torn []string
	// Dropped is how many files were removed unread, because they were too many, too old or too often tried.
	Dropped int
}

// Find takes the crash files that dead processes left in dir. Files that cannot be opened or read stay and are
// reported with the error, beside what was found. A directory that does not exist is an empty one.
func Find(dir string, now time.Time) (Sweep, error) {
	var s Sweep
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return s, nil
		}
		return s, fmt.Errorf("read crash directory: %w", err)
	}
	var names []name
	for _, entry := range entries {
		n, ok := parseName(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		if n.torn {
			s.expire(filepath.Join(dir, entry.Name()), entry, now)
			continue
		}
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b name) int { return cmp.Compare(b.opened, a.opened) }) // the newest first
	var troubles []error
	for _, n := range names {
		if err := s.take(dir, n, now); err != nil {
			troubles = append(troubles, err)
		}
	}
	slices.Reverse(s.Left)
	return s, errors.Join(troubles...)
}

// expire removes a torn file when it is old.
func (s *Sweep) expire(path string, entry os.DirEntry, now time.Time) {
	if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > maxAge && os.Remove(path) == nil {
		s.Dropped++
	}
}

// take takes one file, unless its owner lives.
func (s *Sweep) take(dir string, n name, now time.Time) error {
	path := filepath.Join(dir, n.path())
	lock, err := disk.Local().Open(path, os.O_RDWR)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil // another sweeper has it
		}
		return fmt.Errorf("open crash file: %w", err)
	}
	if err := lock.Lock(); err != nil || !same(lock, path) {
		_ = lock.Close() // it was not written to
		if err == nil || errors.Is(err, disk.ErrHeld) {
			return nil
		}
		return fmt.Errorf("lock crash file: %w", err)
	}
	l := &Left{path: path, lock: lock, Attempts: n.attempts + 1}
	info, err := lock.Stat()
	if err != nil {
		_ = lock.Close() // it was not written to
		return fmt.Errorf("examine crash file: %w", err)
	}
	l.Time = info.ModTime()
	if len(s.Left) == MaxFiles || l.Attempts > MaxAttempts || now.Sub(l.Time) > maxAge {
		s.Dropped++
		return l.Done()
	}
	again := filepath.Join(dir, n.again())
	if os.Rename(path, again) == nil { // not everywhere, while it is open
		l.path = again
	}
	switch err := l.read(info.Size()); {
	case errors.Is(err, errTorn):
		aside := filepath.Join(dir, n.stem+torn)
		_ = lock.Close() // it was only read
		if err := os.Rename(l.path, aside); err != nil {
			return fmt.Errorf("set crash file aside: %w", err)
		}
		s.Torn = append(s.Torn, aside)
	case err != nil:
		_ = lock.Close() // it was only read
		return fmt.Errorf("read crash file: %w", err)
	default:
		s.Left = append(s.Left, l)
	}
	return nil
}
