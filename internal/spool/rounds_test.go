package spool_test

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// pass lets one operation through that a gate holds up.
func (g *gate) pass() {
	g.open <- struct{}{}
	synctest.Wait()
}

// What is copied into a file while it is synced may have missed that sync, and
// waits for the next one.
func TestARecordThatComesDuringASyncWaitsForTheNext(t *testing.T) {
	t.Parallel()
	inBubble(t, durable, func(w *world) {
		syncs := &gate{open: make(chan struct{})}
		var used atomic.Value
		w.system.Before(func(op faulty.Op) error {
			switch {
			case op.Name == "Append":
				used.Store(op.Path)
			case op.Name == "Sync" && op.Path == used.Load(): // not that of a spare
				syncs.count.Add(1)
				<-syncs.open
			}
			return nil
		})
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		sequence, kept := w.queue.put(name(1))
		var safe atomic.Bool
		go func() {
			if err := w.Secure(w.Context(), sequence, kept); err != nil {
				w.Errorf("Secure: got error %v, want none", err)
			}
			safe.Store(true)
		}()
		syncs.pass()
		if n := syncs.count.Load(); n != 2 || safe.Load() {
			w.Errorf("after the first sync: got %d syncs begun, the record safe: %v, want 2 and false", n, safe.Load())
		}
		close(syncs.open)
		synctest.Wait()
		if !safe.Load() {
			w.Error("after the second sync: got the record not safe, want it safe")
		}
		w.leave()
	})
}

// A record that comes just before its file is synced, but after the round began,
// is in time for the sync and not for the round: its caller does not wait for
// ever.
func TestARecordThatComesDuringARoundIsSafeSoon(t *testing.T) {
	t.Parallel()
	inBubble(t, durable, func(w *world) {
		syncs := &gate{open: make(chan struct{})}
		var used sync.Map // files
		w.system.Before(func(op faulty.Op) error {
			switch _, known := used.Load(op.Path); {
			case op.Name == "Append":
				used.Store(op.Path, true)
			case op.Name == "Sync" && known: // not that of a spare
				syncs.count.Add(1)
				<-syncs.open
			}
			return nil
		})
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		for n := 1; n < 4; n++ { // the last into another file
			_, _ = w.queue.put(name(n))
		}
		syncs.pass() // and the next round is for both
		sequence, kept := w.queue.put(name(4))
		close(syncs.open)
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		if err := w.Secure(ctx, sequence, kept); err != nil {
			w.Errorf("Secure: got error %v, want none", err)
		}
		w.leave()
	})
}

// A sealed file is not settled while something is left to be written to it,
// however many rounds end: the queue would give up the only copy.
func TestAFileIsNotSettledBeforeAllOfItIsWritten(t *testing.T) {
	t.Parallel()
	inBubble(t, unmapped, func(w *world) {
		writes := newGate(w, "WriteAt")
		_, _ = w.queue.put(name(0))
		synctest.Wait()
		_, _ = w.queue.put(name(1)) // while the first is written
		w.queue.mu.Lock()
		r := w.queue.regions[0]
		w.queue.seal(r)
		w.queue.mu.Unlock()
		settled := func() bool { return r.file.(interface{ Settled() bool }).Settled() }
		writes.pass()
		if settled() {
			w.Error("with the second record not written: got it settled, want it not settled")
		}
		close(writes.open)
		synctest.Wait()
		if !settled() {
			w.Error("when all is written: got it not settled, want it settled")
		}
		w.leave()
	})
}

// A file that broke stays until a copy of it is synced. The round in which a
// first copy broke, too, does not count.
func TestABrokenFileStaysUntilItsCopyIsSynced(t *testing.T) {
	t.Parallel()
	inBubble(t, durable, func(w *world) {
		w.add(0, 2)
		synctest.Wait()
		hold := make(chan struct{})
		var broken, first, second atomic.Value // files
		var removed atomic.Bool
		w.system.Before(func(op faulty.Op) error {
			switch {
			case op.Name == "Append" && broken.CompareAndSwap(nil, op.Path):
				return syscall.EIO
			case op.Name == "Append" && op.Path != broken.Load() && !first.CompareAndSwap(nil, op.Path) && op.Path != first.Load():
				second.Store(op.Path)
			case op.Name == "Sync" && op.Path == first.Load():
				return syscall.EIO
			case op.Name == "Sync" && op.Path == second.Load():
				<-hold
			case op.Name == "Remove" && op.Path == broken.Load():
				removed.Store(true)
			}
			return nil
		})
		_, _ = w.queue.put(name(2))
		<-time.After(time.Minute)
		synctest.Wait()
		if inFiles, _ := w.queue.kept(); len(inFiles) != 3 || second.Load() == nil || removed.Load() {
			w.Errorf("while the second copy is synced: got %q copied, the file removed: %v, want all and false", inFiles, removed.Load())
		}
		close(hold)
		synctest.Wait()
		if !removed.Load() {
			w.Error("when the second copy is synced: got the file that broke, want it removed")
		}
		w.leave()
	})
}
