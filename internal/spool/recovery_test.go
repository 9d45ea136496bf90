package spool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// modes are the ways in which a record becomes safe.
var modes = map[string]func(*spool.Config, *faulty.System){
	"mapped files":                   func(*spool.Config, *faulty.System) {},
	"files that cannot be mapped":    func(_ *spool.Config, s *faulty.System) { s.Unmapped() },
	"mapped files that are synced":   func(c *spool.Config, _ *faulty.System) { c.Durability = spool.Disk },
	"unmapped files that are synced": func(c *spool.Config, s *faulty.System) { c.Durability = spool.Disk; s.Unmapped() },
	"mapped files synced now and then": func(c *spool.Config, _ *faulty.System) {
		c.Durability, c.SyncInterval = spool.Disk, 10*time.Millisecond
	},
}

// inModes runs f in a bubble for each mode, with a world whose spool is not open.
func inModes(t *testing.T, f func(w *world)) {
	t.Helper()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				mode(&w.config, w.system)
				f(w)
			})
		})
	}
}

// lived is the number of records that live puts, and final, of those of them that it
// makes final.
const lived, final = 18, 12

// live puts records and makes some of them final, over several files.
func (w *world) live(from int) {
	w.add(from, 9)
	synctest.Wait()
	w.queue.finish(6)
	synctest.Wait()
	w.add(from+9, 7)
	w.queue.finish(6)
	synctest.Wait()
	w.add(from+16, 2)
	synctest.Wait()
}

// add puts records, and notes those that are safe afterwards.
func (w *world) add(from, count int) {
	for n := from; n < from+count; n++ {
		sequence, kept := w.queue.put(name(n))
		if w.Secure(context.Background(), sequence, kept) == nil && kept {
			w.queue.safe[name(n)] = true
		}
	}
}

func TestWhatIsNotFinalIsFoundByTheNext(t *testing.T) {
	t.Parallel()
	inModes(t, func(w *world) {
		w.start()
		w.live(0)
		inFiles, inMemory := w.queue.kept()
		if len(inFiles) != lived-final || len(inMemory) != 0 || len(w.queue.safe) != lived {
			w.Errorf("got %d records in files, %d in memory, %d safe, want %d, 0 and all %d",
				len(inFiles), len(inMemory), len(w.queue.safe), lived-final, lived)
		}
		w.leave()
		r := revive(w.T, w.config)
		r.requireAll(w.T, inFiles, nil)
		if r.damaged > 0 {
			w.Errorf("got %d damaged files, want none", r.damaged)
		}
	})
}

// The end of the process is simulated at every single operation on the disk.
func TestASafeRecordOutlivesAKillAtAnyMoment(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		for _, torn := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for number, done := 1, false; !done; number++ {
					synctest.Test(t, func(t *testing.T) { done = killAt(t, mode, number, torn) })
				}
			})
		}
	}
}

// killAt lives until the operation with that number, and reports whether there
// was none.
func killAt(t *testing.T, mode func(*spool.Config, *faulty.System), number int, torn bool) (done bool) {
	t.Helper()
	w := newWorld(t, configure(t, directory(t)))
	system := w.system
	mode(&w.config, system)
	system.KillAt(number, torn)
	w.start()
	w.live(0)
	done = system.Ops() < number
	w.die()

	var safe []string
	for name := range w.queue.safe {
		if !w.queue.ended[name] {
			safe = append(safe, name)
		}
	}
	offered := make(map[string]bool)
	for n := range lived {
		offered[name(n)] = true
	}
	revive(t, w.config).requireAll(t, safe, offered)
	if t.Failed() {
		t.Fatalf("killed at operation %d, torn: %v", number, torn)
	}
	return done
}
