package faulty

import (
	"os"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

const page = 4096

// handle is an open file of a System.
type handle struct {
	system *System
	inner  disk.Handle
	name   string
}

func (h *handle) ReadAt(p []byte, off int64) (n int, err error) {
	err = h.system.do("ReadAt", h.name, func() (err error) { n, err = h.inner.ReadAt(p, off); return err })
	return n, err
}

func (h *handle) WriteAt(p []byte, off int64) (n int, err error) {
	v, err := h.system.begin("WriteAt", h.name)
	if v == tear {
		// A signal is seen between two pages.
		if whole := (off+int64(len(p))-1)/page*page - off; whole > 0 {
			_, _ = h.inner.WriteAt(p[:whole], off)
		}
		h.system.Kill()
	}
	if err != nil {
		return 0, err
	}
	err = h.system.alive(func() error {
		if err := h.system.charge(h.name, off+int64(len(p))); err != nil {
			return err
		}
		n, err = h.inner.WriteAt(p, off)
		return err
	})
	return n, err
}

func (h *handle) Stat() (info os.FileInfo, err error) {
	err = h.system.do("Stat", h.name, func() (err error) { info, err = h.inner.Stat(); return err })
	return info, err
}

func (h *handle) Sync() error { return h.system.do("Sync", h.name, h.inner.Sync) }
func (h *handle) Lock() error { return h.system.do("Lock", h.name, h.inner.Lock) }

func (h *handle) Preallocate(size int64) error {
	return h.system.do("Preallocate", h.name, func() error {
		if err := h.system.charge(h.name, size); err != nil {
			return err
		}
		return h.inner.Preallocate(size)
	})
}

func (h *handle) Map(size int) (disk.Mapping, error) {
	var m *mapping
	s := h.system
	err := s.do("Map", h.name, func() error {
		s.mu.Lock()
		unmapped := s.unmapped
		s.mu.Unlock()
		if unmapped {
			return disk.ErrNoMapping
		}
		inner, err := h.inner.Map(size)
		if err != nil {
			return err
		}
		m = &mapping{file: h, inner: inner, size: size}
		s.mu.Lock()
		s.mappings[m] = struct{}{}
		s.mapped++
		s.mu.Unlock()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close fails like everything else, but the file is closed all the same, as
// the system does.
func (h *handle) Close() error {
	return h.system.ending("Close", h.name, func() error {
		h.system.mu.Lock()
		if _, open := h.system.handles[h]; open {
			delete(h.system.handles, h)
			h.system.opened--
		}
		h.system.mu.Unlock()
		return h.inner.Close()
	})
}

// ending performs an operation that happens even if it fails, unless the
// process is dead.
func (s *System) ending(name, path string, perform func() error) error {
	v, err := s.begin(name, path)
	if v == tear {
		s.Kill()
	}
	if ended := s.alive(perform); err == nil {
		err = ended
	}
	return err
}
