package posthog_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves GO-14, RS-20, PY-28: what cannot work is an error of the configuration, which names the field and hides secrets.
func TestInvalidFlagConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.Config
		field  string
	}{
		"a negative interval":                  {posthog.Config{DefaultFeatureFlagsPollingInterval: -1}, "DefaultFeatureFlagsPollingInterval"},
		"a negative timeout":                   {posthog.Config{FeatureFlagRequestTimeout: -1}, "FeatureFlagRequestTimeout"},
		"a negative TTL":                       {posthog.Config{FeatureFlagCacheTTL: -1}, "FeatureFlagCacheTTL"},
		"a negative size":                      {posthog.Config{FeatureFlagCacheSize: -1}, "FeatureFlagCacheSize"},
		"a negative pause":                     {posthog.Config{FlagPauseAfterIdle: -1}, "FlagPauseAfterIdle"},
		"fewer retries than none":              {posthog.Config{FeatureFlagRequestMaxRetries: posthog.Ptr(-1)}, "FeatureFlagRequestMaxRetries"},
		"ten retries":                          {posthog.Config{FeatureFlagRequestMaxRetries: posthog.Ptr(10)}, "FeatureFlagRequestMaxRetries"},
		"strict without a source":              {posthog.Config{StrictLocalEvaluation: true}, "StrictLocalEvaluation"},
		"strict without local evaluation":      {posthog.Config{SecretKey: secretKey, StrictLocalEvaluation: true, EnableLocalEvaluation: posthog.Ptr(false)}, "StrictLocalEvaluation"},
		"an assumption of one who may ask":     {posthog.Config{SecretKey: secretKey, FlagAssumeNotEnrolled: true}, "FlagAssumeNotEnrolled"},
		"bytes that are no definitions":        {posthog.Config{FlagSource: posthog.FlagBytes([]byte("none"))}, "FlagSource"},
		"a cache of an unknown kind":           {posthog.Config{FlagFallbackCacheURL: "disk://user:hidden@local"}, "FlagFallbackCacheURL"},
		"a Redis, which the core cannot":       {posthog.Config{FlagFallbackCacheURL: "redis://user:hidden@example.com/0"}, "FlagFallbackCacheURL"},
		"a cache without a URL":                {posthog.Config{FlagFallbackCacheURL: "%zz"}, "FlagFallbackCacheURL"},
		"a cache with a strange parameter":     {posthog.Config{FlagFallbackCacheURL: "memory://local/?tll=5"}, "FlagFallbackCacheURL"},
		"a cache with a size that is none":     {posthog.Config{FlagFallbackCacheURL: "memory://local/?size=many"}, "FlagFallbackCacheURL"},
		"a cache with a size of zero":          {posthog.Config{FlagFallbackCacheURL: "memory://local/?size=0"}, "FlagFallbackCacheURL"},
		"two fallback caches at the same time": {posthog.Config{FlagFallbackCacheURL: "memory://local/", FlagFallbackCache: new(resultCache)}, "FlagFallbackCacheURL"},
	} {
		client, err := posthog.NewWithConfig(testKey, c.config)
		invalid, ok := errors.AsType[posthog.ConfigError](err)
		if client != nil || !ok || invalid.Field != c.field {
			t.Errorf("%s: %v, want a ConfigError about %s", name, err, c.field)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error %v has the password", name, err)
		}
	}
}

// Proves PY-17, FD-01: the newer name of the secret key goes first.
func TestSecretKeyGoesFirst(t *testing.T) {
	for _, c := range []struct{ secret, personal, want string }{
		{"phs_1", "phx_2", "Bearer phs_1"}, {"phs_1", "", "Bearer phs_1"}, {" ", "phx_2", "Bearer phx_2"},
	} {
		inFlagWorld(t, posthog.Config{SecretKey: c.secret, PersonalApiKey: c.personal}, assorted, func(w *world) {
			if err := w.client.WaitForFlagDefinitions(w.Context()); err != nil {
				w.Fatal(err)
			}
			if got := w.server.DefinitionRequests()[0].Header.Get("Authorization"); got != c.want {
				w.Errorf("SecretKey %q and PersonalApiKey %q: got %q, want %q", c.secret, c.personal, got, c.want)
			}
		})
	}
}

