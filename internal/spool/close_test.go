package spool_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"Sync", "WriteAt", "Unmap", "Remove"} {
		t.Run("while "+operation+" hangs", func(t *testing.T) {
			t.Parallel()
			inBubble(t, durable, func(w *world) {
				_, _ = w.queue.put(name(1))
				synctest.Wait()
				_, _ = w.queue.put(name(2))
				g := newGate(w, operation)
				w.queue.end()
				ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
				defer cancel()
				began := time.Now()
				err := w.Close(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), w.config.Dir) || time.Since(began) != 50*time.Millisecond {
					w.Errorf("Close: got %v after %v, want %v, naming the directory, after 50ms", err, time.Since(began), context.DeadlineExceeded)
				}
				close(g.open)
				w.leave()
				revive(w.T, w.config).requireAll(w.T, []string{name(1), name(2)}, nil)
			})
		})
	}
}

func TestCloseOfWhatWasNotStartedLeavesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.open()
		if got := w.Stats(); got.Spares != 1 || got.Bytes == 0 || got.Down != nil {
			w.Errorf("after Open: got %+v, want one spare", got)
		}
		w.leave()
		w.leave() // a second time
		requireEmpty(w.T, w.config.Dir)
		if got := w.Stats(); got.Spares != 0 || got.Bytes != 0 {
			w.Errorf("after Close: got %+v, want nothing", got)
		}
		if supply := w.supply(small); supply != none {
			w.Errorf("Begin after Close: got supply %d, want %d", supply, none)
		}
	})
}

func TestCloseSaysWhatItCouldNotDo(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 9)
		synctest.Wait()
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "Remove" || op.Name == "WriteAt" {
				return syscall.EROFS
			}
			return nil
		})
		w.queue.finish(3)
		w.queue.end()
		if err := w.Close(w.Context()); !errors.Is(err, syscall.EROFS) {
			w.Errorf("Close: got %v, want %v", err, syscall.EROFS)
		}
		w.requireNothingOpen()
		inFiles, _ := w.queue.kept()
		revive(w.T, w.config).requireAll(w.T, inFiles, w.queue.ended)
	})
}

// What is in memory only when the spool closes gets a file if there is a disk.
func TestCloseSavesWhatIsInMemory(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.system.FailFrom(1, syscall.EACCES)
		w.start()
		w.add(0, 9)
		if inFiles, inMemory := w.queue.kept(); len(inFiles) != 0 || len(inMemory) != 9 {
			w.Errorf("while the disk fails: got %q in files, %q in memory, want all in memory", inFiles, inMemory)
		}
		w.system.Heal()
		w.leave()
		inFiles, _ := w.queue.kept()
		if len(inFiles) != 9 {
			w.Errorf("after Close: got %q in files, want all", inFiles)
		}
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}

func TestSecureEndsWhenTheSpoolIsClosed(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		unmapped(&w.config)
		w.open() // and nobody writes
		sequence, kept := w.queue.put(name(1))
		secured := make(chan error)
		go func() { secured <- w.Secure(w.Context(), sequence, kept) }()
		synctest.Wait()
		w.leave()
		if err := <-secured; err != nil && !errors.Is(err, spool.ErrNotSynced) {
			w.Errorf("Secure: got %v, want %v or nothing", err, spool.ErrNotSynced)
		}
		revive(w.T, w.config).requireAll(w.T, []string{name(1)}, nil)
	})
}
