// Package atomicfile replaces a file at once: whoever reads it meanwhile gets the old contents or the new ones,
// and so does whoever reads it after a crash.
//
// It starts no goroutine, keeps nothing and runs on the caller's.
package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Write makes data the contents of the file at path, with mode 0600, in a directory that is made with mode 0700 if
// it is missing. When it fails, the file is as it was. Several processes may write the same file: one of them wins.
func Write(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("replace file: %w", err)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("replace file: %w", err)
	}
	if err := fill(f, data); err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("replace file: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("replace file: %w", err)
	}
	if err := disk.Local().SyncDir(dir); err != nil {
		return fmt.Errorf("sync replaced file: %w", err)
	}
	return nil
}

// fill writes data to f so that it survives a power cut, and closes it.
func fill(f *os.File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