// A project key in the place of the secret one is named, because PostHog's 401 does not.
func TestProjectKeyAsSecretKeyIsWarnedOf(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{PersonalApiKey: testKey, Logger: log}, assorted, func(w *world) {
		log.requireLine(w.T, "WARN", "Config.SecretKey", "phc_", "phs_")
	})
}

// The secret key is in no log line and in no error, whatever fails.
func TestSecretKeyIsNotLogged(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{SecretKey: "phs_hidden", Logger: log, Verbose: true}, assorted, func(w *world) {
		for _, path := range []string{posthogtest.RouteFlags, posthogtest.RouteDefinitions, "/api/projects/@current/feature_flags/on/remote_config"} {
			w.server.Inject(posthogtest.Fault{Path: path, Status: 401, Times: -1})
		}
		_, asked := w.client.GetFeatureFlag(about("pro"))
		_, read := w.client.GetRemoteConfigPayload("on")
		for _, err := range []error{asked, read, w.client.ReloadFeatureFlags()} {
			if err == nil || strings.Contains(err.Error(), "hidden") {
				w.Errorf("the error is %v, want one without the key", err)
			}
		}
		w.pass(5 * time.Minute)
		if leaked := log.having("hidden"); len(leaked) > 0 || len(log.all()) == 0 {
			w.Errorf("of %d lines these have the key: %q", len(log.all()), leaked)
		}
	})
}

// Proves FR-13, PY-29: nothing is asked before somebody asks, but for the definitions.
func TestNothingIsAskedAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		config      posthog.Config
		definitions int
	}{
		"without a secret key": {posthog.Config{}, 0},
		"with a secret key, by the older name, for which nobody waits": {posthog.Config{PersonalApiKey: "phx_test"}, 1},
		"with local evaluation switched off":                           {posthog.Config{SecretKey: secretKey, EnableLocalEvaluation: posthog.Ptr(false)}, 0},
		"with bytes":                                                   {posthog.Config{FlagSource: posthog.FlagBytes([]byte(definitions))}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, c.config, assorted, func(w *world) {
				enqueue(w.T, w.client, capture("e"))
				w.flush()
				synctest.Wait()
				w.asked(0)
				if got := len(w.server.DefinitionRequests()); got != c.definitions {
					w.Errorf("%d requests for definitions, want %d", got, c.definitions)
				}
				if c.config.EnableLocalEvaluation != nil && !w.client.FlagEnabled(w.Context(), about("on"), false) {
					w.Error("on is off")
				}
			})
		})
	}
}

