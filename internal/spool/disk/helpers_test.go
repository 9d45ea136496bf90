package disk_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

var analytics = disk.Identity{Lane: "analytics", Key: disk.KeyOf("phc_test")}

// frame returns the frame of record n, with a payload of that many bytes.
func frame(n, payload int) []byte {
	f := segment.Frame{Payload: bytes.Repeat([]byte{byte(n)}, payload), Format: uint8(n % 3), Accepted: int64(n) * 1000}
	binary.BigEndian.PutUint64(f.UUID[8:], uint64(n))
	b := make([]byte, segment.Size(payload))
	segment.Write(b, &f, segment.Checksum(f.Payload))
	return b
}

// number returns the number of the record whose frame is at the start of b.
func number(b []byte) int {
	var f segment.Frame
	segment.View(b, &f)
	return int(binary.BigEndian.Uint64(f.UUID[8:]))
}

// newOwner returns an owner in dir that is closed with the test.
func newOwner(t testing.TB, sys disk.System, dir string) *disk.Owner {
	t.Helper()
	o, err := disk.NewOwner(sys, dir, analytics)
	if err != nil {
		t.Fatalf("NewOwner: got error %v, want none", err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// create returns a segment that is released with the test.
func create(t testing.TB, o *disk.Owner, size int) *disk.Segment {
	t.Helper()
	s, err := o.Create(size, false)
	if err != nil {
		t.Fatalf("Create(%d): got error %v, want none", size, err)
	}
	t.Cleanup(func() { _ = s.Release() })
	return s
}

// writer puts frames into a segment, however that is done.
type writer struct {
	s       *disk.Segment
	ends    []byte
	offsets []int
	summary segment.Summary
}

func newWriter(s *disk.Segment) *writer {
	return &writer{s: s, ends: make([]byte, disk.EndsSize(s.Size()))}
}

var errAppend = errors.New("the append failed")

// append appends the frames of the records first to last.
func (w *writer) append(first, last, payload int) error {
	for n := first; n <= last; n++ {
		f := frame(n, payload)
		if w.s.Mapped() {
			if !w.s.Append(w.summary.Used, f) {
				return errAppend
			}
		} else if err := w.s.WriteFrames(w.summary.Used, w.s.AppendSalted(nil, f)); err != nil {
			return err
		}
		w.offsets = append(w.offsets, w.summary.Used)
		if w.summary.Records == 0 {
			w.summary.Oldest = int64(n) * 1000
		}
		w.summary.Newest = int64(n) * 1000
		w.summary.Records++
		w.summary.Used += len(f)
		w.summary.Payload += payload
	}
	return nil
}

// end ends the records at these places, from 0 and in order, in one write.
func (w *writer) end(places ...int) error {
	if len(places) == 0 {
		return nil
	}
	for _, i := range places {
		w.ends[disk.End(w.offsets[i])] = disk.Final
	}
	return w.s.WriteEnds(w.ends, disk.End(w.offsets[places[0]]), disk.End(w.offsets[places[len(places)-1]]))
}

func (w *writer) seal() error { return w.s.Seal(w.summary) }

// must fails the test if a step of it failed.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

// claim claims what the dead left in dir, and closes it with the test.
func claim(t testing.TB, dir string) disk.Sweep {
	t.Helper()
	sweep, err := disk.Claim(disk.Local(), dir, analytics, nil)
	must(t, err)
	t.Cleanup(func() { drop(sweep) })
	return sweep
}

// drop gives back what was claimed, and leaves it where it is.
func drop(sweep disk.Sweep) {
	for _, s := range sweep.Segments {
		_ = s.Release()
	}
	for _, o := range sweep.Owners {
		_ = o.Close()
	}
}

// load returns the numbers of the pending records of a segment.
func load(t testing.TB, s *disk.Segment) ([]int, error) {
	t.Helper()
	area := make([]byte, s.Pending().Used)
	contents, err := s.Load(area)
	must(t, err)
	numbers := make([]int, 0, len(contents.Pending))
	payload := 0
	for _, offset := range contents.Pending {
		var f segment.Frame
		segment.View(area[offset:], &f)
		n := number(area[offset:])
		end := segment.HeaderSize + len(f.Payload) // its padding does not matter
		if got, want := area[offset:][:end], frame(n, len(f.Payload))[:end]; !bytes.Equal(got, want) {
			t.Fatalf("record %d: got frame %x, want %x", n, got, want)
		}
		payload += len(f.Payload)
		numbers = append(numbers, n)
	}
	if contents.Payload != payload {
		t.Errorf("got %d bytes of payload, want %d", contents.Payload, payload)
	}
	return numbers, contents.Err
}

// killed runs life on a disk in dir, and kills it when it is over.
func killed(t testing.TB, dir string, life func(sys *faulty.System, o *disk.Owner)) {
	t.Helper()
	sys := faulty.New(disk.Local())
	o, err := disk.NewOwner(sys, dir, analytics)
	must(t, err)
	life(sys, o)
	sys.Kill()
}

// files returns the files under dir, but no directories, by their relative paths.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	}))
	return names
}

// onlySegment returns the path of the one segment file under dir.
func onlySegment(t testing.TB, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*-*", "*.segment"))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("got segments %v under %s, want one", found, dir)
	}
	return found[0]
}
