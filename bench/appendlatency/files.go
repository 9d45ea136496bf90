//go:build linux

package main

import (
	"errors"
	"os"
	"syscall"
)

// A way is how a record gets into a file.
type way string

// The ways.
const (
	wayMemory    way = "memory, no file"
	wayMapped    way = "mapped"
	wayPopulated way = "mapped, populated ahead"
	wayWrite     way = "`WriteAt`"
)

// ways are all of them, in the order of the table.
var ways = []way{wayMemory, wayMapped, wayPopulated, wayWrite}

// regionSize is the size of every region.
const regionSize = 1 << 20

// populateWrite makes the pages of a mapping present and writable, as if they were written. The syscall package lacks it.
const populateWrite = 23 // MADV_POPULATE_WRITE

// A region is a piece of memory, a file, or both, that is filled from its start to its end.
type region struct {
	memory []byte   // nil for wayWrite
	file   *os.File // nil for wayMemory
}

// newRegion makes one, with the blocks of the disk that it needs.
func newRegion(w way, name string) (*region, error) {
	if w == wayMemory {
		r := &region{memory: make([]byte, regionSize)}
		clear(r.memory)
		return r, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	r := &region{file: f}
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, regionSize); err != nil {
		return nil, errors.Join(os.NewSyscallError("fallocate", err), f.Close())
	}
	if w == wayWrite {
		return r, nil
	}
	if r.memory, err = syscall.Mmap(int(f.Fd()), 0, regionSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
		return nil, errors.Join(os.NewSyscallError("mmap", err), f.Close())
	}
	if w == wayPopulated {
		if err := syscall.Madvise(r.memory, populateWrite); err != nil {
			return nil, errors.Join(os.NewSyscallError("madvise", err), r.close())
		}
	}
	return r, nil
}

// put copies a record to an offset. This is what is measured.
func (r *region) put(offset int64, record []byte) error {
	if r.memory == nil {
		_, err := r.file.WriteAt(record, offset)
		return err
	}
	copy(r.memory[offset:], record)
	return nil
}

// close unmaps and closes it. The file stays.
func (r *region) close() error {
	if r.file == nil {
		return nil
	}
	var unmapped error
	if r.memory != nil {
		unmapped = os.NewSyscallError("munmap", syscall.Munmap(r.memory))
	}
	return errors.Join(unmapped, r.file.Close())
}
