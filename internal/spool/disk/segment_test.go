package disk_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	o := newOwner(t, disk.Local(), t.TempDir())
	for _, c := range []struct {
		name       string
		want, area int
		file       int64
	}{
		{"the usual", 1 << 20, 1 << 20, 4096 + 1<<14 + 1<<20},
		{"one byte too many", 1<<20 + 1, 1<<20 + 4096, 4096 + 5*4096 + 1<<20 + 4096},
		{"the smallest", 1, 4096, 3 * 4096},
	} {
		s := create(t, o, c.want)
		info, err := os.Stat(s.Name())
		must(t, err)
		if s.Size() != c.area || s.Bytes() != c.file || info.Size() != c.file || disk.FileSize(c.area) != c.file {
			t.Errorf("%s, Create(%d): got an area of %d and a file of %d bytes, in truth %d, want %d and %d",
				c.name, c.want, s.Size(), s.Bytes(), info.Size(), c.area, c.file)
		}
	}
	if _, err := o.Create(1<<30+1, false); err == nil {
		t.Error("Create of more than the format has room for: got no error, want one")
	}
}

// A file that is used again holds what is new, whatever it held before, and in
// whatever place its owner's life ends.
func TestReuse(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		for _, c := range []struct {
			name  string
			again int // records of the same size, in the second life
			size  int // of one more
			want  []int
		}{
			{"nothing was written again", 0, -1, nil},
			{"frames begin where old ones did", 2, -1, []int{51, 52}},
			{"frames begin elsewhere", 2, 77, []int{51, 52, 99}},
			{"there are more than before", 12, -1, []int{51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62}},
		} {
			t.Run(c.name+", "+mode, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				killed(t, dir, func(sys *faulty.System, o *disk.Owner) {
					set(sys)
					s := create(t, o, 4096)
					salts := []uint32{s.Salt()}
					for _, records := range []int{9, 4, 1} {
						w := newWriter(s)
						must(t, w.append(1, records, 100))
						must(t, w.end([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}[:records]...))
						must(t, w.seal())
						must(t, s.Release())
						must(t, s.Reuse())
						if slices.Contains(salts, s.Salt()) {
							t.Errorf("got salt %x again, after %x", s.Salt(), salts)
						}
						salts = append(salts, s.Salt())
					}
					w := newWriter(s)
					must(t, w.append(51, 50+c.again, 100))
					if c.size >= 0 {
						must(t, w.append(99, 99, c.size))
					}
				})
				if got := drain(t, dir); !slices.Equal(got, c.want) {
					t.Errorf("got records %v, want %v", got, c.want)
				}
			})
		}
	}
}

// A descriptor is there when it is needed, and only until Release.
func TestReleasedSegmentsOpenOnDemand(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	o := newOwner(t, sys, t.TempDir())
	s := create(t, o, 4096)
	w := newWriter(s)
	must(t, w.append(1, 3, 100))
	for name, call := range map[string]func() error{
		"WriteEnds": func() error { return w.end(1) },
		"Seal":      w.seal,
		"Sync":      s.Sync,
		"ReadEnds":  func() error { return s.ReadEnds(make([]byte, disk.EndsSize(s.Size()))) },
		"Load":      func() error { _, err := s.Load(make([]byte, w.summary.Used)); return err },
	} {
		must(t, s.Release())
		if opened, mapped := sys.Opened(), sys.Mapped(); opened != 1 || mapped != 0 {
			t.Errorf("before %s: got %d files open and %d mapped, want the lock alone", name, opened, mapped)
		}
		if err := call(); err != nil {
			t.Errorf("%s of a released segment: got error %v, want none", name, err)
		}
	}
	ends := make([]byte, disk.EndsSize(s.Size()))
	must(t, s.ReadEnds(ends))
	if !slices.Equal(ends, w.ends) {
		t.Errorf("ReadEnds: got %x, want %x", ends, w.ends)
	}
	must(t, s.Retire())
	must(t, s.Retire())
	must(t, o.Close())
	must(t, o.Close())
	if sys.Opened() != 0 {
		t.Errorf("got %d files open after Close, want none", sys.Opened())
	}
}

// With sync, whatever must survive a power cut is synced before it is used: the
// file, what it is in, and what that is in.
func TestCreateAndReuseWithSync(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sys := faulty.New(disk.Local())
	o := newOwner(t, sys, dir)
	var synced []string
	sys.Before(func(op faulty.Op) error {
		if op.Name == "Sync" || op.Name == "SyncDir" {
			synced = append(synced, op.Path)
		}
		return nil
	})
	expect := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(synced, want) {
			t.Errorf("%s: got syncs of %q, want %q", what, synced, want)
		}
		synced = nil
	}
	a, err := o.Create(4096, true)
	must(t, err)
	expect("Create", a.Name(), o.Dir(), dir, filepath.Dir(dir))
	b, err := o.Create(4096, true)
	must(t, err)
	expect("Create again", b.Name(), o.Dir())
	must(t, a.Reuse())
	expect("Reuse", a.Name())
	must(t, a.Sync())
	expect("Sync", a.Name())
	must(t, a.Retire())
	must(t, b.Retire())
}
