package posthog_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves ZIG-24: nothing runs for flags but the loading of definitions, and nothing of it after Close.
func TestGoroutinesOfFlags(t *testing.T) {
	for name, c := range map[string]struct {
		config posthog.Config
		want   int
	}{
		"without local evaluation": {posthog.Config{}, 0},
		"from bytes":               {posthog.Config{FlagSource: posthog.FlagBytes([]byte(definitions))}, 0},
		"with a secret key":        {posthog.Config{SecretKey: secretKey}, 1},
		"a dry run":                {posthog.Config{SecretKey: secretKey, DryRun: true}, 0},
		"a disabled client":        {posthog.Config{SecretKey: secretKey, Disabled: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, c.config, assorted, func(w *world) {
				p := about("on")
				p.SendFeatureFlagEvents = posthog.Ptr(false)
				w.client.FlagEnabled(w.Context(), p, false)
				synctest.Wait()
				if got := goroutines(ours); got != c.want {
					w.Errorf("%d goroutines, want %d", got, c.want)
				}
				if err := w.client.Close(); err != nil {
					w.Errorf("Close: %v", err)
				}
				synctest.Wait()
				if got := goroutines(ours); got != 0 {
					w.Errorf("%d goroutines after Close, want none", got)
				}
			})
		})
	}
}

// Proves ZIG-24: with the defaults of net/http, Close leaves no connection of requests for flags.
func TestCloseClosesConnectionsOfFlags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		assorted(server)
		defaults := http.DefaultTransport
		http.DefaultTransport = server.Transport() // what programs do to route everything
		defer func() { http.DefaultTransport = defaults }()
		client, err := posthog.NewWithConfig(testKey, posthog.Config{Endpoint: server.URL(), SecretKey: secretKey, Logger: silent{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := client.WaitForFlagDefinitions(t.Context()); err != nil || client.FlagEnabled(t.Context(), about("pro"), true) {
			t.Errorf("pro is on: %v", err)
		}
		if server.OpenConns() == 0 {
			t.Error("no connection was opened")
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if open, running := server.OpenConns(), goroutines(theirs); open != 0 || running != 0 {
			t.Errorf("after Close %d connections are open and net/http runs %d goroutines for them, want none", open, running)
		}
	})
}

// stuckProvider does not end when it is told to.
type stuckProvider struct{ sharedDefinitions }

func (*stuckProvider) Shutdown(context.Context) error {
	<-time.NewTimer(time.Hour).C
	return nil
}

// Proves FD-14: a provider that does not end holds Close up no longer than its deadline, and is no lost event.
func TestCloseWithAStuckProvider(t *testing.T) {
	log := new(logLines)
	stuck := &stuckProvider{sharedDefinitions{lead: true}}
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, FlagDefinitionCacheProvider: stuck, Logger: log}, assorted, func(w *world) {
		enqueue(w.T, w.client, capture("e"))
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if err := w.client.CloseWithContext(ctx); err != nil || time.Since(begin) > time.Second+20*time.Millisecond {
			w.Errorf("Close: %v after %v", err, time.Since(begin))
		}
		w.server.Recorder(w.T).Count("e", 1)
		log.requireLine(w.T, "WARN", "did not end within the time that Close had")
		w.pass(time.Hour) // until it ends after all
	})
}
