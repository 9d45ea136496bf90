package posthog_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves GO-33, FD-16: a reload is in force when it returns.
func TestReloadFeatureFlags(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.server.SetFlag("on", false)
		if !w.client.FlagEnabled(w.Context(), about("on"), false) {
			w.Error("the change is there before the reload")
		}
		if err := w.client.ReloadFeatureFlags(); err != nil {
			w.Errorf("ReloadFeatureFlags: %v", err)
		}
		if w.client.FlagEnabled(w.Context(), about("on"), true) {
			w.Error("the change is not there after the reload")
		}
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 401})
		failed, ok := errors.AsType[*posthog.FlagError](w.client.ReloadFeatureFlags())
		if !ok || failed.Status != 401 {
			w.Errorf("a reload that fails: %v, want status 401", failed)
		}
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Hang: true})
		ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
		defer cancel()
		if err := w.client.ReloadFeatureFlagsWithContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("a reload whose context ends: %v, want DeadlineExceeded", err)
		}
		w.close()
		for name, call := range map[string]func() error{
			"ReloadFeatureFlags":     w.client.ReloadFeatureFlags,
			"WaitForFlagDefinitions": func() error { return w.client.WaitForFlagDefinitions(w.Context()) },
			"GetRemoteConfigPayload": func() error { _, err := w.client.GetRemoteConfigPayload("on"); return err },
		} {
			if err := call(); !errors.Is(err, posthog.ErrClosed) {
				w.Errorf("%s after Close: %v, want ErrClosed", name, err)
			}
		}
	})
}

// Proves GO-32, PY-16, RS-19, FD-06: definitions are loaded at the start and then by the interval, whatever is asked.
func TestPolling(t *testing.T) {
	ticks := 0
	for name, c := range map[string]struct {
		config posthog.Config
		want   [2]int // after ten minutes, at least and at most
	}{
		"every half minute":      {posthog.Config{}, [2]int{18, 24}},
		"by an interval":         {posthog.Config{DefaultFeatureFlagsPollingInterval: 5 * time.Minute}, [2]int{2, 4}},
		"as the application has": {posthog.Config{NextFeatureFlagsPollingTick: func() time.Duration { ticks++; return 4 * time.Minute }}, [2]int{3, 4}},
		"not while nobody asks":  {posthog.Config{FlagPauseAfterIdle: time.Minute}, [2]int{2, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.SecretKey = secretKey
			inFlagWorld(t, c.config, assorted, func(w *world) {
				for range 1000 {
					w.client.FlagEnabled(w.Context(), about("on"), false)
				}
				w.pass(10 * time.Minute)
				if got := len(w.server.DefinitionRequests()); got < c.want[0] || got > c.want[1] {
					w.Errorf("definitions were asked for %d times in ten minutes, want %v", got, c.want)
				}
				w.asked(0)
			})
		})
	}
	if ticks == 0 {
		t.Error("NextFeatureFlagsPollingTick was not asked")
	}
}

// Proves RS-21, FD-15: nobody has to ask the server who waits for the definitions first.
func TestWaitForFlagDefinitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		assorted(server)
		server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 503, Times: 2})
		w := &world{T: t, server: server, client: connect(t, server, posthog.Config{SecretKey: secretKey})}
		defer closeNow(t, w.client)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := w.client.WaitForFlagDefinitions(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitForFlagDefinitions while the server is down: %v, want DeadlineExceeded", err)
		}
		if s := w.client.FlagStatus(); s.Condition != posthog.FlagsEmpty || s.LastError == nil || s.Flags != 0 {
			t.Errorf("the status is %+v, want empty with an error", s)
		}
		begin := time.Now()
		if err := w.client.WaitForFlagDefinitions(t.Context()); err != nil || time.Since(begin) > 10*time.Second {
			t.Errorf("WaitForFlagDefinitions: %v after %v", err, time.Since(begin))
		}
		if !w.client.FlagEnabled(t.Context(), about("on"), false) {
			t.Error("on is off")
		}
		w.asked(0)
		s := w.client.FlagStatus()
		if s.Condition != posthog.FlagsCurrent || s.LastError != nil || s.Flags != 4 || s.Source != "network" ||
			s.Polls.Loaded != 1 || s.Polls.Failed != 2 || s.Polls.Billable != 10 || s.NextAttempt.IsZero() {
			t.Errorf("the status is %+v", s)
		}
		server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 500, Times: -1})
		w.pass(2 * time.Minute)
		if s := w.client.FlagStatus(); s.Condition != posthog.FlagsStale || s.Age < time.Minute || s.LastError == nil {
			t.Errorf("the status in an outage is %+v, want stale", s)
		}
		w.close()
		if s := w.client.FlagStatus(); s.Condition != posthog.FlagsClosed || s.Flags != 4 {
			t.Errorf("the status after Close is %+v", s)
		}
	})
}

// slowStore takes its time to share what it is given.
type slowStore struct{ sharedDefinitions }

func (s *slowStore) OnFlagDefinitionsReceived(ctx context.Context, _ json.RawMessage) error {
	<-ctx.Done()
	return ctx.Err()
}

