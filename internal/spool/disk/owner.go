package disk

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Owner is a directory whose lock this process holds, and the segments in it.
// Its methods must not run at the same time as each other, nor as those of its
// segments that must run alone.
type Owner struct {
	sys  System
	id   Identity
	root string // what the directory is in
	mark string // what its name ends in
	lock Handle
	info os.FileInfo // of the locked file

	ordinal uint64 // of the newest segment
	synced  bool   // the directory itself survives a power cut
	closed  bool
}

const (
	lockName = "lock"
	suffix   = ".segment"
	// attempts is how often an owner is overtaken by sweepers, while it makes or
	// removes its directory, before that is an error. Among sweepers that do
	// nothing but sweep it loses every other time.
	attempts = 100
)

// errLost says that a directory went to a sweeper before its lock was taken.
var errLost = errors.New("somebody else was faster")

// NewOwner makes dir if it is missing, and in it a directory of the
// identity's, whose lock it holds from then on.
func NewOwner(sys System, dir string, id Identity) (*Owner, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	if err := sys.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make spool directory: %w", err)
	}
	// Between its making and its locking, a directory looks like a dead
	// owner's. Whoever loses it makes another.
	for try := 1; ; try++ {
		o, err := makeOwner(sys, dir, id)
		if err == nil || !errors.Is(err, errLost) || try == attempts {
			return o, err
		}
	}
}

func makeOwner(sys System, root string, id Identity) (*Owner, error) {
	var mark [markSize / 2]byte
	_, _ = rand.Read(mark[:]) // never fails
	o := &Owner{sys: sys, id: id, root: root, mark: hex.EncodeToString(mark[:])}
	if err := sys.Mkdir(o.Dir()); err != nil {
		return nil, fmt.Errorf("make owner directory: %w", err)
	}
	err := o.take()
	if err == nil {
		return o, nil
	}
	if !errors.Is(err, errLost) { // else whoever has the lock removes them
		_ = sys.Remove(o.lockPath())
		_ = sys.Remove(o.Dir())
	}
	return nil, err
}

// take takes the lock, and makes sure that it is the directory's. The error is
// ErrHeld and errLost if another has it, and errLost if the directory is gone.
func (o *Owner) take() error {
	lock, err := o.sys.Open(o.lockPath(), os.O_RDWR|os.O_CREATE)
	if isGone(err) {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	if err := o.hold(lock); err != nil {
		return errors.Join(err, lock.Close())
	}
	return nil
}

func (o *Owner) hold(lock Handle) error {
	if err := lock.Lock(); err != nil {
		if errors.Is(err, ErrHeld) {
			return fmt.Errorf("%w: %w", errLost, err)
		}
		return fmt.Errorf("take lock: %w", err)
	}
	info, err := lock.Stat()
	if err != nil {
		return fmt.Errorf("look at lock: %w", err)
	}
	o.lock, o.info = lock, info
	err = o.Present()
	if isGone(err) || errors.Is(err, ErrReplaced) {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

// Dir returns the owner's directory.
func (o *Owner) Dir() string { return filepath.Join(o.root, o.id.directory(o.mark)) }

func (o *Owner) lockPath() string { return filepath.Join(o.Dir(), lockName) }

// ErrReplaced is what became of a directory in whose place is another one.
var ErrReplaced = errors.New("it was replaced by another one")

// Present returns nil if the owner's directory is still the one whose lock it
// holds. The error is ErrReplaced if it is not, fs.ErrNotExist if it is gone, and
// any other if nobody can say.
func (o *Owner) Present() error {
	info, err := o.sys.Stat(o.lockPath())
	if err == nil && !os.SameFile(info, o.info) || errors.Is(err, syscall.ENOTDIR) { // a file has its name
		err = ErrReplaced
	}
	if err != nil {
		return fmt.Errorf("owner directory %s: %w", o.Dir(), err)
	}
	return nil
}

// Close removes the directory and its lock if nothing else is in it, and gives
// the lock back in any case. Segments of the owner must be released or
// retired before. A second call does nothing.
func (o *Owner) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	empty, err := o.empty()
	if !empty {
		return errors.Join(err, o.unlock())
	}
	if removeOpen {
		// The lock goes while it is held, so that nobody finds it in between.
		return errors.Join(o.remove(), o.unlock())
	}
	err = o.unlock()
	_ = o.remove() // whoever found it in between has it open, and removes it later
	return err
}

// remove removes the lock and the directory. A sweeper that comes in between
// makes a lock of its own, and removes both.
func (o *Owner) remove() error {
	if err := o.sys.Remove(o.lockPath()); err != nil && !isGone(err) {
		return fmt.Errorf("remove lock: %w", err)
	}
	for try := 1; ; try++ {
		err := o.sys.Remove(o.Dir())
		if err == nil || isGone(err) {
			return nil
		}
		info, failed := o.sys.Stat(o.lockPath())
		if failed == nil && !os.SameFile(info, o.info) {
			return nil // the sweeper removes it
		}
		// Else the sweeper may have removed its lock just now, and the directory
		// comes next.
		if !errors.Is(err, fs.ErrExist) || !isGone(failed) || try == attempts {
			return fmt.Errorf("remove owner directory: %w", err)
		}
	}
}

// empty reports whether the directory is ours and holds nothing but the lock.
func (o *Owner) empty() (bool, error) {
	err := o.Present()
	if isGone(err) || errors.Is(err, ErrReplaced) {
		return false, nil // what is not ours is not our business
	}
	if err != nil {
		return false, err
	}
	entries, err := o.sys.ReadDir(o.Dir())
	if isGone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("close owner directory: %w", err)
	}
	return len(entries) == 1 && entries[0].Name() == lockName, nil
}

func (o *Owner) unlock() error {
	err := o.lock.Close()
	if err != nil {
		return fmt.Errorf("close lock: %w", err)
	}
	return nil
}

// segmentPath is the path of the segment with the ordinal.
func (o *Owner) segmentPath(ordinal uint64) string {
	return filepath.Join(o.Dir(), fmt.Sprintf("%010d%s", ordinal, suffix))
}

// isGone reports whether err says that a file or directory is not there, or that
// a file is where its directory was.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// isSegment reports whether a file of this name is a segment.
func isSegment(name string) bool {
	digits, found := strings.CutSuffix(name, suffix)
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}
