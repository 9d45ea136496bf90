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

// openSteps opens a file of steps. It returns nil if there is none. The name means no other file later on: it is never
// given again.
func openSteps(path string) disk.Handle {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	steps, err := disk.Local().Open(path, os.O_RDWR)
	if err != nil {
		return nil
	}
	return steps
}

// readSteps reads the steps of the dead, if there are any. It needs no lock: whoever has the one of the crash file knows
// that nobody adds steps any more, although the kernel may not have closed their file yet.
func readSteps(path string) [][]byte {
	steps := openSteps(path)
	if steps == nil {
		return nil
	}
	defer func() { _ = steps.Close() }() // it was only read
	info, err := steps.Stat()
	if err != nil {
		return nil
	}
	return ring.Read(steps, info.Size())
}

// removeSteps removes the steps of the dead, if there are any. As for reading them, the lock of the crash file is enough.
func removeSteps(path string) error {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // there are none
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove steps file: %w", err)
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
	path := filepath.Join(dir, entry.Name())
	steps := openSteps(path)
	if steps == nil {
		return nil
	}
	if steps.Lock() != nil {
		_ = steps.Close() // it was not written to
		return nil        //nolint:nilerr // its owner lives, whose crash file somebody removed
	}
	early := removeSteps(path) // while the lock keeps others away, where that works
	_ = steps.Close()          // it was not written to
	if early != nil {
		return removeSteps(path)
	}
	return nil
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
