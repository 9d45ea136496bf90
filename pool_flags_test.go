package posthog_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
)

// Clients of a pool ask for flags, each for its own project, and report what was seen once for each of them.
func TestClientsOfAPoolHaveFlags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{})
		server.SetFlag("new-nav", "blue")
		for tenant := range 2 {
			client := clientOf(t, pool, tenant)
			for range 3 {
				question := posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "user-1"}
				if got := client.FlagVariant(t.Context(), question, "none"); got != "blue" {
					t.Errorf("tenant %d has %q, want blue", tenant, got)
				}
			}
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		for tenant := range 2 {
			if got := byKey(server)[keyOf(tenant)]; got != 1 {
				t.Errorf("tenant %d has reported %d exposures, want one", tenant, got)
			}
		}
		if got := clientsQuestion(pool); !errors.Is(got, posthog.ErrClosed) {
			t.Errorf("got %v after Close, want ErrClosed", got)
		}
	})
}

// clientsQuestion asks a pool for a client.
func clientsQuestion(pool *posthog.Pool) error {
	_, err := pool.Client(keyOf(0))
	return err
}

// What the people of one project have seen is remembered when the client of another one closes.
func TestAClientOfAPoolClosesForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, server := openPool(t, posthog.PoolConfig{})
		server.SetFlag("new-nav", true)
		question := posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "user-1"}
		stays, leaves := clientOf(t, pool, 0), clientOf(t, pool, 1)
		stays.FlagEnabled(t.Context(), question, false)
		if err := leaves.Close(); err != nil {
			t.Fatal(err)
		}
		stays.FlagEnabled(t.Context(), question, false)
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		if got := byKey(server)[keyOf(0)]; got != 1 {
			t.Errorf("got %d exposures, want one", got)
		}
	})
}

// A client that was told something about flags is not let go: a new one would not know.
func TestAClientOfAPoolKeepsItsOverrides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := openPool(t, posthog.PoolConfig{IdleTimeout: time.Minute})
		clientOf(t, pool, 0).OverrideFlags(map[string]any{"new-nav": true})
		clientOf(t, pool, 1).SetPersonPropertiesForFlags(posthog.Properties{"plan": "pro"})
		_ = clientOf(t, pool, 2)
		elapse(time.Hour)
		if s := pool.Stats(); s.Clients != 2 || s.Evicted != 1 {
			t.Errorf("%d clients are left and %d were let go, want 2 and 1", s.Clients, s.Evicted)
		}
		if !clientOf(t, pool, 0).FlagEnabled(t.Context(), posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "user-1"}, false) {
			t.Error("the override is gone")
		}
	})
}

func TestAPoolRefusesWhatBelongsToOneProject(t *testing.T) {
	t.Parallel()
	for field, config := range map[string]posthog.Config{
		"SecretKey":            {SecretKey: "phs_test"},
		"PersonalApiKey":       {PersonalApiKey: "phx_test"},
		"FlagSource":           {FlagSource: posthog.FlagBytes([]byte(`{"flags":[]}`))},
		"FlagBackupPath":       {FlagBackupPath: "flags.json"},
		"FlagFallbackCacheURL": {FlagFallbackCacheURL: "memory://local/"},
		"FlagDefinitionCacheProvider": {
			FlagDefinitionCacheProvider: posthog.NewFlagDefinitionFileCache(t.TempDir(), testKey),
		},
	} {
		config.Endpoint = "https://example.com"
		_, err := posthog.NewPool(posthog.PoolConfig{Config: config})
		if invalid, ok := errors.AsType[posthog.ConfigError](err); !ok || invalid.Field != field {
			t.Errorf("with %s: got %v, want a ConfigError about it", field, err)
		}
	}
}
