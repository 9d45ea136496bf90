package spool_test

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// firstFile puts three records, which fill a file, and returns its path.
func firstFile(w *world) string {
	var path atomic.Value
	w.system.Before(func(op faulty.Op) error {
		if op.Name == "Append" {
			path.CompareAndSwap(nil, op.Path)
		}
		return nil
	})
	w.add(0, 3)
	w.system.Heal()
	return path.Load().(string)
}

// Ends that could not be written are written later, even if the file was closed
// before they came or after.
func TestEndsThatCouldNotBeWrittenAreWrittenLater(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		fails       string // operation
		first, then int    // records put before they end, and after
	}{
		"the file was closed and cannot be opened":    {"Open", 60, 3},
		"the file cannot be written, and then closed": {"WriteAt", 3, 60},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, usual, func(w *world) {
				path := firstFile(w)
				w.add(3, tc.first)
				synctest.Wait()
				var failed atomic.Int32
				w.system.Before(func(op faulty.Op) error {
					if op.Name == tc.fails && op.Path == path {
						failed.Add(1)
						return syscall.EIO
					}
					return nil
				})
				w.queue.finish(2)
				synctest.Wait()
				if failed.Load() != 1 {
					w.Errorf("got %d failures, want one", failed.Load())
				}
				w.add(3+tc.first, tc.then)
				synctest.Wait()
				w.system.Heal()
				<-time.After(time.Minute)
				synctest.Wait()
				w.die()
				revive(w.T, w.config).requireAll(w.T, names(2, 1+tc.first+tc.then), nil)
			})
		})
	}
}

// The seal of a file tells the next process how many records there were, those
// included that ended before it was sealed.
func TestTheSealCountsEverything(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		path := firstFile(w)
		w.queue.finish(1)
		synctest.Wait()
		last := w.queue.regions[0].offsets[2]
		w.add(3, 3)
		synctest.Wait()
		w.die()
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			w.Fatalf("open: %v", err)
		}
		area := disk.FileSize(small) - small
		_, err = file.WriteAt(make([]byte, 4), area+int64(last)) // without a seal, a torn tail
		if closed := file.Close(); err != nil || closed != nil {
			w.Fatalf("write: %v, close: %v", err, closed)
		}
		n := next(w.T, w.config)
		n.start()
		r := read(w.T, n.Found())
		n.leave()
		r.requireAll(w.T, append(names(1, 1), names(3, 3)...), nil)
		if r.damaged != 1 {
			w.Errorf("got %d damaged files, want one", r.damaged)
		}
	})
}
