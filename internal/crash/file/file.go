package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Errors of a file.
var (
	// ErrTooLarge says that a header is longer than 64 KiB, or a record longer than a megabyte.
	ErrTooLarge = errors.New("too large for a crash file")
	// ErrNotWritten says that there was no room for records, or no disk, and that the file is as it was.
	ErrNotWritten = errors.New("write to crash file")
	// ErrRemoved says that the file was removed.
	ErrRemoved = errors.New("the crash file was removed")
)

// attempts is how often a new file may go to a sweeper, before that is an error. Among sweepers that do nothing but sweep
// it may go every other time.
const attempts = 100

// room is how much of the disk is reserved for what comes next: the runtime has no second chance to write, and a disk that was
// full until then would have none for it. The goroutine that failed comes first, and is in it.
const room = 64 << 10

// errLost says that a file went to a sweeper before its lock was taken.
var errLost = errors.New("somebody else was faster")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A File is the crash file of this process. Its methods are safe for concurrent use.
type File struct {
	path   string
	output *os.File
	lock   disk.Handle
	size   int64 // of header and separator

	mu      sync.Mutex // guards what follows, and is held while the disk is waited for
	end     int64      // of the last record, or of the header
	scratch []byte
	steps   *ring.Ring // nil until somebody asks for it
	removed bool
}

// Create makes the crash file of this process in dir, which is made if it is missing. It fails if the directory cannot
// be written, or if the system has no locks. Whoever made it keeps it: its lock ends when nothing refers to it.
func Create(dir string, h Header, now time.Time) (*File, error) {
	h.Version = version
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode header of crash file: %w", err)
	}
	head = append(append(head, '\n'), separator...)
	if len(head) > maxHeader {
		return nil, fmt.Errorf("header of crash file: %w", ErrTooLarge)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make crash directory: %w", err)
	}
	// Between its making and its locking, a file may be looked at by a sweeper, who lets go of it. Who loses it makes another.
	for try := 1; ; try++ {
		f, err := create(filepath.Join(dir, newName(now, h.PID)), head)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, errLost) || try == attempts {
			return nil, fmt.Errorf("make crash file: %w", err)
		}
	}
}

func create(path string, head []byte) (*File, error) {
	output, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, output: output, size: int64(len(head)), end: int64(len(head))}
	if err := f.claim(head); err != nil {
		f.abandon()
		_ = os.Remove(path) // it may be gone
		return nil, err
	}
	return f, nil
}

// claim locks the file and writes the header. Before it is locked, the file is empty, so that nobody takes it for that of
// the dead.
func (f *File) claim(head []byte) error {
	lock, err := disk.Local().Open(f.path, os.O_RDWR)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return errLost
		}
		return err
	}
	f.lock = lock
	if err := lock.Lock(); err != nil {
		if errors.Is(err, disk.ErrHeld) {
			return errLost
		}
		return err
	}
	if !same(lock, f.path) {
		return errLost
	}
	if _, err = f.output.Write(head); err != nil {
		return err
	}
	reserve(f.output, f.end)
	return nil
}

// same says whether path names the file that is open.
func same(open disk.Handle, path string) bool {
	info, err := open.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(info, named)
}

// Output returns the file for the runtime to write to, which may keep a handle of its own. It must not be closed.
func (f *File) Output() *os.File { return f.output }

// Guard returns what holds the lock: a process that inherits it holds the lock as well, as long as it lives, or
// until Remove or Leave. It must not be closed.
func (f *File) Guard() *os.File { return disk.OSFile(f.lock) }

// Record adds a record, which is JSON on one line, and returns when the disk has it. It writes once, and allocates
// nothing but what the first records need.
func (f *File) Record(record []byte) error {
	if len(record) > maxRecord-frame {
		return fmt.Errorf("record of crash file: %w", ErrTooLarge)
	}
	if bytes.IndexByte(record, '\n') >= 0 {
		return errors.New("record of crash file: it has several lines")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return ErrRemoved
	}
	f.scratch = appendRecord(f.scratch[:0], record)
	return f.append(f.scratch)
}

// append adds records with a single write, and syncs them. The lock is held.
func (f *File) append(lines []byte) error {
	written, err := f.output.Write(lines)
	if err != nil {
		if written > 0 { // half a record would hide those that come after it
			if f.output.Truncate(f.end) != nil {
				return fmt.Errorf("write to crash file: %w", err) // which says more
			}
			reserve(f.output, f.end)
		}
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	f.end += int64(written)
	reserve(f.output, f.end)
	if err := f.output.Sync(); err != nil {
		return fmt.Errorf("sync crash file: %w", err)
	}
	return nil
}

// Reserve has the disk keep room for what the runtime writes, if it had none before. A disk that is full is no error.
func (f *File) Reserve() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.removed {
		reserve(f.output, f.end)
	}
}

// Lost reports whether somebody removed the file, or moved it: what is written to it nobody will find.
func (f *File) Lost() bool {
	info, err := f.lock.Stat()
	if err != nil {
		return false // it is closed
	}
	named, err := os.Lstat(f.path)
	if err != nil {
		return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	}
	return !os.SameFile(info, named)
}

// Reset removes all records, which were delivered.
func (f *File) Reset() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return ErrRemoved
	}
	if err := f.output.Truncate(f.size); err != nil {
		return fmt.Errorf("remove records of crash file: %w", err)
	}
	f.end = f.size
	reserve(f.output, f.end)
	return nil
}

// Remove removes the file, and that of the steps. The runtime must not know it any more. Calling it again does nothing.
func (f *File) Remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return nil
	}
	f.removed = true
	early := os.Remove(f.path) // while the lock keeps others away, where that works
	f.abandon()
	if early != nil {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			f.keepSteps()
			return fmt.Errorf("remove crash file: %w", err)
		}
	}
	if f.steps == nil {
		return nil
	}
	return f.steps.Remove() // after the crash file, which must not be told without them
}

// abandon closes the file and leaves it where it is.
func (f *File) abandon() {
	_ = f.output.Close() // everything that matters was synced
	if f.lock != nil {
		_ = f.lock.Close() // the lock ends with it, whatever Close says
	}
}
