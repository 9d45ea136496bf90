package disk

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
)

// Create makes a file for a segment of size bytes, rounded up as Round does:
// preallocated, mapped if possible, and populated. With sync, the file and the
// directory survive a power cut as well once it returns, and so does what
// Reuse does with the file. If it fails, nothing is left of the file.
func (o *Owner) Create(size int, sync bool) (*Segment, error) {
	size = Round(size)
	if size > maxArea {
		return nil, fmt.Errorf("make segment: %d bytes are too many", size)
	}
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // never fails
	s := &Segment{owner: o, sync: sync, header: o.header(size, binary.LittleEndian.Uint32(salt[:]))}
	s.name = o.segmentPath(s.header.ordinal)
	s.bytes = FileSize(size)
	file, err := o.sys.Open(s.name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, fmt.Errorf("make segment: %w", err)
	}
	s.file = file
	if err := s.fill(); err != nil {
		return nil, errors.Join(fmt.Errorf("make segment: %w", err), s.Release(), o.sys.Remove(s.name))
	}
	return s, nil
}

// header returns the header of the owner's next segment.
func (o *Owner) header(size int, salt uint32) header {
	o.ordinal++
	return header{identity: o.id, size: size, salt: salt, written: time.Now().UnixNano(), ordinal: o.ordinal}
}

// fill makes a file that is empty what it is to be.
func (s *Segment) fill() error {
	if err := s.file.Preallocate(s.bytes); err != nil {
		return fmt.Errorf("preallocate: %w", err)
	}
	page := make([]byte, endsAt)
	s.header.put(page)
	if _, err := s.file.WriteAt(page, 0); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	if err := s.prepare(); err != nil {
		return err
	}
	if !s.sync {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return s.owner.syncEntries()
}

// writableFor is how long populated pages are taken to be writable still. The
// kernel protects them when it writes them back, which is seconds later.
const writableFor = time.Second

// prepare maps and populates a file that is not in use.
func (s *Segment) prepare() error {
	if s.mapping == nil && (syncCoversMappings || !s.sync) {
		mapping, err := s.file.Map(int(s.bytes))
		if err != nil && !errors.Is(err, ErrNoMapping) {
			return fmt.Errorf("map: %w", err)
		}
		s.mapping = mapping
	}
	if s.mapping == nil || time.Since(s.populated) < writableFor {
		return nil
	}
	s.populated = time.Now()
	from := framesAt(s.header.size)
	err := s.mapping.Populate(from, int(s.bytes))
	if errors.Is(err, ErrNoPopulate) {
		// Writing does the same, as long as nobody else does.
		if !s.mapping.Clear(from, int(s.bytes)) {
			return fmt.Errorf("write to %s: %w", s.name, ErrFault)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("populate: %w", err)
	}
	return nil
}

// syncEntries makes the owner's directory, and what is in it, survive a power
// cut.
func (o *Owner) syncEntries() error {
	if err := o.sys.SyncDir(o.Dir()); err != nil {
		return fmt.Errorf("sync owner directory: %w", err)
	}
	if o.synced {
		return nil
	}
	if err := o.sys.SyncDir(o.root); err != nil {
		return fmt.Errorf("sync spool directory: %w", err)
	}
	_ = o.sys.SyncDir(filepath.Dir(o.root)) // if that is not ours, whoever made the root has seen to it
	o.synced = true
	return nil
}

// Reuse makes the file as if it were new, for a segment of the same size. What
// was in it must be final, or elsewhere. If it fails, the file has to be
// retired, and so has one that was found to be damaged.
func (s *Segment) Reuse() error {
	if s.damage != "" {
		return fmt.Errorf("use segment again: %s: %s", s.name, s.damage)
	}
	if err := s.renew(); err != nil {
		return fmt.Errorf("use segment again: %w", err)
	}
	return nil
}

func (s *Segment) renew() error {
	file, err := s.open()
	if err != nil {
		return err
	}
	// The header goes first, and is whole or not there. From then on the
	// old frames have the salt of the life before. The old ends and the first
	// frame's state go with it, so that all of them are gone before a frame is written.
	from := framesAt(s.header.size)
	fresh := make([]byte, from+segment.Align)
	s.header = s.owner.header(s.header.size, nextSalt(s.header.salt))
	s.records, s.pending = unknown, segment.Summary{}
	s.header.put(fresh)
	if _, err := file.WriteAt(fresh, 0); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	if err := s.prepare(); err != nil {
		return err
	}
	if s.mapping == nil {
		// What WriteFrames writes may end anywhere, and must end in zeros.
		if err := writeZeros(file, int64(from), s.bytes); err != nil {
			return fmt.Errorf("clear: %w", err)
		}
	}
	if s.sync {
		if err := file.Sync(); err != nil {
			return fmt.Errorf("sync: %w", err)
		}
	}
	return nil
}
