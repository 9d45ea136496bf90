package ring

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// ErrSize says that a ring cannot have that size.
var ErrSize = errors.New("not the size of a ring: a multiple of 4096, from 16 KiB to 1 MiB")

// A Ring is the file of this process's steps. Its methods are safe for concurrent use.
type Ring struct {
	path   string
	system disk.System
	header header

	mu       sync.Mutex // guards what follows; held for two copies where the file is mapped, and while the disk is waited for elsewhere
	file     disk.Handle
	mapping  disk.Mapping // nil where files cannot be mapped
	position int64        // of the next frame
	closed   bool         // or the mapping faulted
	frame    [headroom]byte
	salted   []byte // the same with its salt, where the file is not mapped
}

// headroom is what the frame of the largest step takes.
const headroom = segment.HeaderSize + MaxStep

// Create makes the file of a ring, which must not exist, with mode 0600. It takes all the space that the ring will ever need: a
// full disk is an error here, and no fault later. The size is that of the file, in bytes; see [DefaultSize]. The lock of the file
// is held until Close, or until the process ends.
func Create(path string, size int) (*Ring, error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // never fails
	return create(disk.Local(), path, size, binary.LittleEndian.Uint32(salt[:]))
}

func create(system disk.System, path string, size int, salt uint32) (*Ring, error) {
	if size < minSize || size > maxSize || size%4096 != 0 {
		return nil, fmt.Errorf("make steps file of %d bytes: %w", size, ErrSize)
	}
	file, err := system.Open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, fmt.Errorf("make steps file: %w", err)
	}
	r := &Ring{path: path, system: system, file: file, header: header{salt: salt, area: size - headerSize}}
	if err := r.prepare(size); err != nil {
		_ = r.Remove() // the first error says more
		return nil, fmt.Errorf("make steps file: %w", err)
	}
	return r, nil
}

// prepare makes a file that is empty what it is to be.
func (r *Ring) prepare(size int) error {
	if err := r.file.Lock(); err != nil {
		return err
	}
	if err := r.file.Preallocate(int64(size)); err != nil {
		return fmt.Errorf("preallocate: %w", err)
	}
	var head [headerSize]byte
	r.header.put(head[:])
	if _, err := r.file.WriteAt(head[:], 0); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	mapping, err := r.file.Map(size)
	if errors.Is(err, disk.ErrNoMapping) {
		r.salted = make([]byte, headroom+4)
		return nil
	}
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	r.mapping = mapping
	err = mapping.Populate(0, size)
	if errors.Is(err, disk.ErrNoPopulate) {
		// Writing does the same, as long as nobody else does.
		if !mapping.Clear(headerSize, size) {
			return fmt.Errorf("write to %s: %w", r.path, disk.ErrFault)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("populate: %w", err)
	}
	return nil
}

// Add adds a step, which is an object of JSON of at most [MaxStep] bytes, and reports whether the file has it: not if it is too long
// or no object, if the ring is closed, or if the file failed. Only the braces of the object are looked at; what is
// not JSON is lost when it is read. The oldest steps make room. It allocates nothing and keeps nothing of step.
func (r *Ring) Add(step []byte) bool {
	if len(step) < 2 || len(step) > MaxStep || step[0] != '{' || step[len(step)-1] != '}' {
		return false
	}
	sum := segment.Checksum(step)
	size := segment.Size(len(step))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	position := r.position
	at := int(position % int64(r.header.area))
	if at+size > r.header.area {
		position += int64(r.header.area - at)
		at = 0
	}
	frame := segment.Frame{Payload: step, Accepted: position}
	segment.Write(r.frame[:], &frame, sum)
	if !r.write(at, size) {
		return false
	}
	r.position = position + int64(size)
	return true
}

// write puts the frame, which takes size bytes, at an offset of the area.
func (r *Ring) write(at, size int) bool {
	if r.mapping != nil {
		if !r.mapping.Append(headerSize+at, r.frame[:size], r.header.salt) {
			r.closed = true // the next one would fault as well
			return false
		}
		return true
	}
	segment.Copy(r.salted, r.frame[:size], r.header.salt)
	end := size
	if at+size < r.header.area {
		end += copy(r.salted[size:], "\x00\x00\x00\x00") // where the state of the next one will be
	}
	_, err := r.file.WriteAt(r.salted[:end], int64(headerSize+at))
	return err == nil
}

// Close ends the ring, and leaves its file where it is, for whoever takes the crash of this process. Calling it again does nothing.
func (r *Ring) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	var unmapped, closed error
	if r.mapping != nil {
		unmapped, r.mapping = r.mapping.Unmap(), nil
	}
	if r.file != nil {
		closed, r.file = r.file.Close(), nil
	}
	if err := errors.Join(unmapped, closed); err != nil {
		return fmt.Errorf("close steps file: %w", err)
	}
	return nil
}

// Remove ends the ring and removes its file. Calling it again does nothing.
func (r *Ring) Remove() error {
	closed := r.Close()
	if err := r.system.Remove(r.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(closed, fmt.Errorf("remove steps file: %w", err))
	}
	return closed
}
