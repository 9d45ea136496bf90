package disk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestClaimOfNothing(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"a directory that is not there": filepath.Join(t.TempDir(), "none"),
		"an empty directory":            t.TempDir(),
	} {
		if sweep := claim(t, dir); len(sweep.Segments) > 0 || len(sweep.Owners) > 0 {
			t.Errorf("%s: got %+v, want nothing", name, sweep)
		}
	}
}

// A living owner's files are its own, in the same process as in any other.
func TestALivingOwnerIsNotClaimed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sys := faulty.New(disk.Local())
	o := newOwner(t, sys, dir)
	w := newWriter(create(t, o, 4096))
	must(t, w.append(1, 3, 10))
	sweep := claim(t, dir)
	if len(sweep.Segments) > 0 || sweep.Alive != 1 {
		t.Errorf("while it lives: got %+v, want one that is alive", sweep)
	}
	own, err := disk.Claim(disk.Local(), dir, analytics, o)
	must(t, err)
	if len(own.Segments) > 0 || own.Alive != 0 {
		t.Errorf("own: got %+v, want it passed over", own)
	}
	sys.Kill()
	if got := drain(t, dir); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("when it is dead: got records %v, want 1 to 3", got)
	}
}

func TestSegmentsComeOldestFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, first := range []int{50, 10, 70} {
		killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
			spare := newWriter(create(t, o, 4096))
			for i, w := range []*writer{newWriter(create(t, o, 4096)), spare} { // not in the order of their making
				must(t, w.append(first+5*i, first+5*i+2, 10))
				if i == 0 {
					must(t, w.seal())
				}
			}
		})
	}
	var got []int
	for _, s := range claim(t, dir).Segments {
		numbers, err := load(t, s)
		must(t, err)
		got = append(got, numbers[0])
	}
	if want := []int{10, 15, 50, 55, 70, 75}; !slices.Equal(got, want) {
		t.Errorf("got segments that begin with %v, want %v", got, want)
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		sealed bool
		ended  []int
		want   segment.Summary
	}{
		{"sealed, nothing final", true, nil, segment.Summary{Records: 4, Used: 448, Payload: 280, Oldest: 1000, Newest: 4000}},
		{"sealed, the first is final", true, []int{0}, segment.Summary{Records: 3, Used: 448, Payload: 210, Oldest: 1000, Newest: 4000}},
		{"not sealed, nothing final", false, nil, segment.Summary{Records: 4, Used: 448, Payload: 280, Oldest: 1000, Newest: 4000}},
		{"not sealed, the first and last are final", false, []int{0, 3}, segment.Summary{Records: 2, Used: 448, Payload: 140, Oldest: 2000, Newest: 3000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
				w := newWriter(create(t, o, 4096))
				must(t, w.append(1, 4, 70))
				must(t, w.end(c.ended...))
				if c.sealed {
					must(t, w.seal())
				}
			})
			if got := claim(t, dir).Segments[0].Pending(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// Files of another lane or project are nobody else's business, dead or not.
func TestOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, id := range []disk.Identity{{Lane: "ai", Key: analytics.Key}, {Lane: "analytics", Key: disk.KeyOf("phc_other")}} {
		sys := faulty.New(disk.Local())
		for _, s := range []disk.System{sys, disk.Local()} {
			o, err := disk.NewOwner(s, dir, id)
			must(t, err)
			t.Cleanup(func() { _ = o.Close() })
			must(t, newWriter(create(t, o, 4096)).append(1, 3, 10))
		}
		sys.Kill() // one of the two
	}
	must(t, os.MkdirAll(filepath.Join(dir, "analytics-and-what-not"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "analytics-"+keyHex+"-0123456789abcdef"), nil, 0o600))
	before := files(t, dir)
	sweep := claim(t, dir)
	if len(sweep.Segments) > 0 || sweep.Foreign != 1 || sweep.Alive != 0 {
		t.Errorf("got %+v, want the dead one of another project", sweep)
	}
	if after := files(t, dir); !slices.Equal(after, before) {
		t.Errorf("got files %q afterwards, want them unchanged: %q", after, before)
	}
}

// Several processes start at once, and every dead owner goes to one of them.
func TestClaimersRace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 10 {
		killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
			must(t, newWriter(create(t, o, 4096)).append(i+1, i+1, 10))
		})
	}
	sweeps := make([]disk.Sweep, 4)
	var wg sync.WaitGroup
	for i := range sweeps {
		wg.Go(func() {
			var err error
			if sweeps[i], err = disk.Claim(disk.Local(), dir, analytics, nil); err != nil {
				t.Errorf("Claim: got error %v, want none", err)
			}
		})
	}
	wg.Wait()
	var all []int
	for _, sweep := range sweeps {
		t.Cleanup(func() { drop(sweep) })
		if len(sweep.Segments)+sweep.Alive > 10 || len(sweep.Owners) != len(sweep.Segments) {
			t.Errorf("got %d segments of %d owners and %d alive, want 10 owners in all", len(sweep.Segments), len(sweep.Owners), sweep.Alive)
		}
		for _, s := range sweep.Segments {
			numbers, err := load(t, s)
			must(t, err)
			all = append(all, numbers...)
		}
	}
	slices.Sort(all)
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; !slices.Equal(all, want) {
		t.Errorf("got records %v, want %v", all, want)
	}
}

