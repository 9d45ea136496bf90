package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hedgerow/posthog/internal/segment"
)

// firstRead is what is read of a file at first: all but the frames, unless it
// is larger than usual.
const firstRead = endsAt + 1<<20/segment.MinSize

var (
	errEmpty    = errors.New("there is nothing in it")
	errStranger = errors.New("its header names another lane or project key than its directory")
)

// inspect returns a segment of a dead owner, or nil if it has nothing to send.
// Then the file is removed, or in quarantine, or of a later version.
func (c *claim) inspect(o *Owner, name string) (*Segment, error) {
	s := &Segment{owner: o, name: name, records: unknown}
	err := c.look(s)
	switch {
	case err == nil && (s.pending.Records > 0 || s.damage != ""):
		return s, nil
	case err == nil, errors.Is(err, errEmpty):
		return nil, s.Retire()
	case errors.Is(err, errNewer):
		c.found.Newer++
		return nil, nil
	case errors.Is(err, errHeader), errors.Is(err, errStranger):
		if err := o.quarantine(name, err.Error()); err != nil {
			return nil, err
		}
		c.found.Quarantined = append(c.found.Quarantined, fmt.Sprintf("%s: %v", name, err))
		return nil, nil
	default:
		return nil, err
	}
}

// look opens the file and finds out what is in it.
func (c *claim) look(s *Segment) (err error) {
	file, err := c.sys.Open(s.name, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	s.bytes = info.Size()
	if s.bytes == 0 {
		return errEmpty
	}
	start := c.head[:min(s.bytes, firstRead)]
	n, _, failed := read(file, start, 0)
	start = start[:n]
	if s.header, err = parseHeader(start); err != nil {
		if failed != nil {
			return failed
		}
		return unsound(file, start, err)
	}
	if s.header.identity != c.id {
		return errStranger
	}
	ends := readEnds(file, start, s.header.size)
	if s.readSeal(start, ends) {
		return nil
	}
	return c.scan(s, file, ends)
}

// unsound is the error of a file whose header is not sound: errEmpty if there are
// only zeros in it, or behind the begin of a header, at which its making was cut
// short. It writes to start.
func unsound(file io.ReaderAt, start []byte, err error) error {
	if !errors.Is(err, errHeader) {
		return err
	}
	if len(start) > headerSize {
		begun := bytes.TrimRight(start[:headerSize], "\x00")
		if n := min(len(begun), len(magic)); string(begun[:n]) == magic[:n] {
			clear(begun)
		}
	}
	for offset := int64(0); ; {
		if !zero(start) {
			return err
		}
		offset += int64(len(start))
		n, failed := file.ReadAt(start, offset)
		if failed != nil && !errors.Is(failed, io.EOF) {
			return failed
		}
		if n == 0 {
			return errEmpty
		}
		start = start[:n]
	}
}

// readEnds returns the ends of the segment, as far as the file goes.
func readEnds(file io.ReaderAt, start []byte, size int) []byte {
	start = start[min(endsAt, len(start)):]
	if want := EndsSize(size); want > len(start) {
		ends := make([]byte, want)
		n, _, _ := read(file, ends, endsAt) // those that are lost cost a repetition
		return ends[:n]
	}
	return start[:EndsSize(size)]
}

// readSeal reports whether the seal says that something is pending, and what.
// That nothing is has to be seen in the frames, because the file is removed
// then, and ends have no checksum.
func (s *Segment) readSeal(start, ends []byte) bool {
	all, ok := parseSeal(start[min(sealAt, len(start)):], &s.header)
	if !ok {
		return false
	}
	s.records = all.Records
	s.pending = all
	s.pending.Records -= countEnds(endsOf(ends, all.Used))
	if s.pending.Records <= 0 {
		return false
	}
	s.pending.Payload = int(int64(all.Payload) * int64(s.pending.Records) / int64(all.Records))
	return true
}

// scan finds out from the frames what is pending.
func (c *claim) scan(s *Segment, file io.ReaderAt, ends []byte) error {
	from := int64(framesAt(s.header.size))
	area := c.room(int(max(0, min(s.bytes-from, int64(s.header.size)))))
	n, lost, err := read(file, area, from)
	if err != nil && n == 0 {
		return err
	}
	found := examine(area[:n], ends, s.header.salt, n == s.header.size)
	missing := s.missing(found, ends)
	s.remember(missing, lost, found.at)
	if s.damage != "" {
		missing = max(missing, 1)
	}
	s.pending = found.summary
	if s.pending.Records == 0 {
		s.pending.Oldest, s.pending.Newest = s.header.written, s.header.written
	}
	s.pending.Records += missing
	return nil
}

// room returns n bytes of a buffer that is used again.
func (c *claim) room(n int) []byte {
	if cap(c.area) < n {
		c.area = make([]byte, n)
	}
	return c.area[:n]
}
