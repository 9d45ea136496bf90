package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// stepsSuffix ends the name of a file of steps. What is in front of it is the stem of the crash file.
const stepsSuffix = ".steps"

// stepsStem returns the stem in the name of a file of steps.
func stepsStem(text string) (stem string, ok bool) {
	stem, found := strings.CutSuffix(text, stepsSuffix)
	if !found {
		return "", false
	}
	n, ok := parseName(stem + suffix)
	return stem, ok && n.attempts == 0
}

// OpenSteps makes the file of this process's steps, of that many bytes, or returns the one that was made before. Who takes
// the crash of this process takes them with it; Remove removes both. See [ring.Create] for sizes.
func (f *File) OpenSteps(size int) (*ring.Ring, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return nil, ErrRemoved
	}
	if f.steps != nil {
		return f.steps, nil
	}
	steps, err := ring.Create(strings.TrimSuffix(f.path, suffix)+stepsSuffix, size)
	if err != nil {
		return nil, err
	}
	f.steps = steps
	return steps, nil
}

// EndSteps ends the steps of this process, and nothing else: their file stays with the crash file.
func (f *File) EndSteps() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keepSteps()
}

// keepSteps ends the steps of this process, and leaves their file with the crash file.
func (f *File) keepSteps() {
	if f.steps != nil {
		_ = f.steps.Close() // the kernel has them
	}
}

// lockSteps opens a file of steps whose owner is dead. It returns nil if there is none. The name means no other file
// later on: it is never given again.
func lockSteps(path string) disk.Handle {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	lock, err := disk.Local().Open(path, os.O_RDWR)
	if err != nil {
		return nil
	}
	if lock.Lock() != nil {
		_ = lock.Close() // it was not written to
		return nil
	}
	return lock
}

// readSteps reads the steps of the dead, if there are any.
func readSteps(path string) [][]byte {
	lock := lockSteps(path)
	if lock == nil {
		return nil
	}
	defer func() { _ = lock.Close() }() // it was only read
	info, err := lock.Stat()
	if err != nil {
		return nil
	}
	return ring.Read(lock, info.Size())
}

// removeSteps removes the steps of the dead, if there are any.
func removeSteps(path string) error {
	lock := lockSteps(path)
	if lock == nil {
		return nil
	}
	early := os.Remove(path) // while the lock keeps others away, where that works
	_ = lock.Close()         // it was not written to
	if early != nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove steps file: %w", err)
		}
	}
	return nil
}

// expireOrphan removes steps that nobody will read, when they are old.
func expireOrphan(dir string, entry os.DirEntry, stem string, now time.Time) error {
	info, err := entry.Info()
	if err != nil || now.Sub(info.ModTime()) <= maxAge {
		return nil //nolint:nilerr // it is gone
	}
	if hasCrash(dir, stem) {
		return nil
	}
	return removeSteps(filepath.Join(dir, entry.Name())) // unless its owner lives, whose crash file somebody removed
}

// hasCrash says whether there is a crash file with that stem. It looks in the order in which a file gets its names, so
// one that is being renamed is not missed.
func hasCrash(dir, stem string) bool {
	for attempts := range MaxAttempts + 1 {
		if exists(filepath.Join(dir, name{stem: stem, attempts: attempts}.path())) {
			return true
		}
	}
	return exists(filepath.Join(dir, name{stem: stem}.aside()))
}

// exists says whether there is, or may be, a file with that name.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, os.ErrNotExist)
}
