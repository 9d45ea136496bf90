package apart_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/apart"
)

var errOwn = errors.New("an error of its own")

func TestDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		f     func() (int, error)
		value int
		err   string
	}{
		"a result":                 {func() (int, error) { return 7, nil }, 7, ""},
		"an error":                 {func() (int, error) { return 7, errOwn }, 7, "an error of its own"},
		"a panic":                  {func() (int, error) { panic("a bug") }, 0, "panic: a bug"},
		"a goroutine that is over": {func() (int, error) { runtime.Goexit(); return 7, nil }, 0, "ended its goroutine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := apart.Group{Name: "test"}
			value, err := apart.Do(t.Context(), &g, tc.f)
			if value != tc.value || (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Errorf("Do is %d, %v; want %d, %q", value, err, tc.value, tc.err)
			}
			if err := g.Close(t.Context()); err != nil {
				t.Errorf("Close is %v", err)
			}
		})
	}
}

// Proves promise 4: whoever calls is free 20 ms after its context has ended at the latest, whatever is called.
func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		after time.Duration // what is called takes that long to obey
		want  time.Duration
		err   error
	}{
		"it obeys at once":  {0, time.Second, errOwn},
		"it obeys soon":     {4 * time.Millisecond, time.Second + 4*time.Millisecond, errOwn},
		"it does not obey":  {time.Hour, time.Second + 5*time.Millisecond, apart.ErrDeaf},
		"it obeys too late": {6 * time.Millisecond, time.Second + 5*time.Millisecond, apart.ErrDeaf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := apart.Group{Name: "test"}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				_, err := apart.Do(ctx, &g, func() (int, error) {
					<-ctx.Done()
					<-time.After(tc.after)
					return 0, errOwn
				})
				if took := time.Since(begin); took != tc.want || !errors.Is(err, tc.err) {
					t.Errorf("Do took %v and returned %v, want %v and %v", took, err, tc.want, tc.err)
				}
				if err := g.Close(t.Context()); err != nil {
					t.Errorf("Close is %v", err)
				}
				if took := time.Since(begin); took < time.Second+tc.after {
					t.Errorf("Close returned after %v, before what is called", took)
				}
			})
		})
	}
}

// What does not obey is not called ever again, but again once it has come to an end.
func TestDeafCallsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := apart.Group{Name: "test"}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		told := make(chan struct{})
		var calls atomic.Int32
		for range 100 {
			_, err := apart.Do(over, &g, func() (int, error) {
				calls.Add(1)
				<-told
				return 0, nil
			})
			if !errors.Is(err, apart.ErrDeaf) {
				t.Errorf("Do is %v, want ErrDeaf", err)
			}
		}
		if n := calls.Load(); n != 64 {
			t.Errorf("%d calls are running, want 64", n)
		}
		close(told)
		synctest.Wait()
		if value, err := apart.Do(t.Context(), &g, func() (int, error) { return 7, nil }); value != 7 || err != nil {
			t.Errorf("when they have ended, Do is %d, %v; want 7", value, err)
		}
		if err := g.Close(t.Context()); err != nil {
			t.Errorf("Close is %v", err)
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := apart.Group{Name: "test"}
		ended := make(chan error, 1)
		go func() {
			_, err := apart.Do(t.Context(), &g, func() (int, error) {
				<-time.After(time.Minute)
				return 0, nil
			})
			ended <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "test") {
			t.Errorf("Close is %v, want DeadlineExceeded and the name", err)
		}
		if _, err := apart.Do(t.Context(), &g, func() (int, error) { return 7, nil }); !errors.Is(err, apart.ErrClosed) {
			t.Errorf("Do after Close is %v, want ErrClosed", err)
		}
		for range 2 {
			if err := g.Close(t.Context()); err != nil {
				t.Errorf("Close is %v", err)
			}
		}
		if err := <-ended; err != nil {
			t.Errorf("the call that was running is %v", err)
		}
	})
}
