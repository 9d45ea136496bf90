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
// one after the other, and ends its locks with them, so the end of the pipe may be seen before that of the lock: Claim
// waits for it, and for sweepers that had the same idea, as long as patience lasts.
func Claim(path string, patience time.Duration) (*file.Left, error) {
	end := time.Now().Add(patience)
	for {
		left, err := file.Take(path)
		if !errors.Is(err, file.ErrHeld) {
			return left, err
		}
		if !released(path, time.Until(end)) {
			return nil, fmt.Errorf("after %s: %w", patience, err)
		}
	}
}

// released returns when nobody holds the lock of the file, or when patience ends, and reports whether the former is so. A goroutine
// that waits longer ends with the lock.
func released(path string, patience time.Duration) bool {
	if patience <= 0 {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return true // which is for Take to explain
	}
	free := make(chan struct{}) // closed when the lock was to be had
	go func() {
		defer close(free)
		defer func() { _ = f.Close() }() // and with it the lock
		for syscall.Flock(int(f.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-free:
		return true
	case <-timer.C:
		return false
	}
}
