package disk_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// store is a piece of memory or of a file that is written: byte by byte, or, if
// it is a word, at once.
type store struct {
	at   int // in the file
	b    []byte
	word bool
}

// instants calls visit with what the file is at every instant at which a process
// may be killed while it makes the stores in order, from none of them to all. It
// leaves most of those out that are in the middle of a long store and of a page.
// The file is visit's until it returns; done says how many bytes of the last of
// the stores are in it.
func instants(before []byte, stores []store, visit func(file []byte, last, done int)) {
	file := bytes.Clone(before)
	visit(file, 0, 0)
	for i, s := range stores {
		for done := range s.b {
			file[s.at+done] = s.b[done]
			n := done + 1
			page := (s.at + n + 9) % 4096 // less than 18 near the end of one
			if n == len(s.b) || !s.word && (n < 80 || n > len(s.b)-80 || page < 18 || n%251 == 0) {
				visit(file, i, n)
			}
		}
	}
}

const (
	largeArea  = 3 * 4096
	largeStart = 8192 // of the frames area in the file
)

// scene is a file that is about to be written to.
type scene struct {
	writer *writer
	want   []int // the records that are in it, and not final
}

// contents reads the file.
func (sc *scene) contents(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile(sc.writer.s.Name())
	must(t, err)
	return file
}

// scenes are the files in which frames are appended.
var scenes = map[string]struct {
	again  bool // it was full of small frames, and is used again
	first  int  // records of 100 bytes
	behind int  // the payload of one more
}{
	"the first frame of a new file":                {},
	"a frame behind others":                        {first: 3},
	"the first frame of a file that is used again": {again: true},
	"a frame behind others in such a file":         {again: true, first: 3},
	"a frame behind one that ends elsewhere":       {again: true, behind: 777},
}

// scene makes one.
func newScene(t *testing.T, sys disk.System, again bool, first, behind int) *scene {
	t.Helper()
	s := create(t, newOwner(t, sys, t.TempDir()), largeArea)
	if again {
		w := newWriter(s)
		must(t, w.append(1001, 1000+largeArea/segment.Size(100), 100))
		must(t, w.seal())
		must(t, s.Reuse())
	}
	sc := &scene{writer: newWriter(s)}
	must(t, sc.writer.append(1, first, 100))
	for n := range first {
		sc.want = append(sc.want, n+1)
	}
	if behind > 0 {
		must(t, sc.writer.append(50, 50, behind))
		sc.want = append(sc.want, 50)
	}
	return sc
}

// A process dies at any instant of a write of several frames, one of them of
// several pages: those that are whole are there, and nothing is damaged.
func TestKilledWithinAWriteOfFrames(t *testing.T) {
	t.Parallel()
	for name, c := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			sys.Unmapped()
			sc := newScene(t, sys, c.again, c.first, c.behind)
			s, at := sc.writer.s, sc.writer.summary.Used
			var frames []byte
			var whole []int // how many bytes have to be there of each
			for i, payload := range []int{700, 6000, 1} {
				whole = append(whole, len(frames)+segment.HeaderSize+payload)
				frames = s.AppendSalted(frames, frame(91+i, payload))
			}
			before := sc.contents(t)
			must(t, s.WriteFrames(at, frames))
			after := sc.contents(t)
			var v versions
			instants(before, []store{{largeStart + at, frames, false}}, func(file []byte, _, done int) {
				want := outcome{records: slices.Clone(sc.want)}
				for i, n := range whole {
					if done >= n {
						want.records = append(want.records, 91+i)
					}
				}
				if done == len(frames) && !bytes.Equal(file, after) {
					t.Fatal("the stores are not those of WriteFrames")
				}
				v.add(t, "killed within the write", done, file, want)
			})
			v.run(t)
		})
	}
}

// A file is used again, and its process dies at any instant of that: it is
// still what it was, or it is empty.
func TestKilledWithinReuse(t *testing.T) {
	t.Parallel()
	for name, set := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			set(sys)
			sc := newScene(t, sys, true, 3, 6000)
			w := sc.writer
			must(t, w.end(1))
			must(t, w.seal())
			before := sc.contents(t)
			must(t, w.s.Reuse())
			after := sc.contents(t)
			stores := []store{
				{0, after[:largeStart], false},
				{largeStart, after[largeStart : largeStart+8], true},
				{largeStart + 8, after[largeStart+8:], false}, // zeros, or nothing new
			}
			var v versions
			instants(before, stores, func(file []byte, last, done int) {
				var want outcome
				if !bytes.Equal(file[:128], after[:128]) {
					want.records = []int{1, 3, 50}
				}
				v.add(t, fmt.Sprintf("killed within store %d", last), done, file, want)
			})
			v.run(t)
		})
	}
}

// What says that a file is there, what is in it and what of that is final may
// end anywhere.
func TestKilledWithinTheRest(t *testing.T) {
	t.Parallel()
	sc := newScene(t, faulty.New(disk.Local()), true, 20, 6000)
	w := sc.writer
	all := sc.contents(t)
	try := func(what string, before []byte, from, to int, want func(done int) []int) {
		t.Helper()
		after := sc.contents(t)
		var v versions
		instants(before, []store{{from, after[from:to], false}}, func(file []byte, _, done int) {
			v.add(t, what, done, file, outcome{records: want(done)})
		})
		v.run(t)
	}
	try("killed within the header of a new file", make([]byte, len(all)), 0, 4096, func(int) []int { return nil })

	must(t, w.end(0, 2, 5, 19))
	pending := func(done int) []int {
		left := slices.Clone(sc.want)
		for _, i := range []int{0, 2, 5, 19} {
			if disk.End(w.offsets[i]) < done {
				left = slices.DeleteFunc(left, func(n int) bool { return n == i+1 })
			}
		}
		return left
	}
	try("killed while ends are written", all, 4096, 8192, pending)

	before := sc.contents(t)
	must(t, w.seal())
	try("killed while it is sealed", before, 1024, 1024+48, func(int) []int { return pending(4096) })
}

// A header that is there as a whole and damaged is no making that was cut short,
// and neither is what begins in another way.
func TestWhatIsNoMakingCutShort(t *testing.T) {
	t.Parallel()
	file := newScene(t, faulty.New(disk.Local()), false, 0, 0).contents(t)
	file[30]++
	try(t, "the first copy damaged, and the second sound", 30, file, outcome{})
	binary.LittleEndian.PutUint32(file[512+124:], 0)
	try(t, "both damaged", 512+124, file, outcome{quarantined: true})
	clear(file[512:])
	file[largeStart]++
	try(t, "something behind it", largeStart, file, outcome{quarantined: true})
	clear(file)
	copy(file, "HGSPOOM")
	try(t, "another begin", 6, file, outcome{quarantined: true})
}
