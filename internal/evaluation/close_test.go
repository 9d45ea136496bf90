package evaluation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// Close ends what is on its way; what needs no request is answered afterwards.
func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := cached(time.Minute, 10)
		s.definitions = definitions
		w := open(t, s)
		w.server.answer(reply{after: time.Hour})
		var asking sync.WaitGroup
		for i := range 10 {
			asking.Go(func() {
				r, err := w.One(t.Context(), "plan", person(fmt.Sprint("u-", i/2)))
				if !errors.Is(err, evaluation.ErrClosed) || r.State != evaluation.Unresolved {
					t.Errorf("One is %+v, error %v, want ErrClosed", r, err)
				}
			})
		}
		synctest.Wait()
		begin := time.Now()
		for range 2 {
			if err := w.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		asking.Wait()
		if took := time.Since(begin); took != 0 {
			t.Errorf("Close and what it ends took %v, want 0s", took)
		}
		w.wantRequests(5)
		w.one("on", "u-1", evaluation.Found, evaluation.Local, "")
		if _, err := w.One(t.Context(), "plan", person("u-1")); !errors.Is(err, evaluation.ErrClosed) {
			t.Errorf("One after Close has error %v, want ErrClosed", err)
		}
		if s, err := w.All(t.Context(), person("u-1")); !errors.Is(err, evaluation.ErrClosed) || !s.Lookup("on").Enabled {
			t.Errorf("All after Close is %+v, error %v, want ErrClosed and what is known", s, err)
		}
		w.wantRequests(0)
	})
}

// Close joins the goroutine that stores entries. The bubble fails if it is left.
func TestCloseJoinsTheWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{wait: time.Hour}
		w := open(t, setup{Config: evaluation.Config{Fallback: store}})
		w.server.answer(answers("a"))
		for i := range 1000 { // more than can wait
			w.one("a", fmt.Sprint("u-", i), evaluation.Found, evaluation.Remote, "")
		}
		synctest.Wait()
		begin := time.Now()
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("Close took %v, want 0s", took)
		}
		if store.sets != 1 {
			t.Errorf("the store is told %d things, want 1, which it sits on", store.sets)
		}
		if reports := w.reported(); reports != nil {
			t.Errorf("Close reports %q, want nothing", reports)
		}
	})
}

// Nothing starts after Close. The bubble fails if it does.
func TestNothingStartsAfterClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := open(t, setup{definitions: definitions, Config: evaluation.Config{Fallback: store}})
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		w.one("on", "u-1", evaluation.Found, evaluation.Local, "")
		synctest.Wait()
		if store.sets != 0 {
			t.Errorf("the store is told %d things after Close, want none", store.sets)
		}
	})
}

// deaf is a store that does not obey contexts.
type deaf struct{ release chan struct{} }

func (d deaf) Get(context.Context, string) ([]byte, bool, error) { return nil, false, nil }

func (d deaf) Set(context.Context, string, []byte, time.Duration) error {
	<-d.release
	return nil
}

// Close ends with its context, whatever a store does, and says what it left.
func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := deaf{make(chan struct{})}
		w := open(t, setup{Config: evaluation.Config{Fallback: store}})
		w.server.answer(answers("a"))
		w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("Close: %v after %v, want context.DeadlineExceeded after 1s", err, time.Since(begin))
		}
		close(store.release)
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close again: %v", err)
		}
	})
}

// Everything at once, for the race detector.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := cached(time.Nanosecond, 4)
	s.definitions, s.polled, s.Fallback = definitions, true, evaluation.NewMemoryFallback(8)
	w := open(t, s)
	w.server.respond(func(b body) reply {
		if b.DistinctID == "u-3" {
			return reply{err: errRefused}
		}
		return reply{body: full}
	})
	var busy sync.WaitGroup
	for i := range 8 {
		busy.Go(func() {
			for j := range 50 {
				r := person(fmt.Sprint("u-", (i+j)%5))
				for _, key := range []string{"on", "plan", "nowhere", "far"} {
					if got, _ := w.One(t.Context(), key, r); key == "on" && got.State != evaluation.Found {
						t.Errorf("One(on) is %+v", got)
					}
				}
				all, _ := w.All(t.Context(), r)
				for range all.All() {
				}
				r.Keys = []string{"on", "nowhere"}
				if some, _ := w.All(t.Context(), r); some.Lookup("on").State != evaluation.Found {
					t.Errorf("All has %+v", some.Lookup("on"))
				}
			}
		})
	}
	busy.Go(func() {
		for i := range 50 {
			if i%2 == 0 {
				w.SetOverrides(map[string]evaluation.Override{"plan": {Enabled: true}})
			} else {
				w.SetOverrides(nil)
			}
			_ = w.loader.Reload(t.Context())
		}
	})
	busy.Wait()
}
