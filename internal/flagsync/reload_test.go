package flagsync_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// slow answers after a while.
func slow(d time.Duration, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wait(d)
		answer(w, r)
	}
}

// Proves GO-33, FD-16: what is new is visible when Reload returns, and errors are returned.
func TestReloadLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""), ok(document("b"), ""), status(503))
		for _, key := range []string{"a", "b"} {
			if err := w.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.want(flagsync.Network, key)
			if !enabled(w.State(), key) {
				t.Errorf("flag %q is off, want on", key)
			}
		}
		failed, ok := errors.AsType[*flagsync.StatusError](w.Reload(t.Context()))
		if !ok || failed.Status != 503 || failed.Message != `{"detail":"because"}` {
			t.Errorf("Reload = %v, want the answer 503", failed)
		}
		w.want(flagsync.Network, "b")
		if got := w.Refreshes(); got != 2 {
			t.Errorf("%d refreshes, want 2", got)
		}
	})
}

// Proves FD-07, FD-16: one load at a time, whoever asks for it.
func TestReloadsShareTheLoadThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), slow(5*time.Second, ok(document("a"), "")), ok(document("b"), ""))
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if err := w.Reload(t.Context()); err != nil {
					t.Errorf("Reload: %v", err)
				}
				w.want(flagsync.Network, "a")
			})
		}
		callers.Wait()
		if got := len(w.service.seen()); got != 1 {
			t.Errorf("%d requests for 100 reloads, want 1", got)
		}
	})
}

// Proves FD-07: polls and reloads never overlap, so that no older answer comes after a newer one.
func TestLoadsNeverOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.Interval = time.Second
		w := open(t, c, slow(1500*time.Millisecond, ok(document("a"), "")))
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				for range 20 {
					w.Use()
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Millisecond)
					_ = w.Reload(ctx)
					cancel()
					wait(time.Duration(i) * 70 * time.Millisecond)
				}
			})
		}
		callers.Wait()
		w.service.mu.Lock()
		defer w.service.mu.Unlock()
		if w.service.busiest != 1 {
			t.Errorf("%d requests at a time, want 1", w.service.busiest)
		}
	})
}

// Proves FD-15 of Reload and of Wait.
func TestWaitersReturnWhenTheirContextEnds(t *testing.T) {
	for name, c := range map[string]struct {
		call func(*world, context.Context) error
		want string
	}{
		"Reload": {func(w *world, ctx context.Context) error { return w.Reload(ctx) }, "reload feature flag definitions: context deadline exceeded"},
		"Wait":   {func(w *world, ctx context.Context) error { return w.Wait(ctx) }, "wait for feature flag definitions: context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t, secret(), hang(""))
				for _, patience := range []time.Duration{0, 50 * time.Millisecond} {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					began := time.Now()
					err := c.call(w, ctx)
					cancel()
					if !errors.Is(err, context.DeadlineExceeded) || err.Error() != c.want {
						t.Errorf("got %v, want %q", err, c.want)
					}
					if took := time.Since(began); took != patience {
						t.Errorf("it took %s, want %s", took, patience)
					}
				}
			})
		})
	}
}

func TestWaitSaysWhyItWasInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), status(503))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := w.Wait(ctx)
		failed, ok := errors.AsType[*flagsync.StatusError](err)
		if !ok || failed.Status != 503 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait = %v, want the end of the context and the answer 503", err)
		}
	})
}

func TestWaitBeginsAgainWhenDefinitionsAreCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), answers{ok(document("a"), ""), status(402), ok(document("a"), "")}...)
		ready := w.Ready()
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-ready
		_ = w.Reload(t.Context())
		w.want(flagsync.None)
		select {
		case <-w.Ready():
			t.Error("ready while nothing is loaded")
		default:
		}
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Network, "a")
	})
}

func TestCallsAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), hang(""))
		var callers sync.WaitGroup
		for name, call := range map[string]func(context.Context) error{"Reload": w.Reload, "Wait": w.Wait} {
			callers.Go(func() {
				if err := call(t.Context()); !errors.Is(err, flagsync.ErrClosed) {
					t.Errorf("%s during Close: %v, want ErrClosed", name, err)
				}
			})
		}
		wait(time.Second)
		began := time.Now()
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Close took %s, want it to cancel the request", took)
		}
		callers.Wait()
		for name, call := range map[string]func(context.Context) error{"Reload": w.Reload, "Wait": w.Wait} {
			if err := call(t.Context()); !errors.Is(err, flagsync.ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", name, err)
			}
		}
		w.Start()
		w.Use()
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close again: %v", err)
		}
		if got := w.Status().Condition; got != flagsync.Closed {
			t.Errorf("condition %v, want closed", got)
		}
		if got := w.reported(); len(got) > 0 {
			t.Errorf("reports %q, want none of a request that Close canceled", got)
		}
	})
}

func TestCloseWithoutUse(t *testing.T) {
	t.Parallel()
	loader, err := flagsync.New(flagsync.Config{Endpoint: "https://example.com", Secret: "phs_test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := loader.Reload(t.Context()); !errors.Is(err, flagsync.ErrClosed) {
		t.Errorf("Reload after Close: %v, want ErrClosed", err)
	}
}

func TestALoaderWithoutASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, flagsync.Config{}, status(500))
		for name, call := range map[string]func(context.Context) error{"Reload": w.Reload, "Wait": w.Wait} {
			if err := call(t.Context()); !errors.Is(err, flagsync.ErrNoSource) {
				t.Errorf("%s: %v, want ErrNoSource", name, err)
			}
		}
		if w.Use().Loaded() || len(w.service.seen()) > 0 {
			t.Error("something was loaded from nowhere")
		}
	})
}

func TestNewRefusesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]flagsync.Config{
		"no endpoint":           {Secret: "phs_test"},
		"an endpoint of files":  {Secret: "phs_test", Endpoint: "file:///etc"},
		"an impossible address": {Secret: "phs_test", Endpoint: "http://user:hush@exa mple.com"},
		"bytes of something":    {Bytes: []byte("<html>")},
		"no bytes at all":       {Bytes: []byte{}},
	} {
		loader, err := flagsync.New(c)
		if err == nil || loader != nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: New = %v, %v, want an error without credentials", name, loader, err)
		}
	}
}

// Whoever asks after an answer has come may know of something newer, so that the load that it belongs to will not do.
func TestReloadJoinsNoLoadThatHasItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, true)
		f.put = hanging // so that the load goes on for long
		c := secret()
		c.Provider = f
		w := open(t, c, ok(document("a"), ""), ok(document("b"), ""))
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Network, "b")
	})
}
