package disk_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// patch changes the one segment file under dir.
func patch(t testing.TB, dir string, change func(file []byte)) {
	t.Helper()
	name := onlySegment(t, dir)
	file, err := os.ReadFile(name)
	must(t, err)
	change(file)
	must(t, os.WriteFile(name, file, 0o600))
}

// reseal makes the checksums of the header's copies match again.
func reseal(file []byte) {
	for _, at := range []int{0, 512} {
		sum := crc32.Checksum(file[at:at+124], crc32.MakeTable(crc32.Castagnoli))
		binary.LittleEndian.PutUint32(file[at+124:], sum)
	}
}

// oneDead leaves an owner with one segment of three records.
func oneDead(t testing.TB, dir string) {
	t.Helper()
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
		must(t, newWriter(create(t, o, 4096)).append(1, 3, 50))
	})
}

func TestAHeaderThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(file []byte)
		reason string // "" if the file is to be left alone
	}{
		{"both copies are damaged", func(f []byte) { f[30]++; f[512+70]++ }, "neither copy"},
		{"it is not ours at all", func(f []byte) { clear(f); copy(f, "something else") }, "neither copy"},
		{"it is of another project", func(f []byte) { f[16]++; f[512+16]++; reseal(f) }, "another lane or project"},
		{"it is of another lane", func(f []byte) { f[24]++; f[512+24]++; reseal(f) }, "another lane or project"},
		{"its area is of no size", func(f []byte) { clear(f[40:48]); clear(f[552:560]); reseal(f) }, "neither copy"},
		{"its area is no multiple of a block", func(f []byte) { f[40]++; f[552]++; reseal(f) }, "neither copy"},
		{"its area is larger than any", func(f []byte) { f[47]++; f[559]++; reseal(f) }, "neither copy"},
		{"its numbers are in another order", func(f []byte) { f[12]++; f[524]++; reseal(f) }, "neither copy"},
		{"its version is none", func(f []byte) { f[8]--; f[520]--; reseal(f) }, "neither copy"},
		{"its version is newer", func(f []byte) { f[8]++; f[520]++; reseal(f) }, ""},
		{"one copy is of a newer version, the other damaged", func(f []byte) { f[520]++; reseal(f); f[0]++ }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			oneDead(t, dir)
			patch(t, dir, c.change)
			before := onlySegment(t, dir)
			sweep := claim(t, dir)
			if len(sweep.Segments) > 0 || len(sweep.Owners) > 0 {
				t.Errorf("got %+v, want no segments", sweep)
			}
			if c.reason == "" {
				if sweep.Newer != 1 || len(sweep.Quarantined) > 0 || onlySegment(t, dir) != before {
					t.Errorf("got %+v, want one newer file, left where it is", sweep)
				}
				return
			}
			if len(sweep.Quarantined) != 1 || !strings.Contains(sweep.Quarantined[0], c.reason) {
				t.Fatalf("got %q, want one file because of %q", sweep.Quarantined, c.reason)
			}
			left := files(t, dir)
			if len(left) != 2 {
				t.Fatalf("got files %q, want the file and the reason", left)
			}
			mark := filepath.Base(filepath.Dir(before))
			stem := filepath.Join("quarantine", mark[strings.LastIndex(mark, "-")+1:]+"-0000000001")
			if want := []string{stem + ".segment", stem + ".txt"}; !slices.Equal(left, want) {
				t.Errorf("got files %q, want %q", left, want)
			}
			reason, err := os.ReadFile(filepath.Join(dir, stem+".txt"))
			must(t, err)
			if !strings.Contains(string(reason), c.reason) || !strings.Contains(string(reason), before) {
				t.Errorf("got reason %q, want it to name %s and %q", reason, before, c.reason)
			}
		})
	}
}

