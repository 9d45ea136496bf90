package disk_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

var failures = []error{syscall.ENOSPC, syscall.EMFILE, syscall.EROFS, syscall.EIO, syscall.EACCES, syscall.EFBIG, syscall.EDQUOT}

// Each operation of a life fails in turn, alone or with all that follow. The
// error says so, nothing stays open, and what was appended is found.
func TestEveryOperationFails(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		for _, lasting := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lasting: %v", mode, lasting), func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				for at := 1; ; at++ {
					failure := failures[at%len(failures)]
					dir := filepath.Join(root, fmt.Sprint(at))
					sys := faulty.New(disk.Local())
					set(sys)
					if sys.FailAt(at, failure); lasting {
						sys.FailFrom(at, failure)
					}
					var l life
					err := l.live(sys, dir)
					if err == nil && sys.Ops() < at {
						return
					}
					l.leave()
					if opened, mapped := sys.Opened(), sys.Mapped(); opened > 0 || mapped > 0 {
						t.Fatalf("failed at operation %d: got %d files open and %d mapped, want none", at, opened, mapped)
					}
					if err != nil && !errors.Is(err, failure) && !errors.Is(err, errAppend) && !errors.Is(err, disk.ErrFault) {
						t.Errorf("failed at operation %d: got error %v, want one that is %v", at, err, failure)
					}
					if err != nil && !errors.Is(err, errAppend) && !strings.Contains(err.Error(), dir) {
						t.Errorf("failed at operation %d: got error %q, want one that names the file", at, err)
					}
					if err := l.check(drainWhatIs(t, dir)); err != nil {
						t.Errorf("failed at operation %d: %v", at, err)
					}
				}
			})
		}
	}
}

// drainWhatIs returns the pending records in dir.
func drainWhatIs(t *testing.T, dir string) []int {
	t.Helper()
	var all []int
	for _, s := range claim(t, dir).Segments {
		numbers, err := load(t, s)
		if err != nil {
			t.Errorf("got %v, want no damage", err)
		}
		all = append(all, numbers...)
	}
	return all
}

// Each operation of a claim fails in turn. Nothing stays open, and the next
// claim, together with what the failed one found, finds everything.
func TestEveryOperationOfAClaimFails(t *testing.T) {
	t.Parallel()
	for _, lasting := range []bool{false, true} {
		t.Run(fmt.Sprintf("lasting: %v", lasting), func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for at := 1; ; at++ {
				failure := failures[at%len(failures)]
				dir := filepath.Join(root, fmt.Sprint(at))
				threeDead(t, dir)
				sys := faulty.New(disk.Local())
				var failed faulty.Op
				sys.Before(func(op faulty.Op) error {
					if op.Number < at || op.Number > at && !lasting {
						return nil
					}
					failed = op
					return failure
				})
				sweep, err := disk.Claim(sys, dir, analytics, nil)
				if failed.Number == 0 {
					return
				}
				again := failed.Name == "ReadAt" && !lasting // frames that are not read at once are read in parts
				if !errors.Is(err, failure) && !again {
					t.Errorf("failed at operation %v: got error %v, want one that is %v", failed, err, failure)
				}
				drop(sweep)
				if opened := sys.Opened(); opened > 0 {
					t.Fatalf("failed at operation %d: got %d files open, want none", at, opened)
				}
				found := drain(t, dir)
				if len(found) != 6 {
					t.Fatalf("failed at operation %d (%v): got records %v afterwards, want 6", at, err, found)
				}
			}
		})
	}
}

// threeDead leaves three owners: two with three records, one of whose segments
// are sealed, and one without any.
func threeDead(t *testing.T, dir string) {
	t.Helper()
	for i := range 3 {
		killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
			w := newWriter(create(t, o, 4096))
			if i == 2 {
				return
			}
			must(t, w.append(10*i+1, 10*i+3, 20))
			if i == 0 {
				must(t, w.seal())
			}
		})
	}
}

// A file that cannot be made leaves nothing behind: neither on the disk nor in
// the process.
func TestCreateThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sys := faulty.New(disk.Local())
	o := newOwner(t, sys, dir)
	for step := 1; ; step++ {
		sys.FailAt(sys.Ops()+step, syscall.ENOSPC)
		s, err := o.Create(4096, true)
		sys.Heal()
		if err == nil {
			must(t, s.Retire())
			if step < 7 {
				t.Errorf("got a file that is made in %d steps, want more", step)
			}
			return
		}
		if left := files(t, o.Dir()); len(left) != 1 || sys.Opened() != 1 || sys.Mapped() != 0 {
			t.Errorf("failed at step %d (%v): got %q left, %d files open and %d mapped, want the lock alone", step, err, left, sys.Opened(), sys.Mapped())
		}
	}
}
