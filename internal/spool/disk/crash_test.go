package disk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// modes are the ways in which frames get to the disk.
var modes = map[string]func(*faulty.System){
	"mapped":       func(*faulty.System) {},
	"with WriteAt": (*faulty.System).Unmapped,
	"mapped, on a kernel that cannot populate": func(sys *faulty.System) {
		sys.Before(func(op faulty.Op) error {
			if op.Name == "Populate" {
				return disk.ErrNoPopulate
			}
			return nil
		})
	},
}

// A process is killed before each operation of its life in turn, and in the
// middle of it. The next one finds what was appended, what was not ended, and
// no damage; and when it is done nothing is left.
func TestKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		for _, torn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, torn: %v", mode, torn), func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				for at := 1; ; at++ {
					dir := filepath.Join(root, fmt.Sprint(at))
					sys := faulty.New(disk.Local())
					set(sys)
					sys.KillAt(at, torn)
					var l life
					err := l.live(sys, dir)
					if err == nil {
						if at < 50 {
							t.Errorf("got a life of %d operations, want more", at)
						}
						return
					}
					if err := l.check(drain(t, dir)); err != nil {
						t.Fatalf("killed at operation %d (%v): %v", at, l.state, err)
					}
				}
			})
		}
	}
}

// A process that takes over what others left is killed before each of its
// operations in turn, and in the middle of it. The next one finds what that one
// did not end, and no damage.
func TestAClaimerIsKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, torn := range []bool{false, true} {
		t.Run(fmt.Sprintf("torn: %v", torn), func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for at := 1; ; at++ {
				dir := filepath.Join(root, fmt.Sprint(at))
				threeDead(t, dir)
				sys := faulty.New(disk.Local())
				sys.KillAt(at, torn)
				var l life
				err := l.inherit(t, sys, dir)
				if err == nil {
					if at < 30 {
						t.Errorf("got a claimer of %d operations, want more", at)
					}
					return
				}
				if err := l.check(drain(t, dir)); err != nil {
					t.Fatalf("killed at operation %d (%v): %v", at, l.state, err)
				}
			}
		})
	}
}

// drain claims what is in dir, returns the pending records, and ends them all.
// There must be no damage, and nothing left.
func drain(t *testing.T, dir string) []int {
	t.Helper()
	sweep := claim(t, dir)
	if len(sweep.Quarantined) > 0 || sweep.Alive > 0 || sweep.Newer > 0 || sweep.Foreign > 0 {
		t.Fatalf("got %+v, want nothing but segments", sweep)
	}
	var all []int
	for _, s := range sweep.Segments {
		numbers, err := load(t, s)
		if err != nil {
			t.Errorf("got %v, want no damage", err)
		}
		all = append(all, numbers...)
		must(t, s.Retire())
	}
	for _, o := range sweep.Owners {
		must(t, o.Close())
	}
	left, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) || len(left) > 0 {
		t.Fatalf("got %v and error %v, want an empty directory", left, err)
	}
	return all
}
