package queue_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// store is a segment.Store whose files are memory. It does what it is asked
// for when the test says so, and fails the test if it is asked for anything
// that a store need not understand. The queue's lock guards what the queue
// calls, and a test calls the rest while the queue is at rest.
type store struct {
	*testing.T

	supply segment.Supply // of Begin
	begun  int            // files that Begin handed out
	bound  int            // bytes of all files; 0 for none
	frail  int            // of new files
	files  []*file        // that are not discarded, oldest first
	reads  []*read        // that were asked for and have not arrived
}

// file is one file of a store.
type file struct {
	store  *store
	area   []byte
	salt   uint32
	used   int
	ended  map[int]bool // by offset
	sealed *segment.Summary

	frail     int // frames that go in before it breaks; 0 for any number
	broken    bool
	unsettled bool
	gone      bool // nothing can be read from it
	reading   bool
	discarded bool
}

type read struct {
	file *file
	area []byte
	done func(segment.Contents)
}

var errGone = errors.New("the file is gone")

// newSpooled returns a queue with the bounds of c, and its store.
func newSpooled(t *testing.T, c queue.Config) (*queue.Queue, *store) {
	t.Helper()
	s := &store{T: t}
	c.Store = s
	return queue.New(c), s
}

func (s *store) Begin(size int) (segment.File, segment.Supply) {
	s.Helper()
	if s.supply != segment.Ready {
		return nil, s.supply
	}
	if s.bound > 0 && s.bytes()+size > s.bound {
		return nil, segment.Full
	}
	s.begun++
	f := &file{store: s, area: make([]byte, size), salt: 0x5a17 + uint32(s.begun), frail: s.frail, ended: make(map[int]bool)}
	s.files = append(s.files, f)
	return f, segment.Ready
}

func (s *store) Changed() <-chan struct{} { return nil } // nobody here waits

// bytes is the size of all files.
func (s *store) bytes() (n int) {
	for _, f := range s.files {
		n += len(f.area)
	}
	return n
}

func (f *file) Append(offset int, frame []byte, _ uint64) bool {
	f.store.Helper()
	f.alive("Append")
	if f.sealed != nil || offset != f.used {
		f.store.Errorf("Append at %d of a file with %d bytes, sealed: %v, want it to follow the last frame", offset, f.used, f.sealed != nil)
	}
	if f.frail > 0 {
		if f.frail--; f.frail == 0 {
			f.broken = true
		}
	}
	if f.broken {
		return false
	}
	segment.Copy(f.area[offset:], frame, f.salt)
	f.used = offset + len(frame)
	return true
}

func (f *file) Broken() bool  { return f.broken }
func (f *file) Settled() bool { return !f.unsettled }

func (f *file) End(offsets []int) {
	f.store.Helper()
	f.alive("End")
	for _, at := range offsets {
		if f.ended[at] || !slices.Contains(f.frames(), at) {
			f.store.Errorf("End of %d, want a frame that has not ended yet, one of %v without %v", at, f.frames(), f.ended)
		}
		f.ended[at] = true
	}
}

func (f *file) Seal(got segment.Summary) {
	f.store.Helper()
	f.alive("Seal")
	if want := f.summary(f.frames()); !f.broken && got != want || f.sealed != nil {
		f.store.Errorf("Seal: got %+v, want %+v, and once", got, want)
	}
	f.sealed = &got
}

func (f *file) Load(area []byte, done func(segment.Contents)) {
	f.store.Helper()
	f.alive("Load")
	if f.reading || len(area) != f.used {
		f.store.Errorf("Load of %d bytes, while another is on its way: %v, want all %d, one at a time", len(area), f.reading, f.used)
	}
	f.reading = true
	f.store.reads = append(f.store.reads, &read{f, area, done})
}

func (f *file) Discard() {
	f.store.Helper()
	f.alive("Discard")
	if f.reading {
		f.store.Error("Discard of a file that is being read")
	}
	f.discarded = true
	f.store.files = slices.DeleteFunc(f.store.files, func(other *file) bool { return other == f })
}