// A damaged file is not removed when what can be sent of it is final, nor used
// again.
func TestADamagedFileGoesToTheQuarantine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	oneDead(t, dir)
	patch(t, dir, func(f []byte) { f[8192+96+50]++ })
	sweep := claim(t, dir)
	s := sweep.Segments[0]
	numbers, damage := load(t, s)
	if !slices.Equal(numbers, []int{1, 3}) || damage == nil || s.Pending().Records != 3 {
		t.Errorf("got records %v of %d and damage %v, want 1 and 3 of 3, and an error", numbers, s.Pending().Records, damage)
	}
	if err := s.Reuse(); err == nil {
		t.Error("Reuse of a damaged file: got no error, want one")
	}
	must(t, s.Retire())
	must(t, sweep.Owners[0].Close())
	left := files(t, dir)
	if len(left) != 2 || !strings.HasPrefix(left[0], "quarantine") {
		t.Errorf("got files %q, want one in quarantine and its reason", left)
	}
}

// Whoever looks into a damaged file is told where.
func TestTheReasonSaysWhereTheDamageIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		sealed bool
		change func(file []byte)
		want   string
	}{
		{"between frames", false, func(f []byte) { f[smallStart+2*96+50]++ }, "records damaged in 1 places, the first at byte 8384"},
		{"twice", false, func(f []byte) { f[smallStart+60]++; f[smallStart+3*96+60]++ }, "records damaged in 2 places, the first at byte 8192"},
		{"behind the last sound frame", false, func(f []byte) { f[smallStart+4*96+50]++ }, "in 1 places, the first at byte 8576"},
		{"a frame that the seal speaks of is gone", true, func(f []byte) { clear(f[smallStart+4*96:]) }, "1 of 5 records damaged, the first at byte 8576"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sp := newSmall(t, c.sealed)
			c.change(sp.bytes)
			_, damage := load(t, newImage(t).claim(t, sp.bytes).Segments[0])
			if damage == nil || !strings.Contains(damage.Error(), c.want) {
				t.Errorf("got %v, want that %s", damage, c.want)
			}
		})
	}
}

// Damage that comes while the owner lives is found when it loads the file.
func TestDamageOfALivingFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := newOwner(t, disk.Local(), dir)
	w := newWriter(create(t, o, 4096))
	must(t, w.append(1, 5, 50))
	must(t, w.end(0))
	must(t, w.seal())
	must(t, w.s.Release())
	patch(t, dir, func(f []byte) { f[8192+96*4+50]++ })
	contents, err := w.s.Load(make([]byte, w.summary.Used))
	must(t, err)
	if want := w.offsets[1:4]; !slices.Equal(contents.Pending, want) || contents.Err == nil {
		t.Errorf("got frames at %v and error %v, want %v and an error", contents.Pending, contents.Err, want)
	}
	must(t, w.s.Retire())
	if left := files(t, filepath.Join(dir, "quarantine")); len(left) != 2 {
		t.Errorf("got %q in quarantine, want the file and its reason", left)
	}
}

func TestTheQuarantineHoldsTheNewest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	quarantine := filepath.Join(dir, "quarantine")
	must(t, os.Mkdir(quarantine, 0o700))
	must(t, os.WriteFile(filepath.Join(quarantine, "README"), nil, 0o600)) // not counted, and not removed
	want := []string{"README"}
	for i := range 20 {
		killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
			must(t, os.WriteFile(create(t, o, 4096).Name(), []byte("rubbish"), 0o600))
		})
		owner := filepath.Base(filepath.Dir(onlySegment(t, dir)))
		if sweep := claim(t, dir); len(sweep.Quarantined) != 1 {
			t.Fatalf("got %+v, want one file in quarantine", sweep)
		}
		for _, suffix := range []string{".segment", ".txt"} {
			name := owner[strings.LastIndex(owner, "-")+1:] + "-0000000001" + suffix
			past := time.Unix(int64(1000+i), 0) // the clock of a file system ticks slowly
			must(t, os.Chtimes(filepath.Join(quarantine, name), past, past))
			if i >= 20-16 {
				want = append(want, name)
			}
		}
	}
	slices.Sort(want)
	if got := files(t, quarantine); !slices.Equal(got, want) {
		t.Errorf("got files %q, want %q", got, want)
	}
}
