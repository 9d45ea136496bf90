package spool_test

import (
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// file is the size of a usual file in most tests.
var file = disk.FileSize(small)

// count counts the operations of a name from now on.
func (w *world) count(name string) *atomic.Int32 {
	var n atomic.Int32
	w.system.Before(func(op faulty.Op) error {
		if op.Name == name {
			n.Add(1)
		}
		return nil
	})
	return &n
}

func TestTheFirstRecordFindsAFile(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.open()
		made := w.count("Open")
		if _, supply := w.Begin(small); supply != ready || made.Load() != 0 {
			w.Errorf("Begin before Start: got supply %d, %d files opened, want %d and none", supply, made.Load(), ready)
		}
		if _, supply := w.Begin(small); supply != soon {
			w.Errorf("second Begin before Start: got supply %d, want %d", supply, soon)
		}
		w.leave()
	})
}

func TestFilesAreMadeAhead(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		requireSpares := func(when string, want int) {
			w.Helper()
			synctest.Wait()
			if got := w.Stats(); got.Spares != want || got.Bytes < int64(want)*file {
				w.Errorf("%s: got %+v, want %d spares", when, got, want)
			}
		}
		requireSpares("at rest", 2)
		for range 2 {
			if _, supply := w.Begin(small); supply != ready {
				w.Errorf("Begin: got supply %d, want %d", supply, ready)
			}
		}
		changed := w.Changed()
		if _, supply := w.Begin(small); supply != ready && supply != soon {
			w.Errorf("third Begin: got supply %d, want %d or %d", supply, ready, soon)
		}
		requireSpares("after three in a row", 4)
		select {
		case <-changed:
		default:
			w.Error("Changed: got it open, want it closed when there are files")
		}
		w.leave()
	})
}

// Two files a moment are too few, so there are more from then on, up to a bound.
func TestMoreFilesAreMadeWhenTheyRunOut(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.open()
		for range 9 {
			_, _ = w.Begin(small)
		}
		w.Start(w.queue)
		synctest.Wait()
		if got := w.Stats().Spares; got != 8 {
			w.Errorf("after eight failures: got %d spares, want 8", got)
		}
		w.leave()
	})
}

func TestFinalFilesAreUsedAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 40)
		w.queue.finish(36)
		synctest.Wait()
		made, before := w.count("Preallocate"), w.Stats().Bytes
		for round := range 20 {
			w.add(100+4*round, 4)
			w.queue.finish(4)
			synctest.Wait()
		}
		if got := made.Load(); got > 2 { // a file may be wanted just before one is final
			w.Errorf("got %d files made for 20, want at most 2: those in use are enough", got)
		}
		if got := w.Stats().Bytes; got > before+file {
			w.Errorf("got %d bytes, want about the %d of before", got, before)
		}
		inFiles, _ := w.queue.kept()
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}

func TestALargeRecordGetsAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		before := w.Stats()
		if _, supply := w.Begin(5 * small); supply != soon {
			w.Errorf("Begin: got supply %d, want %d", supply, soon)
		}
		<-w.Changed()
		synctest.Wait()
		large, supply := w.Begin(5 * small)
		if supply != ready {
			w.Fatalf("second Begin: got supply %d, want %d", supply, ready)
		}
		if got, want := w.Stats().Bytes, before.Bytes+disk.FileSize(5*small); got != want {
			w.Errorf("got %d bytes, want %d", got, want)
		}
		large.Discard()
		if got := w.Stats().Bytes; got != before.Bytes {
			w.Errorf("when it is discarded: got %d bytes, want %d", got, before.Bytes)
		}
		_, _ = w.Begin(7 * small) // and nobody fetches it
		<-time.After(2 * time.Second)
		_, _ = w.Begin(small)
		synctest.Wait()
		if got, want := w.Stats().Bytes, before.Bytes+file; got != want {
			w.Errorf("some time later: got %d bytes, want %d", got, want)
		}
		w.leave()
	})
}

