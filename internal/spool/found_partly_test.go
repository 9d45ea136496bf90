package spool_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// One file of a dead process cannot be read at the start. It is found when the
// others, for which its directory is locked, are done with.
func TestAFileThatCannotBeReadAtFirstIsFoundLater(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		all := died(w.T, w.config, 9)
		files, err := filepath.Glob(filepath.Join(w.config.Dir, "*", "*.segment"))
		if err != nil || len(files) < 3 {
			w.Fatalf("got files %v, error %v, want three", files, err)
		}
		w.system.Before(func(op faulty.Op) error {
			if op.Name == "Open" && op.Path == files[1] {
				return syscall.EIO
			}
			return nil
		})
		w.start()
		found := w.Found()
		if len(found) != 2 {
			w.Errorf("Found: got %d segments, want 2", len(found))
		}
		<-time.After(time.Minute)
		w.system.Heal()
		<-time.After(time.Minute)
		first := read(w.T, found)
		<-time.After(time.Minute)
		synctest.Wait()
		for name, n := range read(w.T, w.queue.found).counts {
			first.counts[name] += n
		}
		first.requireAll(w.T, all, nil)
		w.leave()
		requireEmpty(w.T, w.config.Dir)
	})
}
