package spool_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// Errors come and go, and then the process ends.
func TestASafeRecordOutlivesErrorsAndAKill(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(60) {
				synctest.Test(t, func(t *testing.T) { stumble(t, mode, seed) })
			}
		})
	}
}

// stumble lives with failures at random, and dies at random.
func stumble(t *testing.T, mode func(*spool.Config, *faulty.System), seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, configure(t, directory(t)))
	system := w.system
	mode(&w.config, system)
	w.start()
	errs := []error{syscall.ENOSPC, syscall.EMFILE, syscall.EIO, syscall.EACCES}
	total := 0
	for range 2 + random.IntN(6) {
		if random.IntN(3) == 0 {
			system.FailAt(system.Ops()+1+random.IntN(40), errs[random.IntN(len(errs))])
		}
		n := 1 + random.IntN(8)
		w.add(total, n)
		total += n
		switch random.IntN(3) {
		case 0:
			w.queue.finish(random.IntN(8))
		case 1:
			<-time.After(time.Duration(random.IntN(3000)) * time.Millisecond)
		}
	}
	if random.IntN(2) == 0 {
		synctest.Wait()
	}
	w.die()
	var safe []string
	for name := range w.queue.safe {
		if !w.queue.ended[name] {
			safe = append(safe, name)
		}
	}
	offered := make(map[string]bool)
	for n := range total {
		offered[name(n)] = true
	}
	revive(t, w.config).requireAll(t, safe, offered)
	if t.Failed() {
		t.Fatalf("seed %d, log: %q", seed, w.log.lines)
	}
}

// Several goroutines put records while others are made final.
func TestManyPutAtOnce(t *testing.T) {
	t.Parallel()
	inModes(t, func(w *world) {
		w.start()
		const producers, each = 4, 60
		var producing sync.WaitGroup
		for p := range producers {
			producing.Go(func() {
				for n := range each {
					name := fmt.Sprintf("record %d of producer %d", n, p)
					sequence, kept := w.queue.put(name)
					if err := w.Secure(w.Context(), sequence, kept); err != nil || !kept {
						w.Errorf("%s: got kept: %v, error %v, want it in a file, and none", name, kept, err)
					}
					if n%3 == 0 {
						w.queue.finish(2)
					}
				}
			})
		}
		producing.Wait()
		synctest.Wait()
		inFiles, inMemory := w.queue.kept()
		if left := producers*each - len(w.queue.ended); len(inMemory) > 0 || len(inFiles) != left {
			w.Errorf("got %d records in files, %q in memory, want %d and none", len(inFiles), inMemory, left)
		}
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}
