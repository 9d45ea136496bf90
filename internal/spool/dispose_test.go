package spool_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// names returns the names of count records.
func names(from, count int) []string {
	var all []string
	for n := from; n < from+count; n++ {
		all = append(all, name(n))
	}
	return all
}

// What was final in the earlier use of a file is not so in the next one.
func TestAFileThatIsUsedAgainHasNoEnds(t *testing.T) {
	t.Parallel()
	inModes(t, func(w *world) {
		w.start()
		for n := range 12 {
			w.add(3*n, 3)
			for range 3 {
				synctest.Wait()
				w.queue.finish(1)
			}
		}
		synctest.Wait()
		w.add(100, 8*3) // into files that were used before
		for _, r := range w.queue.regions[1:] {
			r.file.End([]int{r.offsets[0], r.offsets[2]})
			r.names = r.names[1:2]
		}
		synctest.Wait()
		inFiles, _ := w.queue.kept()
		if len(inFiles) != 8 {
			w.Errorf("got %q in files, want one of each three", inFiles)
		}
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}

func TestFewFilesAreKeptForLater(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 80)
		w.queue.finish(80)
		synctest.Wait()
		if got := w.Stats().Spares; got != 8 {
			w.Errorf("got %d spares, want 8", got)
		}
		w.leave()
	})
}

// While the committer syncs a file, nobody else touches it.
func TestADiscardedFileIsLeftAloneUntilItsSyncIsOver(t *testing.T) {
	t.Parallel()
	for what, configure := range map[string]func(*spool.Config){"mapped": durable, "not mapped": func(c *spool.Config) { durable(c); unmapped(c) }} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, configure, func(w *world) {
				open := make(chan struct{})
				var path atomic.Value
				var early atomic.Int32
				w.system.Before(func(op faulty.Op) error {
					switch {
					case op.Name == "Sync" && path.CompareAndSwap(nil, op.Path):
						<-open
						path.Store("")
					case op.Path == path.Load():
						early.Add(1)
					}
					return nil
				})
				_, _ = w.queue.put(name(0))
				synctest.Wait()
				w.queue.finish(1)
				w.queue.end() // discards
				synctest.Wait()
				if got := early.Load(); got > 0 {
					w.Errorf("got %d operations on a file while it was synced, want none", got)
				}
				close(open)
				w.leave()
				requireEmpty(w.T, w.config.Dir)
			})
		})
	}
}

func TestWhatCannotBeRemovedIsAtLeastMarked(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 20)
		synctest.Wait()
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "Remove" {
				return syscall.EACCES
			}
			return nil
		})
		w.queue.finish(20)
		w.queue.end()
		if err := w.Close(w.Context()); !errors.Is(err, syscall.EACCES) {
			w.Errorf("Close: got %v, want %v", err, syscall.EACCES)
		}
		revive(w.T, w.config).requireAll(w.T, nil, nil)
	})
}

func TestASealThatCouldNotBeWrittenIsWrittenLater(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		var writes atomic.Int32
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "WriteAt" && writes.Add(1) == 1 {
				return syscall.EIO
			}
			return nil
		})
		w.queue.end() // seals
		synctest.Wait()
		if got := writes.Load(); got != 1 {
			w.Errorf("got %d writes, want one that fails", got)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if got := writes.Load(); got != 2 {
			w.Errorf("a second later: got %d writes, want another", got)
		}
		w.leave()
		revive(w.T, w.config).requireAll(w.T, names(0, 1), nil)
	})
}

// What the queue reads from a file that broke is in memory only.
func TestWhatIsLoadedFromABrokenFileGetsAnother(t *testing.T) {
	t.Parallel()
	inBubble(t, unmapped, func(w *world) {
		w.add(0, 3)
		file := w.queue.regions[0].file
		synctest.Wait()
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "WriteAt" {
				return syscall.EIO
			}
			return nil
		})
		frame := slices.Clone(w.queue.regions[0].bytes[:w.queue.regions[0].offsets[1]])
		at := w.queue.regions[0].write
		if !file.Append(at, frame[:segment.MinSize], 4) {
			w.Error("Append: got false, want true")
		}
		w.queue.mu.Lock()
		w.queue.regions = nil // the queue gave the memory back
		w.queue.mu.Unlock()
		synctest.Wait()
		w.system.Heal()
		<-time.After(time.Minute)
		synctest.Wait()
		if !file.Broken() {
			w.Error("Broken: got false, want true")
		}
		before := w.queue.persists
		loaded := make(chan segment.Contents)
		file.Load(make([]byte, at), func(c segment.Contents) { loaded <- c })
		if c := <-loaded; c.Err != nil || len(c.Pending) != 3 {
			w.Errorf("Load: got %d records, error %v, want 3 and none", len(c.Pending), c.Err)
		}
		synctest.Wait()
		if w.queue.persists == before {
			w.Error("after Load: got nothing, want the queue asked to persist")
		}
		file.Discard()
		w.leave()
	})
}