// alive fails the test if f was discarded.
func (f *file) alive(what string) {
	f.store.Helper()
	if f.discarded {
		f.store.Fatalf("%s of a file that was discarded", what)
	}
}

// frames are the offsets of all frames of f.
func (f *file) frames() []int {
	var all []int
	for scan := segment.Scan(f.area[:f.used], f.salt); scan.Next(); {
		all = append(all, scan.Offset)
	}
	return all
}

// pending are the offsets of the frames that have not ended, and how many
// places are damaged.
func (f *file) pending() (all []int, damaged int) {
	scan := segment.Scan(f.area[:f.used], f.salt)
	for scan.Next() {
		if !f.ended[scan.Offset] {
			all = append(all, scan.Offset)
		}
	}
	return all, scan.Damaged
}

// summary is that of the frames at these offsets.
func (f *file) summary(offsets []int) segment.Summary {
	s := segment.Summary{Records: len(offsets), Used: f.used}
	for i, at := range offsets {
		var frame segment.Frame
		segment.View(f.area[at:], &frame)
		s.Payload += len(frame.Payload)
		if i == 0 {
			s.Oldest, s.Newest = frame.Accepted, frame.Accepted
		}
		s.Oldest, s.Newest = min(s.Oldest, frame.Accepted), max(s.Newest, frame.Accepted)
	}
	return s
}

// numbers are those of the items that the next process would find in f.
func (f *file) numbers() (all []int) {
	f.store.Helper()
	offsets, damaged := f.pending()
	if damaged > 0 {
		f.store.Errorf("got %d damaged places in a file, want none", damaged)
	}
	for _, at := range offsets {
		var r queue.Record
		segment.View(f.area[at:], &r.Frame)
		requireWhole(f.store.T, &r)
		all = append(all, number(&r))
	}
	return all
}

// numbers are those of the items that the next process would find.
func (s *store) numbers() (all []int) {
	s.Helper()
	for _, f := range s.files {
		all = append(all, f.numbers()...)
	}
	return all
}

// arrive lets the oldest read arrive, and reports whether there was one.
func (s *store) arrive() bool {
	if len(s.reads) == 0 {
		return false
	}
	r := s.reads[0]
	s.reads = s.reads[1:]
	r.file.reading = false
	if r.file.gone {
		r.done(segment.Contents{Err: errGone})
		return true
	}
	copy(r.area, r.file.area)
	var c segment.Contents
	var damaged int
	if c.Pending, damaged = r.file.pending(); damaged > 0 {
		c.Err = errGone
	}
	c.Payload = r.file.summary(c.Pending).Payload
	for _, at := range c.Pending {
		segment.Unsalt(r.area[at:], r.file.salt)
	}
	r.done(c)
	return true
}

// arriveAll lets everything arrive that is asked for, and whatever is asked for
// then.
func (s *store) arriveAll() {
	for s.arrive() {
		continue
	}
}

// restart returns the store of the next process, and what it finds.
func (s *store) restart() (*store, []segment.Found) {
	s.Helper()
	next := &store{T: s.T, begun: s.begun}
	var found []segment.Found
	for _, old := range s.files {
		pending, _ := old.pending()
		if old.sealed != nil && !old.broken && old.sealed.Records-len(old.ended) != len(pending) {
			s.Errorf("the seal says that %d of %d records are pending, want %d",
				old.sealed.Records-len(old.ended), old.sealed.Records, len(pending))
		}
		if len(pending) == 0 {
			continue
		}
		f := *old
		all := old.summary(old.frames())
		f.store, f.reading, f.sealed = next, false, &all
		f.area, f.ended = slices.Clone(old.area), maps.Clone(old.ended)
		next.files = append(next.files, &f)
		found = append(found, segment.Found{File: &f, Pending: f.summary(pending)})
	}
	return next, found
}

// damage flips a bit of the payload of the frame with the given index.
func (f *file) damage(index int) { f.area[f.frames()[index]+segment.HeaderSize] ^= 1 }
