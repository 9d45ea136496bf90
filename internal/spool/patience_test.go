package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
)

// A disk that hangs does not hold up a caller who set no bound.
func TestSecureIsBounded(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		configure func(*spool.Config)
		operation string
		bound     time.Duration
	}{
		"a write": {unmapped, "WriteAt", 500 * time.Millisecond},
		"a sync":  {durable, "Sync", 5 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, c.configure, func(w *world) {
				hung := newGate(w, c.operation)
				sequence, kept := w.queue.put(name(1))
				began := time.Now()
				err := w.Secure(w.Context(), sequence, kept)
				if took := time.Since(began); !errors.Is(err, spool.ErrNotSynced) || took != c.bound {
					w.Errorf("got %v after %v, want %v after %v", err, took, spool.ErrNotSynced, c.bound)
				}
				close(hung.open)
				w.leave()
			})
		})
	}
}

// Whoever starts before another is killed, finds what that one left.
func TestWhatIsLeftLaterIsFoundLater(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.start()
		names := died(w.T, w.config, 10)
		<-time.After(2 * time.Minute)
		synctest.Wait()
		read(w.T, w.queue.found).requireAll(w.T, names, nil)
		w.leave()
		requireEmpty(w.T, w.config.Dir)
	})
}

// A disk that is back, though the next try is not due, is found by Hasten.
func TestHasten(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		blocker := filepath.Join(w.config.Dir, "file")
		if err := os.WriteFile(blocker, nil, 0o600); err != nil {
			w.Fatal(err)
		}
		w.config.Dir = filepath.Join(blocker, "spool")
		w.start()
		w.add(0, 3)
		if err := os.Remove(blocker); err != nil {
			w.Fatal(err)
		}
		began := time.Now()
		w.Hasten(w.Context())
		if inFiles, _ := w.queue.kept(); len(inFiles) != 3 || w.Stats().Down != nil || !time.Now().Equal(began) {
			w.Errorf("got %q in files, down: %v, want all three, at once", inFiles, w.Stats().Down)
		}
		w.Hasten(w.Context()) // there is nothing to try
		w.leave()
	})
}
