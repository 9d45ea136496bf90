//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package monitor_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// owned is the crash file of this process.
func owned(t *testing.T) *file.File {
	t.Helper()
	own, err := file.Create(t.TempDir(), file.Header{UUID: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", PID: os.Getpid()}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Remove() })
	return own
}

// copied is a crash file that nobody has locked.
func copied(t *testing.T) string {
	t.Helper()
	path := owned(t).Output().Name()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(dead, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dead
}

func TestTheFileOfTheDeadIsClaimed(t *testing.T) {
	t.Parallel()
	left, err := monitor.Claim(copied(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer left.Keep()
	if left.Header.PID != os.Getpid() {
		t.Errorf("got header %+v, want that of process %d", left.Header, os.Getpid())
	}
}

func TestAClaimWaitsForTheLock(t *testing.T) {
	t.Parallel()
	path := copied(t)
	held, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	claimed := make(chan error, 1)
	go func() {
		left, err := monitor.Claim(path, time.Minute)
		if err == nil {
			left.Keep()
		}
		claimed <- err
	}()
	select {
	case err := <-claimed:
		t.Fatalf("the file was claimed, with %v, while somebody had it", err)
	default:
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-claimed; err != nil {
		t.Errorf("got %v when nobody had the file any more, want it", err)
	}
}

func TestAClaimThatCannotBe(t *testing.T) {
	t.Parallel()
	t.Run("the owner lives", func(t *testing.T) {
		t.Parallel()
		if _, err := monitor.Claim(owned(t).Output().Name(), time.Millisecond); !errors.Is(err, file.ErrHeld) {
			t.Errorf("got %v, want %v", err, file.ErrHeld)
		}
	})
	t.Run("the file is gone", func(t *testing.T) {
		t.Parallel()
		own := owned(t)
		if err := own.Remove(); err != nil {
			t.Fatal(err)
		}
		if _, err := monitor.Claim(own.Output().Name(), time.Minute); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, os.ErrNotExist)
		}
	})
}
