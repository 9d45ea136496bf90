package flagsync_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/flagsync"
)

// edition is the n-th version of a document, in which everything says n: the flag, its cohort, the gate, the
// matching version, the group type and the ETag.
func edition(n int) http.HandlerFunc {
	return ok(fmt.Sprintf(`{"flags":[{"key":"f","active":true,"version":%d,"filters":{"groups":[{"properties":[%s]}]}}],
		"cohorts":{"1":{"type":"AND","values":[{"key":"n","type":"person","operator":"exact","value":"%d"}]}},
		"group_type_mapping":{"0":"type-%d"},"minimal_flag_called_events":%v,"property_matching_version":%d}`,
		n, inCohort1, n, n, n%2 == 0, 1+n%2), fmt.Sprintf(`"%d"`, n))
}

// consistent returns what in s belongs to different editions.
func consistent(s *flagsync.State) error {
	if !s.Loaded() {
		return nil
	}
	d := s.Program.Definitions()
	f, _ := d.Flag("f")
	n := int(f.Version)
	subject := flags.Subject{DistinctID: "u_42", PersonProperties: map[string]any{"n": fmt.Sprint(n)}}
	switch {
	case s.ETag != fmt.Sprintf(`"%d"`, n):
		return fmt.Errorf("edition %d with ETag %s", n, s.ETag)
	case d.GroupTypes[0] != fmt.Sprintf("type-%d", n):
		return fmt.Errorf("edition %d with group type %s", n, d.GroupTypes[0])
	case d.MinimalFlagCalledEvents != (n%2 == 0):
		return fmt.Errorf("edition %d with gate %v", n, d.MinimalFlagCalledEvents)
	case d.PropertyMatchingVersion != 1+n%2:
		return fmt.Errorf("edition %d with matching version %d", n, d.PropertyMatchingVersion)
	case !s.Program.Evaluate("f", &subject).Enabled:
		return fmt.Errorf("edition %d with another cohort", n)
	}
	return nil
}

// Proves FD-08, FL-30: a reader sees one edition or another, and never goes back.
func TestReadersNeverSeeHalfOfTwoDocuments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), edition(0))
		var over atomic.Bool
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				last := uint64(0)
				for !over.Load() {
					s := w.Use()
					if err := consistent(s); err != nil {
						t.Error(err)
						return
					}
					if s.Generation < last {
						t.Errorf("generation %d after %d", s.Generation, last)
						return
					}
					last = s.Generation
					runtime.Gosched()
				}
			})
		}
		for n := range 100 {
			w.service.answer(edition(n))
			if n%10 == 9 {
				w.service.answer(status(402))
			}
			_ = w.Reload(t.Context())
		}
		over.Store(true)
		readers.Wait()
	})
}

// ours is in the stack of every goroutine of a Loader.
const ours = "/internal/life/life.go:"

// goroutines counts those whose stack contains text.
func goroutines(text string) int {
	stacks := make([]byte, 1<<20)
	n := 0
	for one := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if strings.Contains(one, text) {
			n++
		}
	}
	return n
}

func TestOneGoroutineFromTheFirstUseToClose(t *testing.T) {
	for name, c := range map[string]struct {
		start func(*world)
		want  int
	}{
		"nothing":                 {func(*world) {}, 0},
		"a look at the state":     {func(w *world) { w.State(); w.Status(); w.Ready() }, 0},
		"a listener":              {func(w *world) { w.OnChange(func(flagsync.Change) {}) }, 0},
		"Start":                   {func(w *world) { w.Start(); w.Start() }, 1},
		"Use":                     {func(w *world) { w.Use(); w.Use() }, 1},
		"Wait":                    {func(w *world) { _ = w.Wait(w.Context()) }, 1},
		"Reload":                  {func(w *world) { _ = w.Reload(w.Context()) }, 1},
		"a listener that is told": {func(w *world) { w.OnChange(func(flagsync.Change) {}); w.Use() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := goroutines(ours)
				w := open(t, secret(), ok(document("a"), ""))
				c.start(w)
				synctest.Wait()
				if got := goroutines(ours) - before; got != c.want {
					t.Errorf("%d goroutines, want %d", got, c.want)
				}
				if err := w.Close(t.Context()); err != nil {
					t.Errorf("Close: %v", err)
				}
				synctest.Wait()
				if got := goroutines(ours) - before; got != 0 {
					t.Errorf("%d goroutines after Close, want none", got)
				}
			})
		})
	}
}

// Everything at once, for the race detector.
func TestCallsFromEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.Interval, c.PauseAfterIdle = time.Second, 3*time.Second
		f := newFake(t, true)
		c.Provider = f
		w := open(t, c, edition(1), edition(2), status(503), status(402), edition(3))
		var callers sync.WaitGroup
		for i := range 8 {
			callers.Go(func() {
				for j := range 50 {
					w.Use()
					w.Status()
					w.Refreshes()
					w.OnChange(func(flagsync.Change) {})()
					switch i {
					case 0:
						_ = w.Reload(t.Context())
					case 1:
						wait(time.Duration(j) * 100 * time.Millisecond)
					case 2:
						if j == 40 {
							wait(time.Minute)
							if err := w.Close(t.Context()); err != nil {
								t.Errorf("Close: %v", err)
							}
						}
					}
				}
			})
		}
		callers.Wait()
	})
}

// NoAlloc: an evaluation pays two atomic loads for its definitions.
func TestUseNoAlloc(t *testing.T) { // not parallel: it counts allocations of the process
	loader, err := flagsync.New(flagsync.Config{Bytes: []byte(document("a"))})
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { loader.Use() }); got > 0 {
		t.Errorf("Use allocates %.0f times, want never", got)
	}
}

func BenchmarkUse(b *testing.B) {
	loader, err := flagsync.New(flagsync.Config{Bytes: []byte(document("a"))})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		loader.Use()
	}
}
