package disk

import (
	"errors"
	"os"
	"syscall"
)

// preallocate asks the file system for the blocks, and writes zeros if the
// file system does not know how.
func preallocate(f *os.File, size int64) error {
	err := control(f, "fallocate", func(fd uintptr) error {
		return uninterrupted(func() error { return syscall.Fallocate(int(fd), 0, 0, size) })
	})
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return writeZeros(f, 0, size)
	}
	return err
}

// syncFile leaves out what only describes the file, like its times.
func syncFile(f *os.File) error {
	return control(f, "fdatasync", func(fd uintptr) error {
		return uninterrupted(func() error { return syscall.Fdatasync(int(fd)) })
	})
}
