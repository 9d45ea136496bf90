package disk

import (
	"errors"
	"os"
	"syscall"
)

// removeOpen says that files can be removed while somebody has them open.
const removeOpen = false

// The call is loaded by hand because golang.org/x/sys would be a dependency
// for one function. LockFile is exclusive and never waits; LockFileEx
// would need a pointer to memory that only package unsafe can make.
var procLockFile = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFile")

const errLockViolation = syscall.Errno(33)

// lockFile locks the first byte of the file, which need not exist.
func lockFile(f *os.File) error {
	err := control(f, "LockFile", func(fd uintptr) error {
		if err := procLockFile.Find(); err != nil {
			return err
		}
		if done, _, err := procLockFile.Call(fd, 0, 0, 1, 0); done == 0 {
			return err
		}
		return nil
	})
	if errors.Is(err, errLockViolation) {
		return ErrHeld
	}
	return err
}

// unlockFile does nothing: the lock ends with the handle, of which a child gets
// no copy.
func unlockFile(*os.File) {}
