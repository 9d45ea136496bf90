//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// A child has a copy of every descriptor from its fork to its exec. Who closes a
// file in between gives the lock back all the same.
func TestALockIsGivenBackWhileAChildStarts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	open := func() disk.Handle {
		h, err := disk.Local().Open(path, os.O_RDWR|os.O_CREATE)
		must(t, err)
		t.Cleanup(func() { _ = h.Close() })
		return h
	}
	before := open()
	must(t, before.Lock())
	child, err := syscall.Dup(int(disk.OSFile(before).Fd()))
	must(t, err)
	defer func() { _ = syscall.Close(child) }()

	after := open()
	if err := after.Lock(); !errors.Is(err, disk.ErrHeld) {
		t.Errorf("while it is held: got error %v, want %v", err, disk.ErrHeld)
	}
	must(t, before.Close())
	if err := after.Lock(); err != nil {
		t.Errorf("after Close: got error %v, want the lock", err)
	}
}
