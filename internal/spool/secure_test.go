package spool_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// bubble runs f in a bubble with a world whose spool is not open.
func bubble(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t, configure(t, directory(t)))) })
}

// inBubble runs f in a bubble with a spool that is started.
func inBubble(t *testing.T, adjust func(*spool.Config), f func(w *world)) {
	t.Helper()
	bubble(t, func(w *world) {
		adjust(&w.config)
		w.start()
		synctest.Wait()
		f(w)
	})
}

func usual(*spool.Config)      {}
func durable(c *spool.Config)  { c.Durability = spool.Disk }
func unmapped(c *spool.Config) { c.System.(*faulty.System).Unmapped() }

// gate holds up every operation of a name until it is opened, and counts them.
type gate struct {
	name  string
	count atomic.Int32
	open  chan struct{}
}

func newGate(w *world, name string) *gate {
	g := &gate{name: name, open: make(chan struct{})}
	w.system.Before(func(op faulty.Op) error {
		if op.Name == g.name {
			g.count.Add(1)
			<-g.open
		}
		return nil
	})
	return g
}

func TestOneSyncServesAllThatWait(t *testing.T) {
	t.Parallel()
	inBubble(t, durable, func(w *world) {
		syncs := newGate(w, "Sync")
		var waiting sync.WaitGroup
		var done atomic.Int32
		for n := range 64 {
			waiting.Go(func() {
				sequence, kept := w.queue.putPayload(name(n), []byte("x"))
				if err := w.Secure(w.Context(), sequence, kept); err != nil {
					w.Errorf("Secure of record %d: got error %v, want none", sequence, err)
				}
				done.Add(1)
			})
		}
		synctest.Wait()
		if got := done.Load(); got != 0 {
			w.Errorf("before the sync: got %d calls that returned, want 0", got)
		}
		close(syncs.open)
		waiting.Wait()
		if got := syncs.count.Load(); got > 4 { // with those of a file that was made meanwhile
			w.Errorf("got %d syncs for 64 records, want at most 4", got)
		}
		w.leave()
	})
}

func TestSecureWaitsForTheWriteWhereNothingCanBeMapped(t *testing.T) {
	t.Parallel()
	inBubble(t, unmapped, func(w *world) {
		writes := newGate(w, "WriteAt")
		sequence, kept := w.queue.put(name(1))
		var done atomic.Bool
		go func() {
			if err := w.Secure(w.Context(), sequence, kept); err != nil {
				w.Errorf("Secure: got error %v, want none", err)
			}
			done.Store(true)
		}()
		synctest.Wait()
		if !kept || done.Load() {
			w.Errorf("before the write: got in a file: %v, secured: %v, want true and false", kept, done.Load())
		}
		close(writes.open)
		synctest.Wait()
		if !done.Load() {
			w.Error("after the write: got nothing, want it secured")
		}
		w.leave()
	})
}

func TestSecureEndsWithItsContext(t *testing.T) {
	t.Parallel()
	inBubble(t, durable, func(w *world) {
		syncs := newGate(w, "Sync")
		sequence, kept := w.queue.put(name(1))
		ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		err := w.Secure(ctx, sequence, kept)
		if !errors.Is(err, spool.ErrNotSynced) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 50*time.Millisecond {
			w.Errorf("Secure with a disk that hangs: got %v after %v, want %v because of %v after 50ms",
				err, time.Since(began), spool.ErrNotSynced, context.DeadlineExceeded)
		}
		close(syncs.open)
		if err := w.Secure(w.Context(), sequence, kept); err != nil {
			w.Errorf("Secure with a disk that works again: got %v, want no error", err)
		}
		w.leave()
	})
}

func TestAfterAFailureTheFileIsNotTrustedAgain(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		configure func(*spool.Config)
		operation string
	}{
		"a sync that failed":                           {durable, "Sync"},
		"a write that failed":                          {unmapped, "WriteAt"},
		"a sync that failed of a file without mapping": {func(c *spool.Config) { durable(c); unmapped(c) }, "Sync"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tc.configure, func(w *world) {
				other, _ := w.Begin(small)
				synctest.Wait()
				w.system.Before(func(op faulty.Op) error {
					if op.Name == tc.operation {
						return syscall.EIO
					}
					return nil
				})
				sequence, kept := w.queue.put(name(1))
				if err := w.Secure(w.Context(), sequence, kept); !errors.Is(err, spool.ErrNotSynced) || !errors.Is(err, syscall.EIO) {
					w.Errorf("Secure: got %v, want %v because of %v", err, spool.ErrNotSynced, syscall.EIO)
				}
				w.system.Heal()
				other.Discard() // could be used again, if nothing had failed
				synctest.Wait()
				if _, inMemory := w.queue.kept(); len(inMemory) != 1 || w.Stats().Down == nil {
					w.Errorf("got %q in memory only, down: %v, want the record, and an error", inMemory, w.Stats().Down)
				}
				if supply := w.supply(small); supply != none {
					w.Errorf("Begin on a disk that just failed: got supply %d, want %d", supply, none)
				}
				<-time.After(time.Second)
				synctest.Wait()
				if inFiles, _ := w.queue.kept(); len(inFiles) != 1 || w.Stats().Down != nil {
					w.Errorf("a second later: got %q in files, down: %v, want the record, and nothing", inFiles, w.Stats().Down)
				}
				if sequence, kept = w.queue.put(name(2)); w.Secure(w.Context(), sequence, kept) != nil {
					w.Error("Secure of another record: got an error, want none")
				}
				w.leave()
				revive(w.T, w.config).requireAll(w.T, []string{name(1), name(2)}, nil)
			})
		})
	}
}