// Who has waited for the definitions finds them in the status, whatever else the load has to do.
func TestTheStatusAfterTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		assorted(server)
		server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 503})
		client := connect(t, server, posthog.Config{
			SecretKey: secretKey, FlagDefinitionCacheProvider: &slowStore{sharedDefinitions{lead: true}},
		})
		defer closeNow(t, client)
		if err := client.WaitForFlagDefinitions(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := client.FlagStatus()
		if s.Condition != posthog.FlagsCurrent || s.LastError != nil || s.RefreshedAt.IsZero() || s.Polls.Loaded != 1 || s.Polls.Failed != 1 {
			t.Errorf("the status is %+v, want current, after one failure", s)
		}
	})
}

// Listeners are told what changed, until they have enough.
func TestOnFlagsChange(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		var mu sync.Mutex
		var told []posthog.FlagsChange
		unsubscribe := w.client.OnFlagsChange(func(change posthog.FlagsChange) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, change)
			_ = w.client.Enqueue(capture("noticed"))
		})
		w.server.SetFlag("on", false)
		w.server.SetFlag("new", true)
		w.server.DeleteFlag("off")
		if err := w.client.ReloadFeatureFlags(); err != nil {
			w.Fatal(err)
		}
		synctest.Wait()
		mu.Lock()
		if len(told) != 1 || !slices.Equal(told[0].Added, []string{"new"}) || !slices.Equal(told[0].Changed, []string{"on"}) || !slices.Equal(told[0].Removed, []string{"off"}) {
			w.Errorf("told of %+v", told)
		}
		mu.Unlock()
		unsubscribe()
		w.server.DeleteFlag("new")
		_ = w.client.ReloadFeatureFlags()
		synctest.Wait()
		if len(told) != 1 {
			w.Errorf("told of %+v after unsubscribing", told[1:])
		}
		if unsubscribe := w.client.OnFlagsChange(nil); unsubscribe == nil {
			w.Error("nil as a listener has no unsubscribe")
		}
	})
}

// Proves FR-15, GO-14, PY-29: the payload of a remote config.
func TestRemoteConfigPayload(t *testing.T) {
	for name, config := range map[string]posthog.Config{
		"with local evaluation":    {SecretKey: secretKey},
		"without local evaluation": {SecretKey: secretKey, EnableLocalEvaluation: posthog.Ptr(false)},
		"with strict evaluation":   {SecretKey: secretKey, StrictLocalEvaluation: true},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, config, func(s *posthogtest.Server) {
				s.SetFlags(posthogtest.Flag{Key: "limits", RemoteConfig: true, Payload: map[string]any{"max": 5}})
			}, func(w *world) {
				if got, err := w.client.GetRemoteConfigPayload("limits"); got != `{"max":5}` || err != nil {
					w.Errorf("GetRemoteConfigPayload is %q, %v", got, err)
				}
				if got, err := w.client.GetRemoteConfigPayload("nothing"); got != "" || !errors.Is(err, posthog.ErrFlagNotFound) {
					w.Errorf("GetRemoteConfigPayload of nothing is %q, %v; want ErrFlagNotFound", got, err)
				}
				if config.EnableLocalEvaluation != nil && len(w.server.DefinitionRequests()) > 0 {
					w.Error("definitions were loaded although local evaluation is off")
				}
			})
		})
	}
}

// Proves GO-21: what a page starts with.
func TestBootstrapFlags(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, func(s *posthogtest.Server) {
		assorted(s)
		s.SetFlags(posthogtest.Flag{Key: "html", Payload: "</script>"})
	}, func(w *world) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{DistinctId: "u_9"})
		got, err := w.client.BootstrapFlags(ctx, posthog.FeatureFlagPayloadNoKey{})
		want := `{"distinctID":"u_9","featureFlags":{"colour":"blue","html":true,"off":false,"on":true,"pro":false},` +
			`"featureFlagPayloads":{"colour":[1,2],"html":"\u003c/script\u003e","on":{"limit":5}}}`
		if string(got) != want || err != nil {
			w.Errorf("BootstrapFlags is %s, %v; want %s", got, err, want)
		}
	})
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		w.down(500)
		got, err := w.client.BootstrapFlags(w.Context(), posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"})
		if string(got) != `{"distinctID":"u_1","featureFlags":{},"featureFlagPayloads":{}}` || err == nil {
			w.Errorf("BootstrapFlags while the server is down is %s, %v", got, err)
		}
	})
}

// Close gives up requests for flags and the loading, within its deadline.
func TestCloseWithQuestionsOnTheirWay(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.server.Inject(
			posthogtest.Fault{Path: posthogtest.RouteFlags, Hang: true, Times: -1},
			posthogtest.Fault{Path: posthogtest.RouteDefinitions, Hang: true, Times: -1},
		)
		var asking sync.WaitGroup
		asking.Go(func() {
			if _, err := w.client.GetFeatureFlag(about("pro")); !errors.Is(err, posthog.ErrClosed) {
				w.Errorf("a question that Close cut off: %v, want ErrClosed", err)
			}
		})
		asking.Go(func() {
			if err := w.client.ReloadFeatureFlags(); !errors.Is(err, posthog.ErrClosed) {
				w.Errorf("a reload that Close cut off: %v, want ErrClosed", err)
			}
		})
		synctest.Wait()
		begin := time.Now()
		w.close()
		asking.Wait()
		if took := time.Since(begin); took > 20*time.Millisecond {
			w.Errorf("Close took %v", took)
		}
	})
}
