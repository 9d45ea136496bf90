package spool_test

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// What dead processes left may be what fills the disk, so that no directory can
// be made beside it: it is found, sent and removed, and then there is room.
func TestWhatWasLeftIsFoundOnAFullDisk(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 9)
		synctest.Wait()
		w.die()
		n := next(w.T, w.config)
		var room atomic.Bool
		n.system.Before(func(op faulty.Op) error {
			switch {
			case op.Name == "Remove":
				room.Store(true)
			case op.Name == "Mkdir" && !room.Load():
				return syscall.ENOSPC
			}
			return nil
		})
		n.start()
		found := n.Found()
		if len(found) != 3 || !errors.Is(n.Stats().Down, syscall.ENOSPC) {
			w.Errorf("on a full disk: got %d segments, down: %v, want 3 and %v", len(found), n.Stats().Down, syscall.ENOSPC)
		}
		read(w.T, found).requireAll(w.T, names(0, 9), nil)
		<-time.After(time.Minute)
		synctest.Wait()
		if _, kept := n.queue.put(name(9)); !kept || n.Stats().Down != nil {
			w.Errorf("with room: got a record in a file: %v, down: %v, want true and nothing", kept, n.Stats().Down)
		}
		n.leave()
		revive(w.T, w.config).requireAll(w.T, names(9, 1), nil)
	})
}