func TestTheBoundOnAllFilesIsKept(t *testing.T) {
	t.Parallel()
	few := func(c *spool.Config) { c.MaxBytes = 4*file + 100 }
	inBubble(t, few, func(w *world) {
		var files []interface{ Discard() }
		for range 4 {
			f, supply := w.Begin(small)
			if supply != ready {
				w.Fatalf("Begin with room: got supply %d, want %d", supply, ready)
			}
			files = append(files, f)
			synctest.Wait()
		}
		if _, supply := w.Begin(small); supply != full {
			w.Errorf("Begin without room: got supply %d, want %d", supply, full)
		}
		if _, supply := w.Begin(2 * small); supply != full {
			w.Errorf("Begin of a large file without room: got supply %d, want %d", supply, full)
		}
		files[0].Discard()
		if _, supply := w.Begin(small); supply != soon {
			w.Errorf("Begin after a Discard: got supply %d, want %d", supply, soon)
		}
		<-w.Changed()
		synctest.Wait()
		if _, supply := w.Begin(small); supply != ready {
			w.Errorf("Begin when the file can be used again: got supply %d, want %d", supply, ready)
		}
		files[1].Discard()
		files[2].Discard()
		synctest.Wait()
		if _, supply := w.Begin(small + 1); supply != soon {
			w.Errorf("Begin of a large file in place of spares: got supply %d, want %d", supply, soon)
		}
		<-w.Changed()
		synctest.Wait()
		if _, supply := w.Begin(small + 1); supply != ready {
			w.Errorf("Begin of the large file: got supply %d, want %d", supply, ready)
		}
		if got := w.Stats().Bytes; got > w.config.MaxBytes {
			w.Errorf("got %d bytes, want at most %d", got, w.config.MaxBytes)
		}
		w.leave()
	})
}

// A full disk costs nothing as long as there are files to use again.
func TestAFullDiskIsGoodForTheFilesThatItHas(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.system.Limit(0)
		for n := range 60 {
			w.add(3*n, 3)
			synctest.Wait()
			w.queue.finish(3)
			synctest.Wait()
		}
		if down := w.Stats().Down; down == nil || w.log.count("spool in "+w.config.Dir+" cannot be used") != 1 {
			w.Errorf("got down: %v, and log %q, want an error, reported once", down, w.log.lines)
		}
		if got := len(w.queue.safe); got != 180 {
			w.Errorf("got %d safe records, want all 180", got)
		}
		w.system.Heal()
		<-time.After(30 * time.Second)
		synctest.Wait()
		if down := w.Stats().Down; down != nil {
			w.Errorf("with space again: got down: %v, want it back", down)
		}
		w.leave()
	})
}

func TestADiskThatCannotBeUsedHasNoFiles(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.system.FailFrom(1, syscall.EROFS)
		w.open()
		if supply := w.supply(small); supply != none {
			w.Errorf("Begin: got supply %d, want %d", supply, none)
		}
		_ = w.Close(w.Context())
	})
}

// Where there is room for usual files, but not for a large one, only the large
// one lives in memory.
func TestALargeFileThatCannotBeMadeIsItsOwnTroubleOnly(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.system.Limit(2 * file)
		payload := []byte("large:" + strings.Repeat("x", 5*small))
		if _, kept := w.queue.putPayload("large", payload); kept {
			w.Error("large record: got it in a file, want it in memory")
		}
		w.add(0, 6)
		synctest.Wait()
		if inFiles, inMemory := w.queue.kept(); len(inFiles) != 6 || len(inMemory) != 1 || w.Stats().Down != nil {
			w.Errorf("got %q in files, %q in memory, down: %v, want all but the large one in files", inFiles, inMemory, w.Stats().Down)
		}
		w.system.Heal()
		<-time.After(time.Minute)
		synctest.Wait()
		if inFiles, inMemory := w.queue.kept(); len(inFiles) != 7 {
			w.Errorf("with space again: got %q in memory, want nothing", inMemory)
		}
		if got := w.log.count("cannot make a file of"); got != 1 {
			w.Errorf("got log %q, want it in there once", w.log.lines)
		}
		w.leave()
	})
}
