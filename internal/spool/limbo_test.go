package spool_test

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// files returns how many segment files there are, and how large they are.
func (w *world) files() (n int, bytes int64) {
	w.Helper()
	names, err := filepath.Glob(filepath.Join(w.config.Dir, "*", "*.segment"))
	if err != nil {
		w.Fatalf("look for files: %v", err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			w.Fatalf("look at file: %v", err)
		}
		bytes += info.Size()
	}
	return len(names), bytes
}

// fullOnWrite fails what writes frames, and lets files be made: a file system
// that copies on write does so when it is full.
func fullOnWrite() func(faulty.Op) error {
	var mu sync.Mutex
	made := make(map[string]bool)
	return func(op faulty.Op) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case op.Name == "Append", op.Name == "WriteAt" && made[op.Path]:
			return syscall.ENOSPC
		case op.Name == "WriteAt":
			made[op.Path] = true // its header
		}
		return nil
	}
}

// On a disk on which files can be made but not written, each try breaks another
// file. Neither their number nor that of the descriptors grows with time.
func TestFilesThatBreakAreBounded(t *testing.T) {
	t.Parallel()
	for what, configure := range map[string]func(*spool.Config){"mapped": usual, "not mapped": unmapped, "synced": durable} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, configure, func(w *world) {
				w.add(0, 9)
				synctest.Wait()
				w.system.Before(fullOnWrite())
				w.add(9, 9)
				<-time.After(3 * time.Hour)
				synctest.Wait()
				if n, _ := w.files(); n > 90 || w.system.Opened() > 26 || w.system.Mapped() > 25 {
					w.Errorf("three hours later: got %d files, %d descriptors and %d mappings, want at most 90, 26 and 25",
						n, w.system.Opened(), w.system.Mapped())
				}
				w.system.Heal()
				<-time.After(time.Minute)
				synctest.Wait()
				inFiles, inMemory := w.queue.kept()
				if len(inFiles) != 18 || len(inMemory) != 0 {
					w.Errorf("got %q in files, %q in memory, want all in files", inFiles, inMemory)
				}
				if n, bytes := w.files(); n > 14 || w.Stats().Bytes != bytes {
					w.Errorf("got %d files of %d bytes, and %d bytes counted, want at most 14 and all counted", n, bytes, w.Stats().Bytes)
				}
				w.leave()
				revive(w.T, w.config).requireAll(w.T, inFiles, nil)
			})
		})
	}
}

// What cannot be removed has no descriptor either, is counted, and is used
// again, or removed, when the disk allows it.
func TestFilesThatCannotBeRemovedAreCountedAndClosed(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 150)
		synctest.Wait()
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "Remove" {
				return syscall.EACCES
			}
			return nil
		})
		w.queue.finish(150)
		synctest.Wait()
		if o, m := w.system.Opened(), w.system.Mapped(); o > 26 || m > 25 {
			w.Errorf("got %d descriptors and %d mappings, want at most 26 and 25", o, m)
		}
		if _, bytes := w.files(); w.Stats().Bytes != bytes {
			w.Errorf("got %d bytes counted, want %d", w.Stats().Bytes, bytes)
		}
		w.add(150, 9) // into three of eight spares
		w.system.Heal()
		<-time.After(time.Minute)
		synctest.Wait()
		if _, bytes := w.files(); w.Stats().Bytes != bytes {
			w.Errorf("when they are gone: got %d bytes counted, want %d", w.Stats().Bytes, bytes)
		}
		inFiles, _ := w.queue.kept()
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}

// A file that broke is not used again, not even if it could not be removed at
// first.
func TestAFileThatBrokeIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		var broken atomic.Value
		var removed, used atomic.Bool
		w.system.Before(func(op faulty.Op) error {
			switch {
			case op.Name == "Append" && broken.CompareAndSwap(nil, op.Path):
				return syscall.EIO
			case op.Name == "Remove" && op.Path == broken.Load() && !removed.Swap(true):
				return syscall.EBUSY
			case op.Name == "WriteAt" && op.Path == broken.Load():
				used.Store(true)
			}
			return nil
		})
		_, _ = w.queue.put(name(1))
		<-time.After(time.Minute)
		synctest.Wait()
		if !removed.Load() || used.Load() {
			w.Errorf("got the file removed: %v, written: %v, want true and false", removed.Load(), used.Load())
		}
		inFiles, _ := w.queue.kept()
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}
