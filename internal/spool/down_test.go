package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestAFailedDiskIsTriedAgainLessAndLessOften(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		began := time.Now()
		var tries []float64
		var healed atomic.Bool
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "MkdirAll" {
				tries = append(tries, time.Since(began).Seconds())
			}
			if healed.Load() {
				return nil
			}
			return syscall.EACCES
		})
		w.start()
		w.add(0, 9)
		synctest.Wait()
		if down := w.Stats().Down; !errors.Is(down, syscall.EACCES) {
			w.Errorf("Down: got %v, want %v", down, syscall.EACCES)
		}
		<-time.After(95 * time.Second)
		healed.Store(true)
		<-time.After(30 * time.Second)
		synctest.Wait()
		if want := []float64{0, 1, 3, 7, 15, 31, 61, 91, 121}; !slices.Equal(tries, want) {
			w.Errorf("got tries after %v seconds, want them after %v", tries, want)
		}
		if down, back := w.log.count("3 posthog: the spool in "+w.config.Dir), w.log.count("2 posthog: the spool in "+w.config.Dir); down != 1 || back != 1 {
			w.Errorf("got log %q, want one error and one line when it is over", w.log.lines)
		}
		if inFiles, _ := w.queue.kept(); len(inFiles) != 9 || w.Stats().Down != nil {
			w.Errorf("got %q in files, down: %v, want all and nothing", inFiles, w.Stats().Down)
		}
		w.leave()
	})
}

func TestADirectoryThatIsRemovedIsMadeAgain(t *testing.T) {
	t.Parallel()
	for what, remove := range map[string]func(dir, owner string) error{
		"removed":         func(dir, _ string) error { return os.RemoveAll(dir) },
		"removed in part": func(_, owner string) error { return os.RemoveAll(owner) },
		"moved":           func(dir, owner string) error { return os.Rename(owner, filepath.Join(dir, "elsewhere")) },
		"replaced by another": func(dir, owner string) error {
			err := os.Rename(owner, filepath.Join(dir, "elsewhere"))
			return errors.Join(err, os.Mkdir(owner, 0o700), os.WriteFile(filepath.Join(owner, "lock"), nil, 0o600))
		},
		"replaced by a file": func(dir, owner string) error {
			return errors.Join(os.Rename(owner, filepath.Join(dir, "elsewhere")), os.WriteFile(owner, nil, 0o600))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, usual, func(w *world) {
				w.add(0, 12)
				synctest.Wait()
				owners, err := filepath.Glob(filepath.Join(w.config.Dir, "analytics-*"))
				if err != nil || len(owners) != 1 {
					w.Fatalf("got directories %v, error %v, want one", owners, err)
				}
				if err := remove(w.config.Dir, owners[0]); err != nil {
					w.Fatalf("remove: %v", err)
				}
				<-time.After(time.Second)
				w.queue.finish(1) // the keeper has something to do
				synctest.Wait()
				inFiles, inMemory := w.queue.kept()
				if len(inFiles) != 11 || len(inMemory) != 0 {
					w.Errorf("got %q in files, %q in memory, want all in files", inFiles, inMemory)
				}
				w.add(12, 3)
				if got := w.log.count("was removed while it was in use"); got != 1 {
					w.Errorf("got log %q, want the removal in it", w.log.lines)
				}
				inFiles, _ = w.queue.kept()
				w.leave()
				_ = os.RemoveAll(filepath.Join(w.config.Dir, "elsewhere"))
				_ = os.RemoveAll(owners[0]) // what replaced it
				revive(w.T, w.config).requireAll(w.T, inFiles, nil)
			})
		})
	}
}

// A directory is made again even if nothing happens but records that come now
// and then, which wake nobody.
func TestADirectoryThatIsRemovedFromAnIdleSpoolIsMadeAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		if err := os.RemoveAll(w.config.Dir); err != nil {
			w.Fatalf("remove: %v", err)
		}
		_, _ = w.queue.put(name(1))
		<-time.After(11 * time.Second)
		synctest.Wait()
		w.die()
		revive(w.T, w.config).requireAll(w.T, names(0, 2), nil)
	})
}

// Somebody truncates every file that is in use. The host must live.
func TestTruncatedFilesCostNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		for round := range 3 {
			w.add(20*round, 12)
			synctest.Wait()
			files, err := filepath.Glob(filepath.Join(w.config.Dir, "*", "*.segment"))
			if err != nil || len(files) == 0 {
				w.Fatalf("got files %v, error %v, want some", files, err)
			}
			for _, file := range files {
				if err := os.Truncate(file, 0); err != nil {
					w.Fatalf("truncate: %v", err)
				}
			}
			w.add(20*round+12, 8)
			<-time.After(time.Minute)
			synctest.Wait()
			w.queue.finish(20)
			synctest.Wait()
		}
		if got := len(w.queue.ended); got != 60 {
			w.Errorf("got %d records that the queue still had, want all 60", got)
		}
		w.leave()
	})
}

// A file that broke stays until its records are in another one: should the
// process end before, they are in the old one.
func TestABrokenFileStaysUntilItsRecordsAreElsewhere(t *testing.T) {
	t.Parallel()
	for what, configure := range map[string]func(*spool.Config){"mapped": usual, "not mapped": unmapped, "synced": durable} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, configure, func(w *world) {
				w.add(0, 2)
				w.system.Before(func(op faulty.Op) error {
					if op.Name == "Append" || op.Name == "Sync" || op.Name == "WriteAt" || op.Name == "Preallocate" {
						return syscall.EIO
					}
					return nil
				})
				w.add(2, 1)
				<-time.After(time.Minute)
				synctest.Wait()
				if _, inMemory := w.queue.kept(); len(inMemory) != 3 {
					w.Errorf("got %q in memory, want all three", inMemory)
				}
				w.die()
				revive(w.T, w.config).requireAll(w.T, []string{name(0), name(1)}, map[string]bool{name(2): true})
			})
		})
	}
}

// One file that faults may have been truncated; two in a row are the disk's
// fault.
func TestFaultsInShortOrderPutTheSpoolDown(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		faults int
		down   bool
	}{"one": {1, false}, "two": {2, true}} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, usual, func(w *world) {
				var faults atomic.Int32
				w.system.Before(func(op faulty.Op) error {
					if op.Name == "Append" && faults.Add(1) <= int32(tc.faults) {
						return syscall.EIO
					}
					return nil
				})
				_, kept := w.queue.put(name(0))
				synctest.Wait()
				if down := w.Stats().Down; kept || (down != nil) != tc.down {
					w.Errorf("after the fault: got in a file: %v, down: %v, want false, and an error: %v", kept, down, tc.down)
				}
				<-time.After(time.Second)
				synctest.Wait()
				if inFiles, _ := w.queue.kept(); len(inFiles) != 1 || w.Stats().Down != nil {
					w.Errorf("a second later: got %q in files, down: %v, want the record and nothing", inFiles, w.Stats().Down)
				}
				w.leave()
			})
		})
	}
}
