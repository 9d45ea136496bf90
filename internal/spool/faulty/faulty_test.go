package faulty_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// open opens a new file in a new directory.
func open(t *testing.T, sys *faulty.System) (disk.Handle, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	h, err := sys.Open(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		t.Fatalf("Open: got error %v, want none", err)
	}
	return h, name
}

// errs fails the test unless the errors are, one by one, these.
func errs(t *testing.T, what string, got []error, want ...error) {
	t.Helper()
	for i := range want {
		if !errors.Is(got[i], want[i]) || want[i] == nil && got[i] != nil {
			t.Errorf("%s, call %d: got error %v, want %v", what, i+1, got[i], want[i])
		}
	}
}

func TestOperationsFailByNumber(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	dir := t.TempDir()
	stats := func() (all []error) {
		for range 4 {
			_, err := sys.Stat(dir)
			all = append(all, err)
		}
		return all
	}
	sys.FailAt(2, syscall.EIO)
	errs(t, "FailAt the second", stats(), nil, syscall.EIO, nil, nil)
	sys.FailFrom(sys.Ops()+3, syscall.EROFS)
	errs(t, "FailFrom the third", stats(), nil, nil, syscall.EROFS, syscall.EROFS)
	sys.Heal()
	errs(t, "Heal", stats(), nil, nil, nil, nil)
	sys.Before(func(op faulty.Op) error {
		if op.Name == "Stat" && op.Path == dir && op.Number%2 == 0 {
			return syscall.EACCES
		}
		return nil
	})
	errs(t, "Before", stats(), nil, syscall.EACCES, nil, syscall.EACCES)
	if got := sys.Ops(); got != 16 {
		t.Errorf("got %d operations, want 16", got)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	h, name := open(t, sys)
	sys.Limit(10_000)
	other, err := sys.Open(name+"2", os.O_RDWR|os.O_CREATE)
	errs(t, "open another", []error{err}, nil)
	_, again := h.WriteAt(make([]byte, 100), 0)
	errs(t, "grow", []error{h.Preallocate(6000), other.Preallocate(6000), again}, nil, syscall.ENOSPC, nil)
	errs(t, "remove and grow", []error{h.Close(), sys.Remove(name), other.Preallocate(10_000)}, nil, nil, nil)
	_, err = other.WriteAt([]byte{1}, 10_000)
	errs(t, "grow by a byte", []error{err, other.Close()}, syscall.ENOSPC, nil)
}

func TestUnmapped(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	h, _ := open(t, sys)
	sys.Unmapped()
	_, err := h.Map(4096)
	errs(t, "Map", []error{err, h.Close()}, disk.ErrNoMapping, nil)
}

// The end of a process gives back locks, and leaves what was written.
func TestKill(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	h, name := open(t, sys)
	_, wrote := h.WriteAt([]byte("written"), 0)
	errs(t, "while it lives", []error{wrote, h.Lock()}, nil, nil)
	heir, err := disk.Local().Open(name, os.O_RDWR)
	errs(t, "its heir", []error{err, heir.Lock()}, nil, disk.ErrHeld)
	sys.Kill()
	_, wrote = h.WriteAt([]byte("more"), 0)
	_, opened := sys.Open(name, os.O_RDWR)
	errs(t, "dead", []error{wrote, opened, h.Sync(), sys.Remove(name), h.Close()},
		faulty.ErrKilled, faulty.ErrKilled, faulty.ErrKilled, faulty.ErrKilled, faulty.ErrKilled)
	errs(t, "its heir", []error{heir.Lock(), heir.Close()}, nil, nil)
	if got, err := os.ReadFile(name); string(got) != "written" || sys.Opened() != 0 {
		t.Errorf("got %q, error %v and %d files open, want what was written before, and none", got, err, sys.Opened())
	}
}

// A write that is torn ends where a page does, and not at all if it is within one.
func TestTornWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		offset     int64
		size, want int // bytes in the file
	}{
		{"within a page", 100, 200, 0},
		{"across the end of a page", 4000, 200, 4096},
		{"across two", 4000, 6000, 8192},
		{"up to the end of a page", 4000, 96, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			h, name := open(t, sys)
			sys.KillAt(2, true)
			_, err := h.WriteAt(make([]byte, c.size), c.offset)
			errs(t, "WriteAt", []error{err, h.Sync()}, faulty.ErrKilled, faulty.ErrKilled)
			if info, err := os.Stat(name); err != nil || info.Size() != int64(c.want) {
				t.Errorf("got %v and error %v, want %d bytes", info.Size(), err, c.want)
			}
		})
	}
}
