//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package monitor

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// Claim takes the crash file of a process that is dying, as [file.Take] does. The kernel closes the files of a process
// one after the other, and ends its locks with them, so the end of the pipe may be seen before that of the lock. Who has
// the guard has the lock as well. Without it, or if it is that of another file, Claim waits for the lock, and for sweepers that
// had the same idea, as long as patience lasts.
func Claim(path string, guard *os.File, patience time.Duration) (*file.Left, error) {
	end := time.Now().Add(patience)
	left, err := file.Take(path, guard)
	for errors.Is(err, file.ErrHeld) {
		if !released(path, time.Until(end)) {
			return nil, fmt.Errorf("after %s: %w", patience, err)
		}
		left, err = file.Take(path, nil)
	}
	return left, err
}

// released returns when nobody holds the lock of the file, or when patience ends, and reports whether the former is so. A goroutine
// that waits longer ends with the lock.
func released(path string, patience time.Duration) bool {
	if patience <= 0 {
		return false
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // some network file systems lock no other files
	if err != nil {
		return true // which is for Take to explain
	}
	free := make(chan bool, 1) // receives whether the lock was to be had
	go func() {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		for errors.Is(err, syscall.EINTR) {
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		}
		_ = f.Close() // and with it the lock
		free <- err == nil
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case had := <-free:
		return had
	case <-timer.C:
		return false
	}
}
