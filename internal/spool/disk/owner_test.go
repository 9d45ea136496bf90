package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestAnOwnerHasADirectoryOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	a, b := newOwner(t, disk.Local(), dir), newOwner(t, disk.Local(), dir)
	if a.Dir() == b.Dir() {
		t.Errorf("got %s for both owners, want two directories", a.Dir())
	}
	// The first eight bytes of the SHA-256 of phc_test.
	if got, want := filepath.Base(a.Dir())[:len("analytics-")+16], "analytics-"+keyHex; got != want {
		t.Errorf("got a directory that begins with %s, want %s", got, want)
	}
	must(t, a.Close())
	must(t, b.Close())
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("got %q left after Close, want nothing", left)
	}
}

const keyHex = "bdd0cf99e7f20e65"

func TestNamesOfLanes(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"analytics": true, "ai": true, "a-b_c.9": true, "sixteen-letters-": true,
		"": false, "seventeen-letters": false, "../up": false, ".hidden": false, "a b": false, "ä": false, "a\x00": false,
	} {
		o, err := disk.NewOwner(disk.Local(), t.TempDir(), disk.Identity{Lane: name})
		if (err == nil) != ok {
			t.Errorf("lane %q: got error %v, want one: %v", name, err, !ok)
		}
		if err == nil {
			must(t, o.Close())
		}
	}
}

func TestPresent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(dir string) error
		want error
	}{
		"nothing happened":            {func(string) error { return nil }, nil},
		"the directory was removed":   {os.RemoveAll, fs.ErrNotExist},
		"the directory was renamed":   {func(dir string) error { return os.Rename(dir, dir+"x") }, fs.ErrNotExist},
		"the lock was removed":        {func(dir string) error { return os.Remove(filepath.Join(dir, "lock")) }, fs.ErrNotExist},
		"the directory was replaced":  {replace, disk.ErrReplaced},
		"the directory became a file": {func(dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) }, errAny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOwner(t, disk.Local(), t.TempDir())
			must(t, c.do(o.Dir()))
			err := o.Present()
			if !errors.Is(err, c.want) && (c.want != errAny || err == nil) {
				t.Errorf("got error %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), o.Dir()) {
				t.Errorf("got error %q, want one that names %s", err, o.Dir())
			}
			_, before := os.Stat(filepath.Join(o.Dir(), "lock"))
			_ = o.Close()
			if _, after := os.Stat(filepath.Join(o.Dir(), "lock")); c.want != nil && (before == nil) != (after == nil) {
				t.Errorf("got the lock removed by Close, which is somebody else's: it is there: before: %v, after: %v", before, after)
			}
		})
	}
}

var errAny = errors.New("any")

// replace puts another directory in place of dir.
func replace(dir string) error {
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
}

// While it makes its directory, an owner is at the mercy of sweepers. It ends
// up with a directory all the same.
func TestANewOwnerSurvivesSweepers(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"Open", "Lock", "Stat"} { // what follows the making of the directory
		t.Run("before "+when, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sys := faulty.New(disk.Local())
			swept := 0
			sys.Before(func(op faulty.Op) error {
				if op.Name == when && swept < 3 {
					swept++
					sweep, err := disk.Claim(disk.Local(), dir, analytics, nil)
					if err != nil || len(sweep.Segments) > 0 {
						t.Errorf("sweep %d: got %+v and error %v, want nothing", swept, sweep, err)
					}
				}
				return nil
			})
			o, err := disk.NewOwner(sys, dir, analytics)
			must(t, err)
			if swept == 0 {
				t.Error("got no sweep, want some")
			}
			must(t, o.Present())
			must(t, o.Close())
			if left, _ := os.ReadDir(dir); len(left) > 0 || sys.Opened() > 0 {
				t.Errorf("got %v left and %d files open, want nothing", left, sys.Opened())
			}
		})
	}
}

// An owner that removes its directory is overtaken by sweepers that remove it
// too. Whoever is last removes it, and nobody says that it failed.
func TestAnOwnerThatLeavesMeetsSweepers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times int  // that the directory is not empty when it is to be removed
		ends  bool // and that the sweeper's lock is gone when the owner looks
		want  error
	}{
		"one that is at it":           {1, false, nil},
		"one that is done":            {1, true, nil},
		"many that are done":          {99, true, nil},
		"more than there ever can be": {100, true, fs.ErrExist},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			o := newOwner(t, sys, t.TempDir())
			lock := filepath.Join(o.Dir(), "lock")
			met, made := 0, false
			sys.Before(func(op faulty.Op) error {
				switch {
				case op.Name == "Remove" && op.Path == o.Dir() && met < c.times:
					met, made = met+1, true
					return os.WriteFile(lock, nil, 0o600)
				case op.Name == "Stat" && made && c.ends:
					made = false
					return os.Remove(lock)
				}
				return nil
			})
			if err := o.Close(); !errors.Is(err, c.want) {
				t.Errorf("Close: got error %v, want %v", err, c.want)
			}
			if met != c.times || sys.Opened() > 0 {
				t.Errorf("got %d sweepers and %d files open, want %d and none", met, sys.Opened(), c.times)
			}
			_, err := os.Stat(o.Dir())
			if gone := c.ends && c.want == nil; errors.Is(err, fs.ErrNotExist) != gone {
				t.Errorf("got error %v of the directory, want it gone: %v", err, gone)
			}
		})
	}
}

// Owners come and go, and sweepers sweep, all at once. Nobody's segment goes to
// two, and none is lost.
func TestOwnersAndSweepersRace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const owners, sweepers, rounds = 4, 3, 12
	var wg sync.WaitGroup
	found := make(chan int, owners*rounds)
	for i := range owners {
		wg.Go(func() {
			for round := range rounds {
				sys := faulty.New(disk.Local())
				o, err := disk.NewOwner(sys, dir, analytics)
				if err != nil {
					t.Errorf("NewOwner: got error %v, want none", err)
					return
				}
				s, err := o.Create(4096, false)
				if err != nil {
					t.Errorf("Create: got error %v, want none", err)
					return
				}
				s.Append(0, frame(i*rounds+round+1, 30))
				sys.Kill()
			}
		})
	}
	for range sweepers {
		wg.Go(func() {
			for range rounds {
				for _, n := range race(t, dir) {
					found <- n
				}
			}
		})
	}
	wg.Wait()
	for _, n := range race(t, dir) {
		found <- n
	}
	close(found)
	seen := make(map[int]int)
	for n := range found {
		seen[n]++
	}
	for n := 1; n <= owners*rounds; n++ {
		if seen[n] != 1 {
			t.Errorf("record %d: got it %d times, want once", n, seen[n])
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("got %v left, want nothing", left)
	}
}

// race claims what it can get, and returns and retires the records.
func race(t *testing.T, dir string) []int {
	t.Helper()
	sweep, err := disk.Claim(disk.Local(), dir, analytics, nil)
	if err != nil || len(sweep.Quarantined) > 0 {
		t.Errorf("Claim: got %+v and error %v, want none", sweep, err)
	}
	var all []int
	for _, s := range sweep.Segments {
		area := make([]byte, s.Pending().Used)
		contents, err := s.Load(area)
		if err := errors.Join(err, contents.Err, s.Retire()); err != nil {
			t.Errorf("got error %v, want none", err)
		}
		for _, offset := range contents.Pending {
			all = append(all, number(area[offset:]))
		}
	}
	for _, o := range sweep.Owners {
		if err := o.Close(); err != nil {
			t.Errorf("Close: got error %v, want none", err)
		}
	}
	return all
}
