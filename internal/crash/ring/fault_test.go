package ring_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// A file that cannot be made is an error that names it, and leaves nothing behind: neither on the disk nor in the process.
func TestCreateThatFails(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.steps")
			for at := 1; ; at++ {
				sys := faulty.New(disk.Local())
				set(sys)
				sys.FailAt(at, syscall.EIO)
				r, err := ring.CreateOn(sys, path, ring.DefaultSize, salt)
				made := sys.Ops()
				sys.Heal()
				if err == nil {
					must(t, r.Remove())
					if made < at {
						return
					}
					t.Errorf("failed at step %d: got no error, want one", at)
					continue
				}
				left, _ := os.ReadDir(dir)
				if !errors.Is(err, syscall.EIO) && !errors.Is(err, disk.ErrFault) || len(left) != 0 || sys.Opened() != 0 || sys.Mapped() != 0 {
					t.Errorf("failed at step %d: got error %v, %d files, %d of them open and %d mapped, want the error alone",
						at, err, len(left), sys.Opened(), sys.Mapped())
				}
				if !strings.Contains(err.Error(), path) {
					t.Errorf("failed at step %d: got error %q, want one that names the file", at, err)
				}
			}
		})
	}
}

func TestAFullDiskIsAnErrorOfCreate(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		sys := faulty.New(disk.Local())
		set(sys)
		dir := t.TempDir()
		sys.Limit(ring.DefaultSize - 1)
		if _, err := ring.CreateOn(sys, filepath.Join(dir, "x.steps"), ring.DefaultSize, salt); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: got error %v, want ENOSPC", mode, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: got %d files and error %v, want none", mode, len(left), err)
		}
		sys.Limit(ring.DefaultSize)
		r, _ := create(t, sys, ring.DefaultSize)
		sys.Limit(0)
		for n := range 1000 {
			if !r.Add(numbered(n, 200)) {
				t.Fatalf("%s: step %d on a disk that became full: got false, want true", mode, n)
			}
		}
	}
}

// A mapping that faults is given up. A write that fails may work the next time.
func TestAddThatFails(t *testing.T) {
	t.Parallel()
	for mode, later := range map[string]bool{"mapped": false, "with WriteAt": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			modes[mode](sys)
			r, path := create(t, sys, 16<<10)
			for n := range 100 {
				r.Add(numbered(n, 500))
			}
			before := read(t, path)
			sys.FailAt(sys.Ops()+1, syscall.EIO)
			if r.Add(numbered(100, 500)) {
				t.Error("Add that failed: got true, want false")
			}
			if got := read(t, path); joined(got) != joined(before) {
				t.Errorf("got\n%swant what was there\n%s", joined(got), joined(before))
			}
			if got := r.Add(numbered(101, 500)); got != later {
				t.Errorf("Add afterwards: got %v, want %v", got, later)
			}
			if got := string(read(t, path)[len(before)-1][:9]); got != map[bool]string{false: `{"n":99,"`, true: `{"n":101,`}[later] {
				t.Errorf("got %s as the last step", got)
			}
			must(t, r.Remove())
		})
	}
}

// The ends of a ring fail one by one. Nothing stays open.
func TestRemoveThatFails(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 3; at++ {
		sys := faulty.New(disk.Local())
		r, path := create(t, sys, 16<<10)
		sys.FailAt(sys.Ops()+at, syscall.EIO)
		if err := r.Remove(); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "steps file") {
			t.Errorf("failed at step %d: got error %v, want EIO, and of what", at, err)
		}
		_, err := os.Stat(path)
		if gone := errors.Is(err, os.ErrNotExist); sys.Opened() != 0 || sys.Mapped() != 0 || gone != (at < 3) {
			t.Errorf("failed at step %d: got %d files open, %d mapped, and that it is gone: %v", at, sys.Opened(), sys.Mapped(), gone)
		}
	}
}
