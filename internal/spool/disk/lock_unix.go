//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package disk

import (
	"errors"
	"os"
	"syscall"
)

// removeOpen says that files can be removed while somebody has them open.
const removeOpen = true

// lockFile takes a lock that belongs to the open file: another handle of the
// same process does not get it either.
func lockFile(f *os.File) error {
	err := control(f, "flock", func(fd uintptr) error {
		return uninterrupted(func() error { return syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	})
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}

// unlockFile gives the lock back, whoever else has a copy of the descriptor. A
// file without one stays as it is.
func unlockFile(f *os.File) {
	_ = control(f, "flock", func(fd uintptr) error {
		return uninterrupted(func() error { return syscall.Flock(int(fd), syscall.LOCK_UN) })
	}) // else it ends with the last copy
}
