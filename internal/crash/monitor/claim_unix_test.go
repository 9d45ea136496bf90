//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package monitor_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// renamed is the name that a file has since it was taken.
func renamed(t *testing.T, path string) string {
	t.Helper()
	names, err := filepath.Glob(strings.TrimSuffix(path, ".crash") + "*.crash")
	if err != nil || len(names) != 1 {
		t.Fatalf("got files %q and error %v, want one", names, err)
	}
	return names[0]
}

func TestTheFileOfTheDeadIsClaimed(t *testing.T) {
	t.Parallel()
	left, err := monitor.Claim(copied(t), nil, 0)
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
		left, err := monitor.Claim(path, nil, time.Minute)
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

// Who inherited the lock has it from the end of the owner to that of its own work: nobody gets it in between.
func TestAClaimByTheGuardHasTheLockAllTheTime(t *testing.T) {
	t.Parallel()
	path := copied(t)
	guard, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(guard.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	owners, err := syscall.Dup(int(guard.Fd())) // which the kernel has not yet closed
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(owners) }()
	left, err := monitor.Claim(path, guard, 0)
	if err != nil {
		t.Fatalf("got error %v, want the file", err)
	}
	if _, err := monitor.Claim(renamed(t, path), nil, 0); !errors.Is(err, file.ErrHeld) {
		t.Errorf("while it is claimed: got error %v for somebody else, want %v", err, file.ErrHeld)
	}
	left.Keep()
	again, err := monitor.Claim(renamed(t, path), nil, 0)
	if err != nil {
		t.Fatalf("when it was given back: got error %v, want the file", err)
	}
	again.Keep()
}

// The guard of a file that has no longer the name, or of none at all, is no reason to miss the one that has it.
func TestAClaimByTheGuardOfAnotherFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{os.DevNull, copied(t)} {
		guard, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		left, err := monitor.Claim(copied(t), guard, time.Minute)
		if err != nil {
			t.Fatalf("with the guard of %s: got error %v, want the file", name, err)
		}
		left.Keep()
	}
}

func TestAClaimThatCannotBe(t *testing.T) {
	t.Parallel()
	t.Run("the owner lives", func(t *testing.T) {
		t.Parallel()
		if _, err := monitor.Claim(owned(t).Output().Name(), nil, time.Millisecond); !errors.Is(err, file.ErrHeld) {
			t.Errorf("got %v, want %v", err, file.ErrHeld)
		}
	})
	t.Run("the file is gone", func(t *testing.T) {
		t.Parallel()
		own := owned(t)
		if err := own.Remove(); err != nil {
			t.Fatal(err)
		}
		if _, err := monitor.Claim(own.Output().Name(), nil, time.Minute); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, os.ErrNotExist)
		}
	})
}
