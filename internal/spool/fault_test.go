package spool_test

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// Each operation on the disk in turn fails, once or for some time. The queue
// keeps everything in memory; the spool has to return to the disk with it.
func TestNothingIsLostToAnErrorAtAnyMoment(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		for how, lasting := range map[string]bool{"once": false, "for a minute": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				errs := []error{syscall.ENOSPC, syscall.EMFILE, syscall.EIO, syscall.EROFS, syscall.EACCES}
				for number, done := 1, false; !done; number++ {
					err := errs[number%len(errs)]
					synctest.Test(t, func(t *testing.T) { done = failAt(t, mode, number, err, lasting) })
				}
			})
		}
	}
}

// failAt lives with a failure at the operation with that number, and reports
// whether there was none.
func failAt(t *testing.T, mode func(*spool.Config, *faulty.System), number int, err error, lasting bool) (done bool) {
	t.Helper()
	w := newWorld(t, configure(t, directory(t)))
	system := w.system
	mode(&w.config, system)
	if lasting {
		system.FailFrom(number, err)
	} else {
		system.FailAt(number, err)
	}
	w.start()
	w.live(0)
	<-time.After(time.Minute)
	done = system.Ops() < number
	system.Heal()
	<-time.After(time.Minute)
	synctest.Wait()

	if down := w.Stats().Down; down != nil {
		t.Errorf("a minute later: got the spool down with %v, want it back", down)
	}
	inFiles, inMemory := w.queue.kept()
	if len(inMemory) > 0 || len(inFiles) != lived-final {
		t.Errorf("a minute later: got %q in files, %q in memory only, want all %d in files", inFiles, inMemory, lived-final)
	}
	w.leave()
	r := revive(t, w.config)
	r.requireAll(t, inFiles, nil)
	for name, n := range r.counts {
		if n > 1 {
			t.Errorf("%s: got it %d times, want it once", name, n)
		}
	}
	if t.Failed() {
		t.Fatalf("failed at operation %d with %v\nlog: %q", number, err, w.log.lines)
	}
	return done
}
