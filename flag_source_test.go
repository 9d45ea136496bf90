package posthog_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// sharedDefinitions is a provider of the application's, with the method signatures of posthog-go.
type sharedDefinitions struct {
	mu       sync.Mutex
	document json.RawMessage
	lead     bool
	ended    int
}

func (s *sharedDefinitions) GetFlagDefinitions(context.Context) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.document, nil
}

func (s *sharedDefinitions) ShouldFetchFlagDefinitions(context.Context) (bool, error) {
	return s.lead, nil
}

func (s *sharedDefinitions) OnFlagDefinitionsReceived(_ context.Context, data json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.document = data
	return nil
}

func (s *sharedDefinitions) Shutdown(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended++
	return nil
}

// Proves FD-11, FD-14: one process asks the server, another one has its definitions without a key.
func TestFlagDefinitionCache(t *testing.T) {
	leader := &sharedDefinitions{lead: true}
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, FlagDefinitionCacheProvider: leader}, assorted, func(w *world) {
		synctest.Wait() // until the document is shared
		if len(w.server.DefinitionRequests()) != 1 || len(leader.document) == 0 {
			w.Errorf("the leader asked %d times, and shared %d bytes", len(w.server.DefinitionRequests()), len(leader.document))
		}
		follower := &sharedDefinitions{document: leader.document}
		other := connect(w.T, w.server, posthog.Config{FlagDefinitionCacheProvider: follower, StrictLocalEvaluation: true})
		if err := other.WaitForFlagDefinitions(w.Context()); err != nil {
			w.Error(err)
		}
		if !other.FlagEnabled(w.Context(), about("on"), false) || other.FlagStatus().Source != "shared cache" {
			w.Errorf("the follower does not evaluate: %+v", other.FlagStatus())
		}
		closeNow(w.T, other)
		if follower.ended != 1 || len(w.server.DefinitionRequests()) != 1 {
			w.Errorf("the follower's provider was shut down %d times, and definitions were asked for %d times; want 1 and 1", follower.ended, len(w.server.DefinitionRequests()))
		}
		w.close()
		if leader.ended != 1 {
			w.Errorf("the leader's provider was shut down %d times, want once", leader.ended)
		}
	})
}

// yieldingDefinitions gives up the lead when it is told to.
type yieldingDefinitions struct {
	sharedDefinitions
	yielded atomic.Int32
}

func (y *yieldingDefinitions) YieldFlagDefinitions(context.Context) error {
	y.yielded.Add(1)
	return nil
}

// A client that pauses lets another process have the lead.
func TestFlagDefinitionCacheYields(t *testing.T) {
	shared := &yieldingDefinitions{sharedDefinitions: sharedDefinitions{lead: true}}
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, FlagDefinitionCacheProvider: shared, FlagPauseAfterIdle: time.Minute}, assorted, func(w *world) {
		w.pass(10 * time.Minute)
		if got := shared.yielded.Load(); got != 1 || !w.client.FlagStatus().Paused {
			w.Errorf("the provider was told to yield %d times, want once; paused: %v", got, w.client.FlagStatus().Paused)
		}
	})
}

// Two clients share a directory, and one of them asks.
func TestFlagDefinitionFileCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flags")
	config := posthog.Config{SecretKey: secretKey, FlagDefinitionCacheProvider: posthog.NewFlagDefinitionFileCache(dir, testKey)}
	inFlagWorld(t, config, assorted, func(w *world) {
		synctest.Wait() // until the document is shared
		config.FlagDefinitionCacheProvider = posthog.NewFlagDefinitionFileCache(dir, testKey)
		other := connect(w.T, w.server, config)
		if err := other.WaitForFlagDefinitions(w.Context()); err != nil || !other.FlagEnabled(w.Context(), about("on"), false) {
			w.Errorf("the other client does not evaluate: %v", err)
		}
		closeNow(w.T, other)
		if got := len(w.server.DefinitionRequests()); got != 1 {
			w.Errorf("definitions were asked for %d times, want once", got)
		}
	})
}

