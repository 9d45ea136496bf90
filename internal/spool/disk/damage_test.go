package disk_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// small is a spool of one file with five records, of which the second is
// final.
type small struct {
	bytes   []byte
	offsets []int
	used    int
}

const (
	smallArea  = 4096
	smallStart = 8192 // of the frames area in the file
)

func newSmall(t testing.TB, sealed bool) *small {
	t.Helper()
	sp := new(small)
	dir := t.TempDir()
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
		w := newWriter(create(t, o, smallArea))
		must(t, w.append(1, 5, 50))
		must(t, w.end(1))
		if sealed {
			must(t, w.seal())
		}
		sp.offsets, sp.used = w.offsets, w.summary.Used
	})
	var err error
	sp.bytes, err = os.ReadFile(onlySegment(t, dir))
	must(t, err)
	return sp
}

// outcome is what came of a version of a file.
type outcome struct {
	records     []int // numbers of those that are sent
	missing     int   // records that are reported as unreadable
	damaged     bool  // the file is to go to the quarantine when the rest is final
	quarantined bool  // the file went there at once
}

// versions tries versions of a file, many at a time.
type versions struct {
	image *image
	all   []version
}

// version is a version of a file, and what must come of it.
type version struct {
	what  string // that was done to it
	at    int    // which byte
	bytes []byte
	want  outcome
}

// add tries another version, sooner or later.
func (v *versions) add(t *testing.T, what string, at int, file []byte, want outcome) {
	t.Helper()
	v.all = append(v.all, version{what, at, bytes.Clone(file), want})
	if len(v.all) == 500 {
		v.run(t)
	}
}

// run tries what was added.
func (v *versions) run(t *testing.T) {
	t.Helper()
	if v.image == nil {
		v.image = newImage(t)
	}
	files := make([][]byte, len(v.all))
	for i := range v.all {
		files[i] = v.all[i].bytes
	}
	sweep := v.image.claim(t, files...)
	outcomes := make(map[string]outcome)
	for _, s := range sweep.Segments {
		numbers, err := load(t, s)
		outcomes[s.Name()] = outcome{records: numbers, missing: s.Pending().Records - len(numbers), damaged: err != nil}
	}
	for _, reason := range sweep.Quarantined {
		name, _, _ := strings.Cut(reason, ":")
		outcomes[name] = outcome{quarantined: true}
	}
	for i := range v.all {
		got, want := outcomes[imageName(i)], v.all[i].want
		if !slices.Equal(got.records, want.records) || got.missing != want.missing || got.damaged != want.damaged || got.quarantined != want.quarantined {
			t.Fatalf("%s at byte %d: got %+v, want %+v", v.all[i].what, v.all[i].at, got, want)
		}
	}
	v.all = v.all[:0]
}

// try tries one version.
func try(t *testing.T, what string, at int, file []byte, want outcome) {
	t.Helper()
	v := versions{all: []version{{what, at, file, want}}}
	v.run(t)
}

// afterFlip is what must come of the file when one of the bits of a byte, or all,
// are changed.
func (sp *small) afterFlip(at int) outcome {
	i := sp.frameAt(at)
	if i < 0 || i == 1 || at >= smallStart+sp.offsets[i]+40+50 { // the second is final, and padding is nothing
		return outcome{records: []int{1, 3, 4, 5}}
	}
	left := slices.DeleteFunc([]int{1, 3, 4, 5}, func(n int) bool { return n == i+1 })
	return outcome{records: left, missing: 1, damaged: true}
}

// frameAt returns which record's frame, from 0, the byte is in, or -1.
func (sp *small) frameAt(at int) int {
	at -= smallStart
	if at < 0 || at >= sp.used {
		return -1
	}
	i, found := slices.BinarySearch(sp.offsets, at)
	if !found {
		i--
	}
	return i
}

// inUse reports whether somebody looks at the byte for more than zeros.
func (sp *small) inUse(at int) bool {
	return at < 128 || at >= 512 && at < 640 || at >= 1024 && at < 1024+48 ||
		at >= 4096 && at < 4096+64 || at >= smallStart && at < smallStart+sp.used+64
}

// What is damaged is missing and reported, what is not is sent, and nothing
// else ever is.
func TestEveryByteFlipped(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{true, false} {
		sp := newSmall(t, sealed)
		try(t, "nothing was done", 0, sp.bytes, outcome{records: []int{1, 3, 4, 5}})
		var v versions
		for at := range sp.bytes {
			flips := []byte{0xFF, 1, 2, 4, 8, 16, 32, 64, 128}
			switch inUse := sp.inUse(at); {
			case !inUse && sealed:
				continue // without a seal, more is read
			case !inUse:
				flips = flips[:1]
			}
			for _, flip := range flips {
				want := sp.afterFlip(at)
				if at == 4096+disk.End(sp.offsets[1]) {
					want = outcome{records: []int{1, 2, 3, 4, 5}} // not final any more: a repetition, and no loss
				}
				sp.bytes[at] ^= flip
				v.add(t, fmt.Sprintf("%08b flipped", flip), at, sp.bytes, want)
				sp.bytes[at] ^= flip
			}
		}
		v.run(t)
	}
}

// A file that ends early is read as far as it goes. Without a seal, nobody knows
// what was behind its end.
func TestEveryTruncation(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{true, false} {
		sp := newSmall(t, sealed)
		var v versions
		for size := range sp.bytes {
			var want outcome
			for i, offset := range sp.offsets {
				whole := smallStart+offset+segment.Size(50) <= size
				pending := i != 1 || size <= 4096+disk.End(offset)
				switch {
				case pending && whole:
					want.records = append(want.records, i+1)
				case pending && sealed && size >= 1024+48:
					want.missing++
					want.damaged = true
				}
			}
			want.quarantined = size > 0 && size < 128
			v.add(t, "cut off", size, sp.bytes[:size], want)
		}
		v.run(t)
	}
}

func TestAFileThatIsTooLongIsReadLikeAnyOther(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{true, false} {
		sp := newSmall(t, sealed)
		longer := append(bytes.Clone(sp.bytes), frame(6, 50)...)
		try(t, "grown", len(sp.bytes), longer, outcome{records: []int{1, 3, 4, 5}})
	}
}

func TestWhatIsDamagedTwiceIsCountedTwice(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{true, false} {
		sp := newSmall(t, sealed)
		sp.bytes[smallStart+sp.offsets[0]+60]++
		sp.bytes[smallStart+sp.offsets[3]+60]++
		try(t, "changed", 60, sp.bytes, outcome{records: []int{3, 5}, missing: 2, damaged: true})
	}
}

// Nothing that can be read is left, but the loss is counted, and the file kept.
func TestAFileOfDamageIsHandedOver(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{true, false} {
		sp := newSmall(t, sealed)
		for i, offset := range sp.offsets {
			if i != 1 {
				sp.bytes[smallStart+offset+60]++
			}
		}
		missing := 2 // the first, and the three behind the second, in a row
		if sealed {
			missing = 4
		}
		try(t, "changed", 60, sp.bytes, outcome{missing: missing, damaged: true})
	}
}

// The ends have no checksum, so they are not believed when they say that a file can be removed.
func TestAForgedEndRemovesNothing(t *testing.T) {
	t.Parallel()
	sp := newSmall(t, true)
	for _, i := range []int{0, 2, 3} {
		sp.bytes[4096+disk.End(sp.offsets[i])] = disk.Final
	}
	sp.bytes[4096+2] = disk.Final // no frame begins there
	try(t, "changed", 4096+2, sp.bytes, outcome{records: []int{5}})
}
