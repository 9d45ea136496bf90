//go:build unix

package disk

import (
	"errors"
	"os"
	"syscall"
)

// syncDir syncs a directory. File systems that cannot do that say EINVAL, and
// have nothing to lose.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