// A program with a file asks for a flag at once, in whatever way, and does not get the default.
func TestAFlagFileCountsFromTheFirstQuestion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.json")
	if err := os.WriteFile(path, []byte(definitions), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]posthog.Config{
		"with requests for the rest": {}, "strictly": {StrictLocalEvaluation: true}, "in a dry run": {DryRun: true},
	} {
		t.Run(name, func(t *testing.T) {
			config.FlagSource = posthog.FlagFile(path)
			inFlagWorld(t, config, func(*posthogtest.Server) {}, func(w *world) {
				if !w.client.FlagEnabled(w.Context(), about("on"), false) {
					w.Error("on is off")
				}
				w.asked(0)
			})
		})
	}
}

// A dry run, too, has its definitions from the file as it is now.
func TestADryRunReloadsItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.json")
	inFlagWorld(t, posthog.Config{DryRun: true, FlagSource: posthog.FlagFile(path), Logger: silent{}}, func(*posthogtest.Server) {}, func(w *world) {
		if err := w.client.ReloadFeatureFlags(); err == nil {
			w.Error("a reload of a file that is missing is no error")
		}
		if err := os.WriteFile(path, []byte(definitions), 0o600); err != nil {
			w.Fatal(err)
		}
		if err := w.client.ReloadFeatureFlags(); err != nil || !w.client.FlagEnabled(w.Context(), about("on"), false) {
			w.Errorf("on is off after the reload: %v", err)
		}
	})
}

// A file that is missing, or no file, holds up nothing, and counts when it is there.
func TestAFlagFileThatComesLater(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"missing": filepath.Join(dir, "flags.json"), "a directory": dir} {
		t.Run(name, func(t *testing.T) {
			log := new(logLines)
			var begin time.Time
			config := posthog.Config{FlagSource: posthog.FlagFile(path), StrictLocalEvaluation: true, Logger: log}
			inFlagWorld(t, config, func(*posthogtest.Server) { begin = time.Now() }, func(w *world) {
				if took := time.Since(begin); took != 0 {
					w.Errorf("NewWithConfig took %v, want none of the bubble's time", took)
				}
				log.requireLine(w.T, "WARN", "load feature flag definitions")
				if _, err := w.client.FlagResult(w.Context(), about("on")); !errors.Is(err, posthog.ErrDefinitionsNotLoaded) {
					w.Errorf("FlagResult: %v, want ErrDefinitionsNotLoaded", err)
				}
				if path == dir {
					return
				}
				if err := os.WriteFile(path, []byte(definitions), 0o600); err != nil {
					w.Fatal(err)
				}
				if err := w.client.WaitForFlagDefinitions(w.Context()); err != nil || !w.client.FlagEnabled(w.Context(), about("on"), false) {
					w.Errorf("the file does not count when it is there: %v", err)
				}
			})
		})
	}
}

// A file of definitions counts, and its changes do, without a server; a backup helps at the start.
func TestFlagFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.json")
	write := func(document string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(definitions)
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagFile(path), StrictLocalEvaluation: true}, assorted, func(w *world) {
		if err := w.client.WaitForFlagDefinitions(w.Context()); err != nil || !w.client.FlagEnabled(w.Context(), about("on"), false) {
			w.Errorf("on is off: %v", err)
		}
		write(strings.Replace(definitions, `"key":"on"`, `"key":"renamed"`, 1))
		w.pass(3 * time.Second)
		if !w.client.FlagEnabled(w.Context(), about("renamed"), false) {
			w.Error("the change of the file does not count")
		}
		w.asked(0)
	})
	backup := filepath.Join(t.TempDir(), "backup.json")
	config := posthog.Config{SecretKey: secretKey, FlagBackupPath: backup, StrictLocalEvaluation: true}
	inFlagWorld(t, config, assorted, func(*world) { synctest.Wait() })
	inFlagWorld(t, config, func(s *posthogtest.Server) {
		s.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 500, Times: -1})
	}, func(w *world) {
		if !w.client.FlagEnabled(w.Context(), about("on"), false) || w.client.FlagStatus().Source != "backup" {
			w.Errorf("the backup does not count: %+v", w.client.FlagStatus())
		}
	})
}