// Proves FO-11, CAP-17, ZIG-44: clients that send nothing answer with the defaults, in silence.
func TestSilentClients(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    string
		config posthog.Config
		err    error
	}{
		"disabled":      {testKey, posthog.Config{Disabled: true, SecretKey: secretKey}, nil},
		"a dry run":     {testKey, posthog.Config{DryRun: true, SecretKey: secretKey}, nil},
		"without a key": {"", posthog.Config{SecretKey: secretKey}, posthog.ErrSDKDisabled},
	} {
		log := new(logLines)
		c.config.Transport, c.config.Logger = noNetwork(t), log
		client, err := posthog.NewWithConfig(c.key, c.config)
		if err != nil {
			t.Fatal(err)
		}
		lines := len(log.all())
		ctx := t.Context()
		if client.FlagEnabled(ctx, about("on"), false) || !client.FlagEnabled(ctx, about("on"), true) || client.FlagVariant(ctx, about("on"), "x") != "x" {
			t.Errorf("%s: a check is not the default", name)
		}
		for method, call := range map[string]func() (any, error){
			"GetFeatureFlag":         func() (any, error) { return client.GetFeatureFlag(about("on")) },
			"IsFeatureEnabled":       func() (any, error) { return client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "on"}) },
			"GetFeatureFlagPayload":  func() (any, error) { return client.GetFeatureFlagPayload(about("on")) },
			"GetRemoteConfigPayload": func() (any, error) { return client.GetRemoteConfigPayload("on") },
			"GetAllFlags":            func() (any, error) { return client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"}) },
			"EvaluateFlags": func() (any, error) {
				s, err := client.EvaluateFlags(everything())
				return s.IsEnabled("on"), err
			},
			"EvaluateFlags of nobody": func() (any, error) {
				s, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{})
				return s.IsEnabled("on"), err
			},
			"ReloadFeatureFlags":     func() (any, error) { return "", client.ReloadFeatureFlags() },
			"WaitForFlagDefinitions": func() (any, error) { return "", client.WaitForFlagDefinitions(ctx) },
		} {
			got, err := call()
			if text := canonical(t, got); text != "false" && text != `""` && text != "{}" || !errors.Is(err, c.err) {
				t.Errorf("%s: %s is %s, %v; want nothing, %v", name, method, text, err, c.err)
			}
		}
		if r, err := client.FlagResult(ctx, about("on")); c.err == nil && (err != nil || r == nil || r.Enabled) {
			t.Errorf("%s: FlagResult is %v, %v; want a flag that is off", name, r, err)
		}
		if s := client.FlagStatus(); s.Condition == "" || s.Flags != 0 {
			t.Errorf("%s: FlagStatus is %+v", name, s)
		}
		if stats := client.Stats(); stats.Accepted+stats.Refused != 0 {
			t.Errorf("%s: %d events were accepted and %d refused, want none", name, stats.Accepted, stats.Refused)
		}
		if got := log.all()[lines:]; len(got) > 0 {
			t.Errorf("%s: the log has %q", name, got)
		}
		_ = client.Close() // says ErrSDKDisabled without a key
	}
}

// A dry run evaluates what it is given, and validates the events of exposures.
func TestDryRunOfFlags(t *testing.T) {
	t.Parallel()
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		DryRun: true, Transport: noNetwork(t), Logger: silent{}, FlagSource: posthog.FlagBytes([]byte(definitions)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if !client.FlagEnabled(t.Context(), about("on"), false) || client.FlagEnabled(t.Context(), about("pro"), false) {
		t.Error("the flags of the source are not evaluated")
	}
	if got := client.Stats().DroppedBy[posthog.OutcomeDryRun]; got != 1 {
		t.Errorf("%d events ended as dry_run, want the exposure", got)
	}
}

// What a test sets is what everybody gets, and nothing is captured for it.
func TestOverrideFlags(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, Logger: log}, assorted, func(w *world) {
		values := map[string]any{
			"off": true, "on": false, "new": "green", "wrong": 5, "empty": "",
			"paid": posthog.FeatureFlagResult{Enabled: true, Variant: posthog.Ptr("gold"), RawPayload: posthog.Ptr(`{"limit":9}`)},
		}
		w.client.OverrideFlags(values)
		values["off"] = false
		log.requireLine(w.T, "WARN", `"wrong"`, "int")
		s := w.evaluated()
		for key, want := range map[string]any{"off": true, "on": false, "new": "green", "paid": "gold", "empty": false} {
			if got, err := w.client.GetFeatureFlag(about(key)); got != want || err != nil {
				w.Errorf("GetFeatureFlag of %s is %v, %v; want %v", key, got, err, want)
			}
			if got := s.GetFlag(key); got != want {
				w.Errorf("GetFlag of %s is %v, want %v", key, got, want)
			}
		}
		r, err := w.client.FlagResult(w.Context(), about("paid"))
		if err != nil || r.Origin != posthog.FlagFromOverride || *r.RawPayload != `{"limit":9}` {
			w.Errorf("FlagResult of paid is %s, %v", canonical(w.T, r), err)
		}
		w.exposures(0)
		w.client.OverrideFlags(nil)
		if !w.client.FlagEnabled(w.Context(), about("on"), false) || w.client.FlagEnabled(w.Context(), about("paid"), false) {
			w.Error("the overrides did not end")
		}
	})
	client, err := posthog.NewWithConfig("", posthog.Config{Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	client.OverrideFlags(map[string]any{"on": true})
	if !client.FlagEnabled(t.Context(), about("on"), false) {
		t.Error("a client without a key does not have the override")
	}
}
