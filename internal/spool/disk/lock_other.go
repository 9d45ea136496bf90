//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package disk

import (
	"errors"
	"os"
)

// removeOpen says that files can be removed while somebody has them open.
const removeOpen = false

// lockFile fails: without locks that end with their process, nobody could tell
// the files of a dead one from those of a living one.
func lockFile(f *os.File) error {
	return &os.PathError{Op: "lock", Path: f.Name(), Err: errors.ErrUnsupported}
}

// unlockFile does nothing, for there is no lock.
func unlockFile(*os.File) {}
