package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// What Take says of a file that cannot be had, beside errors of the operating system such as os.ErrNotExist.
var (
	// ErrHeld says that the owner of the file lives, or that somebody else has taken it.
	ErrHeld = errors.New("somebody has the crash file")
	// ErrTorn says that the file could not be understood, and was set aside.
	ErrTorn = errors.New("the crash file has no header")
	// ErrDropped says that the file was removed unread, because it had been taken too often.
	ErrDropped = errors.New("the crash file was removed unread")
)

// Take takes the crash file with that path, as [Find] does, except that no age is too great: who asks for a file knows that
// its owner has just died. Who inherited its [File.Guard] passes that on, and has the lock all the time: it belongs to
// the Left, and with an error it may be closed. For others it is nil. The files of a dying process are closed one after the other; who
// sees that it dies may be told ErrHeld for a moment still.
func Take(path string, guard *os.File) (*Left, error) {
	dir, base := filepath.Split(path)
	n, ok := parseName(base)
	if !ok || n.torn {
		return nil, fmt.Errorf("take crash file: %q is not the name of one", base)
	}
	return take(dir, n, guard, func(l *Left, _ int64) error {
		if l.Attempts > MaxAttempts {
			return ErrDropped
		}
		return nil
	})
}

// take takes a file, by its guard if there is one, unless judge, which is given its size, says why not. With ErrDropped
// it removes it.
func take(dir string, n name, guard *os.File, judge func(l *Left, size int64) error) (*Left, error) {
	path := filepath.Join(dir, n.path())
	lock, err := open(path, guard)
	if err != nil {
		return nil, fmt.Errorf("open crash file: %w", err)
	}
	if err := lock.Lock(); err != nil || !same(lock, path) {
		_ = lock.Close() // it was not written to
		if err == nil || errors.Is(err, disk.ErrHeld) {
			return nil, fmt.Errorf("%w: %s", ErrHeld, path)
		}
		return nil, fmt.Errorf("lock crash file: %w", err)
	}
	l := &Left{path: path, steps: filepath.Join(dir, n.stem+stepsSuffix), lock: lock, Attempts: n.attempts + 1}
	info, err := lock.Stat()
	if err != nil {
		_ = lock.Close() // it was not written to
		return nil, fmt.Errorf("examine crash file: %w", err)
	}
	l.Time = info.ModTime()
	if err := judge(l, info.Size()); err != nil {
		if errors.Is(err, ErrDropped) {
			if err := l.Done(); err != nil {
				return nil, err
			}
		}
		l.Keep()
		return nil, fmt.Errorf("%w: %s", err, path)
	}
	again := filepath.Join(dir, n.again())
	if os.Rename(path, again) == nil { // not everywhere, while it is open
		l.path = again
	}
	switch err := l.read(info.Size()); {
	case errors.Is(err, ErrTorn):
		_ = lock.Close() // it was only read
		if err := os.Rename(l.path, filepath.Join(dir, n.aside())); err != nil {
			return nil, fmt.Errorf("set crash file aside: %w", err)
		}
		return nil, fmt.Errorf("%w: %s", ErrTorn, path)
	case err != nil:
		_ = lock.Close() // it was only read
		return nil, fmt.Errorf("read crash file: %w", err)
	}
	l.Steps = readSteps(l.steps)
	return l, nil
}

// open opens a crash file, unless its guard is open.
func open(path string, guard *os.File) (disk.Handle, error) {
	if guard != nil {
		return disk.Adopt(guard), nil
	}
	return disk.Local().Open(path, os.O_RDWR)
}
