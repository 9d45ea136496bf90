//go:build linux || darwin

package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/hedgerow/posthog/internal/segment"
)

// mapping is the mapped memory of a file, from its first byte on.
type mapping struct {
	memory []byte
	name   string
}

func mapFile(f *os.File, size int) (Mapping, error) {
	m := &mapping{name: f.Name()}
	err := control(f, "mmap", func(fd uintptr) (err error) {
		m.memory, err = syscall.Mmap(int(fd), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		return err
	})
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSYS),
		errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.EAGAIN):
		return nil, fmt.Errorf("%w: %w", ErrNoMapping, err)
	default:
		return nil, err
	}
}

// Append implements Mapping. The runtime turns a fault into a panic if it is
// asked to, for this goroutine and this call, and recover makes it an answer.
// The same catches a frame that does not fit.
func (m *mapping) Append(offset int, frame []byte, salt uint32) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { ok = recover() == nil }()
	dst := m.memory[offset:]
	if next := segment.Size(segment.PayloadSize(frame)); next < len(dst) {
		// The file may have been used before. What lies there must not be taken
		// for a frame that was damaged.
		binary.LittleEndian.PutUint32(dst[next:], 0)
	}
	segment.Copy(dst, frame, salt)
	return true
}

func (m *mapping) Clear(from, to int) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { ok = recover() == nil }()
	clear(m.memory[from:to])
	return true
}

func (m *mapping) Populate(from, to int) error {
	from &^= os.Getpagesize() - 1 // the call wants whole pages
	if err := populate(m.memory[from:to]); err != nil {
		if errors.Is(err, ErrNoPopulate) {
			return err
		}
		return &os.PathError{Op: "madvise", Path: m.name, Err: err}
	}
	return nil
}

func (m *mapping) Unmap() error {
	memory := m.memory
	m.memory = nil
	if err := syscall.Munmap(memory); err != nil {
		return &os.PathError{Op: "munmap", Path: m.name, Err: err}
	}
	return nil
}
