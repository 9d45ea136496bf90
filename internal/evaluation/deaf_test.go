package evaluation_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// stuck is a Fallback that does not obey its context.
type stuck struct {
	shelf

	told chan struct{} // closed by the test
}

func (s *stuck) Get(context.Context, string) ([]byte, bool, error) {
	<-s.told
	return nil, false, nil
}

// Proves promise 4: a question ends with its context although the store does not obey it; and Close waits for the store.
func TestAStoreThatDoesNotObey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &stuck{told: make(chan struct{})}
		w := open(t, setup{Config: evaluation.Config{Fallback: store}})
		w.server.answer(reply{status: http.StatusInternalServerError})
		for _, limit := range []time.Duration{100 * time.Millisecond, time.Hour} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			begin := time.Now()
			if _, err := w.One(ctx, "a", person("u-1")); err == nil {
				t.Errorf("within %v, One has no error", limit)
			}
			want := min(limit, 250*time.Millisecond)
			if late := time.Since(begin) - want; late < 0 || late > 20*time.Millisecond {
				t.Errorf("within %v, One took %v more than %v", limit, late, want)
			}
			cancel()
			wait(time.Second)
		}
		if n := len(w.reported()); n != 2 {
			t.Errorf("%d reports, want each time that the store hung", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close is %v, want context.DeadlineExceeded", err)
		}
		close(store.told)
	})
}

// A question that ends while it waits for a store says nothing about the store.
func TestAStoreIsNotToBlameForADeadline(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		server time.Duration // takes that long to fail
		limit  time.Duration // of the question
	}{
		"while it waits for the server": {time.Second, 100 * time.Millisecond},
		"while it waits for the store":  {0, 100 * time.Millisecond},
		"before that":                   {time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &shelf{}
				w := open(t, setup{Config: evaluation.Config{Fallback: store}})
				w.server.answer(answers("a"))
				w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
				synctest.Wait()
				w.server.answer(reply{err: errRefused, after: tc.server})
				slow := func(d time.Duration) {
					store.mu.Lock()
					defer store.mu.Unlock()
					store.wait = d
				}
				for _, c := range []struct {
					store time.Duration
					want  evaluation.State
				}{{200 * time.Millisecond, evaluation.Unresolved}, {0, evaluation.Found}} {
					slow(c.store)
					ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
					begin := time.Now()
					if r, err := w.One(ctx, "a", person("u-1")); r.State != c.want {
						t.Errorf("with a store that takes %v, One is %+v, error %v, want it %v", c.store, r, err, c.want)
					}
					if took := time.Since(begin); took > tc.limit {
						t.Errorf("with a store that takes %v, One took %v, want at most %v", c.store, took, tc.limit)
					}
					cancel()
				}
				if reports := w.reported(); reports != nil {
					t.Errorf("reported is %q, want nothing", reports)
				}
			})
		})
	}
}

// A clock that is set back does not keep a store that failed out of use for as long.
func TestAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var clock atomic.Int64 // in seconds
		clock.Store(1_800_000_000)
		store := &shelf{err: errRefused}
		w := open(t, setup{Config: evaluation.Config{Fallback: store, Now: func() time.Time { return time.Unix(clock.Load(), 0) }}})
		w.server.answer(reply{err: errRefused})
		for i, tc := range []struct {
			passed int64 // seconds
			want   int   // times that the store was asked
		}{{0, 1}, {0, 1}, {-3600, 2}, {1, 3}} {
			clock.Add(tc.passed)
			w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "connection_error")
			store.mu.Lock()
			if store.gets != tc.want {
				t.Errorf("after question %d, the store was asked %d times, want %d", i, store.gets, tc.want)
			}
			store.mu.Unlock()
		}
	})
}
