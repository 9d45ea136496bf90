package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

const (
	// maxAge is how long after its last change a file is kept.
	maxAge = 7 * 24 * time.Hour
	// making is how long a file may be empty, because its owner is about to lock it.
	making = time.Minute
)

// A Sweep is what was found in a directory.
type Sweep struct {
	// Left are the crash files of dead processes, the oldest first, twenty at most. Each is to be ended with
	// [Left.Done] or [Left.Keep].
	Left []*Left
	// Torn are the paths of files that could not be understood just now.
	Torn []string
	// Dropped is how many files were removed, because they were too many, too old or too often tried.
	Dropped int
	// Exhausted says that this process has too many open files to look at all that is there.
	Exhausted bool
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
		s.Exhausted = disk.Exhausted(err)
		return s, fmt.Errorf("read crash directory: %w", err)
	}
	var names []name
	var troubles []error
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		if n, ok := parseName(entry.Name()); ok && !n.torn {
			names = append(names, n)
		} else if ok {
			troubles = append(troubles, s.expire(dir, n, entry, now))
		} else if stem, ok := stepsStem(entry.Name()); ok {
			troubles = append(troubles, expireOrphan(dir, entry, stem, now))
		}
	}
	sort.Slice(names, func(i, j int) bool { return names[i].opened > names[j].opened }) // the newest first
	for _, n := range names {
		troubles = append(troubles, s.take(dir, n, now))
	}
	slices.Reverse(s.Left)
	err = errors.Join(troubles...)
	s.Exhausted = disk.Exhausted(err)
	return s, err
}

// expire removes a torn file when it is old.
func (s *Sweep) expire(dir string, n name, entry os.DirEntry, now time.Time) error {
	info, err := entry.Info()
	if err != nil || now.Sub(info.ModTime()) <= maxAge || os.Remove(filepath.Join(dir, entry.Name())) != nil {
		return nil //nolint:nilerr // another sweeper has it, or the next one will
	}
	s.Dropped++
	return removeSteps(filepath.Join(dir, n.stem+stepsSuffix))
}

// take takes one file, unless its owner lives.
func (s *Sweep) take(dir string, n name, now time.Time) error {
	l, err := take(dir, n, nil, func(l *Left, size int64) error {
		switch {
		case size == 0 && now.Sub(l.Time) < making:
			return ErrHeld
		case len(s.Left) == MaxFiles || l.Attempts > MaxAttempts:
			return ErrDropped
		}
		return nil
	})
	switch {
	case errors.Is(err, ErrHeld), errors.Is(err, os.ErrNotExist):
		return nil // its owner lives, or another sweeper has it
	case errors.Is(err, ErrDropped):
		s.Dropped++
		return nil
	case errors.Is(err, ErrTorn):
		s.Torn = append(s.Torn, filepath.Join(dir, n.aside()))
		return nil
	case err != nil:
		return err
	case !l.silent() && now.Sub(l.Time) > maxAge:
		s.Dropped++
		return l.Done()
	}
	s.Left = append(s.Left, l)
	return nil
}