func TestNobodyWaitsForSyncsAtAnInterval(t *testing.T) {
	t.Parallel()
	interval := func(c *spool.Config) { c.Durability, c.SyncInterval = spool.Disk, 20*time.Millisecond }
	inBubble(t, interval, func(w *world) {
		_, _ = w.queue.putPayload(name(0), []byte("x")) // the keeper replaces the file, which takes a sync
		<-time.After(20 * time.Millisecond)
		synctest.Wait()
		syncs := newGate(w, "Sync")
		close(syncs.open)
		put := func(n int) {
			sequence, kept := w.queue.putPayload(name(n), record(name(n))[:20])
			if err := w.Secure(w.Context(), sequence, kept); err != nil {
				w.Errorf("Secure: got error %v, want none", err)
			}
		}
		for _, step := range []struct {
			name  string
			puts  int
			pause time.Duration
			syncs int32
		}{
			{"with the first records", 3, 0, 0},
			{"before the interval is over", 2, 19 * time.Millisecond, 0},
			{"when it is over", 0, time.Millisecond, 1},
			{"while nothing is put", 0, time.Minute, 1},
			{"before the next interval is over", 1, 19 * time.Millisecond, 1},
			{"when that is over", 0, time.Millisecond, 2},
		} {
			for n := range step.puts {
				put(n)
			}
			if step.pause > 0 {
				<-time.After(step.pause)
			}
			synctest.Wait()
			if got := syncs.count.Load(); got != step.syncs {
				w.Errorf("%s: got %d syncs, want %d", step.name, got, step.syncs)
			}
		}
		w.leave()
	})
}

func TestWhatIsInMemoryOnlyIsSecureIfThatWasPromised(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		configure func(*spool.Config)
		secure    bool
	}{
		"for the process": {usual, true},
		"for the process, where nothing can be mapped": {unmapped, true},
		"for the disk, now and then":                   {func(c *spool.Config) { c.Durability, c.SyncInterval = spool.Disk, time.Second }, true},
		"for the disk":                                 {durable, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tc.configure, func(w *world) {
				if err := w.Secure(w.Context(), 7, false); (err == nil) != tc.secure || err != nil && !errors.Is(err, spool.ErrNotSynced) {
					w.Errorf("Secure: got %v, want an error: %v", err, !tc.secure)
				}
				w.leave()
			})
		})
	}
}

func TestAFileIsSettledWhenItIsAsSafeAsConfigured(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		configure func(*spool.Config)
		operation string // that it waits for
	}{
		"mapped":           {usual, ""},
		"not mapped":       {unmapped, "WriteAt"},
		"mapped, synced":   {durable, "Sync"},
		"unmapped, synced": {func(c *spool.Config) { durable(c); unmapped(c) }, "Sync"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tc.configure, func(w *world) {
				g := newGate(w, tc.operation)
				_, _ = w.queue.put(name(1))
				w.queue.end() // seals
				synctest.Wait()
				file, _ := w.queue.regions[0].file.(*spool.File)
				if got := file.Settled(); got != (tc.operation == "") {
					w.Errorf("while nothing moves: got settled: %v, want %v", got, tc.operation == "")
				}
				close(g.open)
				synctest.Wait()
				if !file.Settled() {
					w.Error("when everything is done: got it not settled, want it settled")
				}
				w.leave()
			})
		})
	}
}

func TestAFileThatIsSyncedNowAndThenIsSettledThen(t *testing.T) {
	t.Parallel()
	inBubble(t, func(c *spool.Config) { c.Durability, c.SyncInterval = spool.Disk, time.Second }, func(w *world) {
		_, _ = w.queue.put(name(1))
		w.queue.end() // seals
		file, _ := w.queue.regions[0].file.(*spool.File)
		synctest.Wait()
		if file.Settled() {
			w.Error("before the sync: got it settled, want it not settled")
		}
		<-time.After(time.Second)
		synctest.Wait()
		if !file.Settled() {
			w.Error("after the sync: got it not settled, want it settled")
		}
		w.leave()
	})
}
