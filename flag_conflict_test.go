package posthog_test

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// earlyAccess is a flag that people opt in to, and everybody has.
const earlyAccess = `{"flags":[{"id":1,"key":"early","active":true,"filters":{"feature_enrollment":true,"groups":[{"rollout_percentage":100}]}}]}`

// Where PostHog's documents and libraries disagree, and a user of the client can see what it chose.
//
// Proves C-01, C-02, C-05, C-12, C-13, C-18, C-20, C-21, C-22, C-23, C-24 and C-25.
func TestConflictChoices(t *testing.T) {
	failing := func(path string, status int) posthogtest.Fault {
		return posthogtest.Fault{Path: path, Status: status, Times: -1}
	}
	members := func(w *world) map[string]json.RawMessage {
		w.Helper()
		w.asked(1)
		var body map[string]json.RawMessage
		if err := json.Unmarshal(w.server.FlagRequests()[0].Body, &body); err != nil {
			w.Fatal(err)
		}
		return body
	}
	for _, c := range []struct {
		name   string
		config posthog.Config
		test   func(w *world)
	}{
		{"C-01 the project's key is the token, and has no other name", posthog.Config{}, func(w *world) {
			w.evaluated()
			body := members(w)
			if _, ok := body["api_key"]; ok || string(body["token"]) != `"phc_test"` {
				w.Errorf("the body is %s", body)
			}
		}},
		{"C-02 the server does not look up its own place unless it is told to", posthog.Config{}, func(w *world) {
			w.evaluated()
			if got := string(members(w)["geoip_disable"]); got != "true" {
				w.Errorf("geoip_disable is %s, want true", got)
			}
		}},
		{"C-02 geoip is always stated", posthog.Config{DisableGeoIP: posthog.Ptr(false)}, func(w *world) {
			w.evaluated()
			if got := string(members(w)["geoip_disable"]); got != "false" {
				w.Errorf("geoip_disable is %s, want false", got)
			}
		}},
		{"C-05 a group that the question lacks takes one request", posthog.Config{SecretKey: secretKey}, func(w *world) {
			w.server.SetFlags(posthogtest.Flag{Key: "beta", Group: "company"})
			if err := w.client.ReloadFeatureFlags(); err != nil {
				w.Fatal(err)
			}
			if w.client.FlagEnabled(w.Context(), about("beta"), true) {
				w.Error("a flag about companies is on for nobody's company")
			}
			w.asked(1)
		}},
		{"C-12 a key that is refused takes no definitions away", posthog.Config{SecretKey: secretKey}, func(w *world) {
			w.server.Inject(failing(posthogtest.RouteDefinitions, 401))
			w.pass(5 * time.Minute)
			if !w.client.FlagEnabled(w.Context(), about("on"), false) {
				w.Error("on is off")
			}
			w.asked(0)
		}},
		{"C-12 a used up quota does", posthog.Config{SecretKey: secretKey, StrictLocalEvaluation: true}, func(w *world) {
			w.server.Inject(failing(posthogtest.RouteDefinitions, 402))
			w.pass(5 * time.Minute)
			_, err := w.client.GetFeatureFlag(about("on"))
			if !errors.Is(err, posthog.ErrDefinitionsNotLoaded) || w.client.FlagStatus().Condition != posthog.FlagsQuotaLimited {
				w.Errorf("GetFeatureFlag: %v, with the status %+v", err, w.client.FlagStatus())
			}
		}},
		{"C-13 definitions are loaded every half minute, but for a tenth", posthog.Config{SecretKey: secretKey}, func(w *world) {
			w.pass(26 * time.Second)
			if got := len(w.server.DefinitionRequests()); got != 1 {
				w.Errorf("%d loads after 26 seconds, want 1", got)
			}
			w.pass(8 * time.Second)
			if got := len(w.server.DefinitionRequests()); got != 2 {
				w.Errorf("%d loads after 34 seconds, want 2", got)
			}
		}},
		{"C-18 an empty distinct id is nobody, and not the first of all", posthog.Config{SecretKey: secretKey}, func(w *world) {
			if _, err := w.client.GetFeatureFlag(posthog.FeatureFlagPayload{Key: "on"}); !errors.Is(err, posthog.ErrNoDistinctID) {
				w.Errorf("GetFeatureFlag: %v, want ErrNoDistinctID", err)
			}
		}},
		{"C-20 early access is open where nobody is asked", posthog.Config{FlagSource: posthog.FlagBytes([]byte(earlyAccess)), StrictLocalEvaluation: true}, func(w *world) {
			if _, err := w.client.GetFeatureFlag(about("early")); !errors.Is(err, posthog.ErrInconclusive) {
				w.Errorf("GetFeatureFlag: %v, want ErrInconclusive", err)
			}
		}},
		{"C-20 unless nobody is assumed to have it", posthog.Config{FlagSource: posthog.FlagBytes([]byte(earlyAccess)), StrictLocalEvaluation: true, FlagAssumeNotEnrolled: true}, func(w *world) {
			if got, err := w.client.GetFeatureFlag(about("early")); got != true || err != nil {
				w.Errorf("GetFeatureFlag: %v, %v; want what the conditions say, true", got, err)
			}
		}},
		{"C-21 a flag that the server failed on is not false", posthog.Config{}, func(w *world) {
			w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 200, Times: -1, Body: `{"flags":{
				"on":{"key":"on","enabled":false,"failed":true,"reason":{"code":"timeout"},"metadata":{"id":1,"version":1}}}}`})
			value, err := w.client.GetFeatureFlag(about("on"))
			failed, ok := errors.AsType[*posthog.FlagError](err)
			if value != nil || !errors.Is(err, posthog.ErrFlagFailed) || !ok || failed.Code != posthog.FeatureFlagErrorEvaluationFailed {
				w.Errorf("GetFeatureFlag is %v, %v; want nil, ErrFlagFailed", value, err)
			}
			if !w.client.FlagEnabled(w.Context(), about("on"), true) {
				w.Error("FlagEnabled is not the default")
			}
			requireProperties(w.T, w.exposures(1)[0], map[string]any{"$feature_flag_response": nil, "$feature_flag_error": "evaluation_failed"})
		}},
		{"C-22 a reload forgets no exposure", posthog.Config{SecretKey: secretKey}, func(w *world) {
			w.client.FlagEnabled(w.Context(), about("on"), false)
			_ = w.client.ReloadFeatureFlags()
			w.client.FlagEnabled(w.Context(), about("on"), false)
			w.exposures(1)
		}},
		{"C-24 a last known value counts, and its event has the error", posthog.Config{FlagFallbackCacheURL: "memory://local/"}, func(w *world) {
			w.client.FlagResult(w.Context(), posthog.FeatureFlagPayload{Key: "on", DistinctId: "u_1", SendFeatureFlagEvents: posthog.Ptr(false)})
			synctest.Wait()
			w.down(503)
			if !w.client.FlagEnabled(w.Context(), about("on"), false) {
				w.Error("on is off")
			}
			requireProperties(w.T, w.exposures(1)[0], map[string]any{"$feature_flag_response": true, "$feature_flag_error": "api_error_503"})
		}},
		{"C-25 a snapshot says exactly how its request failed", posthog.Config{}, func(w *world) {
			w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Hang: true, Times: -1})
			s, err := w.client.EvaluateFlags(everything())
			if s.IsEnabled("on") || err == nil {
				w.Errorf("the snapshot has on; %v", err)
			}
			requireProperties(w.T, w.exposures(1)[0], map[string]any{"$feature_flag_error": "timeout"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) { inFlagWorld(t, c.config, assorted, c.test) })
	}
	t.Run("C-23 strict evaluation before the definitions are there", func(t *testing.T) {
		config := posthog.Config{SecretKey: secretKey, StrictLocalEvaluation: true}
		synctest.Test(t, func(t *testing.T) {
			server := posthogtest.NewServer(t, nil)
			server.Inject(failing(posthogtest.RouteDefinitions, 503))
			w := &world{T: t, server: server, client: connect(t, server, config)}
			defer closeNow(t, w.client)
			if r, err := w.client.FlagResult(t.Context(), about("on")); r != nil || !errors.Is(err, posthog.ErrDefinitionsNotLoaded) {
				t.Errorf("FlagResult is %v, %v; want ErrDefinitionsNotLoaded", r, err)
			}
			if !w.client.FlagEnabled(t.Context(), about("on"), true) {
				t.Error("FlagEnabled is not the default")
			}
			s, err := w.client.EvaluateFlags(everything())
			if len(s.Keys()) != 0 || !errors.Is(err, posthog.ErrDefinitionsNotLoaded) {
				t.Errorf("EvaluateFlags is %v, %v; want an empty snapshot and ErrDefinitionsNotLoaded", s.Keys(), err)
			}
			w.asked(0)
		})
	})
}
