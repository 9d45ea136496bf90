package faulty

import (
	"encoding/binary"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// mapping is a mapped file of a System.
type mapping struct {
	file  *handle
	inner disk.Mapping
	size  int
}

// Append fails as a fault of the mapping.
func (m *mapping) Append(offset int, frame []byte, salt uint32) (ok bool) {
	s := m.file.system
	v, err := s.begin("Append", m.file.name)
	if v == tear {
		m.half(offset, frame, salt)
		s.Kill()
	}
	if err != nil {
		return false
	}
	err = s.alive(func() error { ok = m.inner.Append(offset, frame, salt); return nil })
	return ok && err == nil
}

// half is what may have happened of an Append: the end of the frames is set,
// and most of the frame is there, but not its state.
func (m *mapping) half(offset int, frame []byte, salt uint32) {
	n := segment.Size(segment.PayloadSize(frame))
	if next := offset + n; next < m.size {
		_, _ = m.file.inner.WriteAt(make([]byte, 4), int64(next))
	}
	salted := make([]byte, n)
	segment.Copy(salted, frame, salt)
	binary.LittleEndian.PutUint32(salted, 0)
	_, _ = m.file.inner.WriteAt(salted[8:n-n/3], int64(offset)+8)
}

// Clear fails as a fault of the mapping.
func (m *mapping) Clear(from, to int) (ok bool) {
	err := m.file.system.do("Clear", m.file.name, func() error { ok = m.inner.Clear(from, to); return nil })
	return ok && err == nil
}

func (m *mapping) Populate(from, to int) error {
	return m.file.system.do("Populate", m.file.name, func() error { return m.inner.Populate(from, to) })
}

// Unmap ends the mapping even if it fails.
func (m *mapping) Unmap() error {
	return m.file.system.ending("Unmap", m.file.name, func() error {
		s := m.file.system
		s.mu.Lock()
		if _, mapped := s.mappings[m]; mapped {
			delete(s.mappings, m)
			s.mapped--
		}
		s.mu.Unlock()
		return m.inner.Unmap()
	})
}
