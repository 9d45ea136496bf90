package disk

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
)

// Segment is the file of a segment.
//
// Append, AppendSalted, Populate, WriteFrames, WriteEnds, ReadEnds and Sync may
// run at the same time as each other, and as one of Seal and Load, if each has one
// caller at a time. Unmap, Release, Reuse and Retire must run alone. The
// descriptor of a file that has none, because it was found or released, is
// opened by the first call that needs it, and stays open until Release or
// Retire.
type Segment struct {
	owner   *Owner
	name    string
	bytes   int64 // of the file
	header  header
	sync    bool    // what is made of the file survives a power cut
	mapping Mapping // nil if there is none

	populated time.Time // when all of the mapping was, last

	mu   sync.Mutex // for file, which several calls may want to open
	file Handle     // nil if it is not open

	records int // that are in the file, damaged ones included, or unknown
	pending segment.Summary
	damage  string // why the file must not be removed
	gone    bool
}

// unknown is the number of records in a segment that is not sealed.
const unknown = -1

// Owner returns whose segment it is.
func (s *Segment) Owner() *Owner { return s.owner }

// Name returns the path of the file.
func (s *Segment) Name() string { return s.name }

// Size returns the size of the frames area, in bytes.
func (s *Segment) Size() int { return s.header.size }

// Bytes returns the size of the whole file.
func (s *Segment) Bytes() int64 { return s.bytes }

// Salt returns what the checksums of the file's frames are changed by.
func (s *Segment) Salt() uint32 { return s.header.salt }

// Mapped reports whether Append can be used. If not, WriteFrames can.
func (s *Segment) Mapped() bool { return s.mapping != nil }

// Append copies a frame, whose salt is zero, to offset of the frames area of a
// mapped segment, and reports whether that worked. If it did not, the mapping
// faulted, and the file is of no more use. It allocates nothing and makes no
// system call. Frames are appended in order and without gaps.
func (s *Segment) Append(offset int, frame []byte) bool {
	return s.mapping != nil && s.mapping.Append(framesAt(s.header.size)+offset, frame, s.header.salt)
}

// AppendSalted appends a frame, whose salt is zero, to dst with the salt of
// the segment, for WriteFrames.
func (s *Segment) AppendSalted(dst, frame []byte) []byte {
	at, n := len(dst), segment.Size(segment.PayloadSize(frame))
	dst = slices.Grow(dst, n)[:at+n]
	segment.Copy(dst[at:], frame, s.header.salt)
	return dst
}

// WriteFrames writes frames that AppendSalted made, one behind the other, to
// offset of the frames area. It is for segments that are not mapped. If it
// fails the file is of no more use.
func (s *Segment) WriteFrames(offset int, frames []byte) error {
	return s.write("frames", int64(framesAt(s.header.size)+offset), frames)
}

// Populate makes the pages from from to to of a mapped segment's frames area
// writable, so that Append does not have to wait for them: the kernel protects
// them again when it has written them to the disk. It changes no byte, and does
// nothing where the operating system has no call for it, or the segment is not
// mapped.
func (s *Segment) Populate(from, to int) error {
	if s.mapping == nil {
		return nil
	}
	area := framesAt(s.header.size)
	err := s.mapping.Populate(area+from, area+min(to, s.header.size))
	if err != nil && !errors.Is(err, ErrNoPopulate) {
		return fmt.Errorf("populate segment: %w", err)
	}
	return nil
}

// WriteEnds writes the bytes first to last, both included, of ends, which are
// all ends of the segment, EndsSize(Size()) bytes. See [Final] and [End].
func (s *Segment) WriteEnds(ends []byte, first, last int) error {
	return s.write("ends", int64(endsAt+first), ends[first:last+1])
}

// ReadEnds reads all ends of the segment, EndsSize(Size()) bytes. What the disk
// does not give, and what is behind the end of a file that is too short, reads as not final.
// The error is that of a file that could not be opened, or of which nothing could be
// read.
func (s *Segment) ReadEnds(ends []byte) error {
	clear(ends)
	n := 0
	file, err := s.open()
	if err == nil {
		n, _, err = read(file, ends[:EndsSize(s.header.size)], endsAt)
	}
	if err != nil && n == 0 {
		return fmt.Errorf("read ends: %w", err)
	}
	return nil
}

// Seal writes down what is in the segment. Nothing is appended to it any more.
func (s *Segment) Seal(summary segment.Summary) error {
	s.records = summary.Records
	var b [sealSize]byte
	putSeal(b[:], summary, s.header.salt)
	return s.write("seal", sealAt, b[:])
}

func (s *Segment) write(what string, at int64, b []byte) error {
	file, err := s.open()
	if err == nil {
		_, err = file.WriteAt(b, at)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// Sync makes everything in the file survive a power cut.
func (s *Segment) Sync() error {
	file, err := s.open()
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	return nil
}

// Pending says what Claim found of records that are not final. Damaged ones
// that it could see are counted among the Records, so Load finds fewer. Used is
// that of all records, final or not. If the segment is sealed, Payload is an
// estimate, and Oldest and Newest are those of all records.
func (s *Segment) Pending() segment.Summary { return s.pending }

// open returns the file's descriptor.
func (s *Segment) open() (Handle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		file, err := s.owner.sys.Open(s.name, os.O_RDWR)
		if err != nil {
			return nil, err
		}
		s.file = file
	}
	return s.file, nil
}

// Unmap ends the mapping, if there is one. What was appended stays.
func (s *Segment) Unmap() error {
	if s.mapping == nil {
		return nil
	}
	mapping := s.mapping
	s.mapping, s.populated = nil, time.Time{}
	return mapping.Unmap()
}

// Release ends the mapping and closes the descriptor. The file stays.
func (s *Segment) Release() error {
	err := s.Unmap()
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
		s.file = nil
	}
	if err != nil {
		return fmt.Errorf("release segment: %w", err)
	}
	return nil
}

// Retire ends the mapping, closes the descriptor and removes the file. If Load
// or Claim found it damaged, it is moved to the quarantine instead, and the
// reason is written beside it. A file that is not there any more is no error.
// Retire may be called again when it failed; when it did not, the file
// is gone, and it does nothing.
func (s *Segment) Retire() error {
	released := s.Release()
	if s.gone {
		return released
	}
	var err error
	if s.damage != "" {
		err = s.owner.quarantine(s.name, s.damage)
	} else {
		err = s.owner.sys.Remove(s.name)
	}
	if err != nil && !isGone(err) {
		return errors.Join(released, fmt.Errorf("retire segment: %w", err))
	}
	s.gone = true
	return released
}
