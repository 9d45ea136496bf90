//go:build unix

package disk

import (
	"errors"
	"syscall"
)

// exhausted reports whether err says that there are too many open files.
func exhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