// A claimer of another lane tries the lock, and holds it for a moment.
func TestALockThatWasOnlyTried(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	oneDead(t, dir)
	sys := faulty.New(disk.Local())
	var tried disk.Handle
	opened := 0
	sys.Before(func(op faulty.Op) error {
		if op.Name != "Open" || filepath.Base(op.Path) != "lock" {
			return nil
		}
		opened++
		if opened > 1 {
			return tried.Close()
		}
		var err error
		if tried, err = disk.Local().Open(op.Path, os.O_RDWR); err != nil {
			return err
		}
		return tried.Lock()
	})
	sweep, err := disk.Claim(sys, dir, analytics, nil)
	must(t, err)
	defer drop(sweep)
	if len(sweep.Segments) != 1 || sweep.Alive != 0 {
		t.Errorf("got %+v, want the segment of the dead", sweep)
	}
}

// What was cut short while it was made is nothing, and is removed.
func TestWhatWasNotFinishedIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, size := range []int{0, 1, 100, 4096, 1 << 16} {
		owner := filepath.Join(dir, fmt.Sprintf("analytics-%s-%016x", keyHex, size))
		must(t, os.Mkdir(owner, 0o700))
		must(t, os.WriteFile(filepath.Join(owner, "0000000001.segment"), make([]byte, size), 0o600))
	}
	must(t, os.Mkdir(filepath.Join(dir, "analytics-"+keyHex+"-0123456789abcdef"), 0o700)) // not even a lock
	if got := drain(t, dir); len(got) > 0 {
		t.Errorf("got records %v, want none", got)
	}
}

// A directory in which somebody left something else stays.
func TestStrangeFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var strange string
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
		strange = filepath.Join(o.Dir(), "notes.segment")
		must(t, os.WriteFile(strange, []byte("mine"), 0o600))
		must(t, newWriter(create(t, o, 4096)).append(1, 1, 10))
	})
	sweep := claim(t, dir)
	must(t, sweep.Segments[0].Retire())
	must(t, sweep.Owners[0].Close())
	if got, err := os.ReadFile(strange); string(got) != "mine" {
		t.Errorf("got %q and error %v, want the file left alone", got, err)
	}
}

// A start with too few descriptors leaves an owner for another try, in one
// piece: what it could open would be ours, and what it could not, nobody's.
func TestClaimWithoutDescriptors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
		for n := range 3 {
			must(t, newWriter(create(t, o, 4096)).append(n+1, n+1, 10))
		}
	})
	sys := faulty.New(disk.Local())
	sys.Before(func(op faulty.Op) error {
		if op.Name == "Open" && filepath.Base(op.Path) == "0000000002.segment" {
			return &os.PathError{Op: "open", Path: op.Path, Err: syscall.EMFILE}
		}
		return nil
	})
	sweep, err := disk.Claim(sys, dir, analytics, nil)
	if !errors.Is(err, syscall.EMFILE) || len(sweep.Segments) > 0 || sys.Opened() > 0 {
		t.Errorf("got %+v, error %v and %d files open, want EMFILE and nothing else", sweep, err, sys.Opened())
	}
	if got := drain(t, dir); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got records %v afterwards, want 1 to 3", got)
	}
}
