package posthog_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves GO-15, GO-18, GO-14, FT-17: the getters of posthog-go, in all their ways of
// getting an answer.
func TestGettersOfPosthogGo(t *testing.T) {
	for source, config := range sources {
		t.Run(source, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				for key, want := range map[string]any{"on": true, "off": false, "colour": "blue", "nothing": false} {
					for name, get := range map[string]func(posthog.FeatureFlagPayload) (any, error){
						"GetFeatureFlag": w.client.GetFeatureFlag, "IsFeatureEnabled": w.client.IsFeatureEnabled,
					} {
						if got, err := get(about(key)); got != want || err != nil {
							w.Errorf("%s of %s is %v, %v; want %v, nil", name, key, got, err, want)
						}
					}
				}
				for key, want := range map[string]string{"on": `{"limit":5}`, "off": "", "colour": "[1,2]", "nothing": ""} {
					if got, err := w.client.GetFeatureFlagPayload(about(key)); got != want || err != nil {
						w.Errorf("GetFeatureFlagPayload of %s is %q, %v; want %q, nil", key, got, err, want)
					}
				}
				result, err := w.client.GetFeatureFlagResult(about("on"))
				if err != nil || !result.Enabled || result.Variant != nil {
					w.Fatalf("GetFeatureFlagResult of on is %s, %v", canonical(w.T, result), err)
				}
				var payload struct{ Limit int }
				if err := result.GetPayloadAs(&payload); err != nil || payload.Limit != 5 {
					w.Errorf("GetPayloadAs: %+v, %v; want 5", payload, err)
				}
				if result, err := w.client.GetFeatureFlagResult(about("nothing")); result != nil || !errors.Is(err, posthog.ErrFlagNotFound) {
					w.Errorf("GetFeatureFlagResult of nothing is %v, %v; want nil, ErrFlagNotFound", result, err)
				}
			})
		})
	}
}

// Proves GO-21, GO-24, FT-18, RS-15: all flags, by at most one request, with the
// values of local evaluation where it decides.
func TestGetAllFlags(t *testing.T) {
	for source, config := range sources {
		t.Run(source, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				got, err := w.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"})
				want := map[string]any{"on": true, "off": false, "colour": "blue", "pro": false}
				if canonical(w.T, got) != canonical(w.T, want) || err != nil {
					w.Errorf("GetAllFlags is %v, %v; want %v", got, err, want)
				}
				w.asked(1) // for the one that needs a property
				w.exposures(0)
			})
		})
	}
}

// Proves GO-16, FO-07, FR-06, FT-09: an answer that failed is an error that says how, and never false.
func TestFailuresAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		fault    posthogtest.Fault
		code     string
		requests int
		also     error
	}{
		"an error of the server":  {posthogtest.Fault{Status: 500}, "api_error_500", 1, nil},
		"a gateway error, twice":  {posthogtest.Fault{Status: 502}, "api_error_502", 2, nil},
		"a rate limit":            {posthogtest.Fault{Status: 429}, "api_error_429", 1, nil},
		"a connection that broke": {posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse}, "connection_error", 2, nil},
		"no answer":               {posthogtest.Fault{Hang: true}, "timeout", 2, nil},
		"an answer that is none":  {posthogtest.Fault{Status: 200, Body: "[]"}, "unknown_error", 1, nil},
		"a used up quota":         {posthogtest.Fault{Status: 200, Body: `{"flags":{},"quotaLimited":["feature_flags"]}`}, "quota_limited", 1, posthog.ErrQuotaLimited},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
				c.fault.Path, c.fault.Times = posthogtest.RouteFlags, -1
				w.server.Inject(c.fault)
				value, err := w.client.GetFeatureFlag(about("on"))
				w.asked(c.requests)
				failed, ok := errors.AsType[*posthog.FlagError](err)
				if value != nil || !ok || failed.Key != "on" || failed.Code != c.code {
					w.Fatalf("GetFeatureFlag is %v, %#v; want nil and %s", value, err, c.code)
				}
				if c.also != nil && !errors.Is(err, c.also) {
					w.Errorf("the error %v is not %v", err, c.also)
				}
				if api, ok := errors.AsType[*posthog.APIError](err); ok != (failed.Status >= 300) || ok && api.StatusCode != failed.Status {
					w.Errorf("the error %v has status %d, and as an APIError it is %v", err, failed.Status, api)
				}
				if result, err := w.client.GetFeatureFlagResult(about("on")); result != nil || errors.Is(err, posthog.ErrFlagNotFound) || err == nil {
					w.Errorf("GetFeatureFlagResult is %v, %v; want nil and an error other than ErrFlagNotFound", result, err)
				}
				if payload, err := w.client.GetFeatureFlagPayload(about("on")); payload != "" || err == nil {
					w.Errorf("GetFeatureFlagPayload is %q, %v; want an error", payload, err)
				}
				if all, err := w.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"}); len(all) != 0 || err == nil {
					w.Errorf("GetAllFlags is %v, %v; want none and an error", all, err)
				}
				e := w.exposures(1)[0]
				requireProperties(w.T, e, map[string]any{
					"$feature_flag_response": nil, "$feature_flag_error": c.code, "locally_evaluated": false,
				})
			})
		})
	}
}

// Proves GO-25, FO-02, GO-31: local evaluation alone makes no request, and says what it lacks.
func TestOnlyLocally(t *testing.T) {
	for name, config := range map[string]posthog.Config{
		"for a question": {SecretKey: secretKey}, "always": {SecretKey: secretKey, StrictLocalEvaluation: true},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				only := func(key string) posthog.FeatureFlagPayload {
					return posthog.FeatureFlagPayload{Key: key, DistinctId: "u_1", OnlyEvaluateLocally: !config.StrictLocalEvaluation}
				}
				if got, err := w.client.GetFeatureFlag(only("on")); got != true || err != nil {
					w.Errorf("GetFeatureFlag of on is %v, %v; want true", got, err)
				}
				got, err := w.client.GetFeatureFlag(only("pro"))
				if got != nil || !errors.Is(err, posthog.ErrInconclusive) {
					w.Errorf("GetFeatureFlag of pro is %v, %v; want nil, ErrInconclusive", got, err)
				}
				if failed, ok := errors.AsType[*posthog.FlagError](err); !ok || len(failed.MissingProperties) != 1 || failed.MissingProperties[0].Key != "plan" {
					w.Errorf("the error is %v, want it to name the property plan", err)
				}
				if got, err := w.client.GetFeatureFlag(only("nothing")); got != false || err != nil {
					w.Errorf("GetFeatureFlag of nothing is %v, %v; want false", got, err)
				}
				if _, err := w.client.GetFeatureFlagResult(only("nothing")); !errors.Is(err, posthog.ErrFlagNotFound) {
					w.Errorf("GetFeatureFlagResult of nothing: %v, want ErrFlagNotFound", err)
				}
				all, err := w.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1", OnlyEvaluateLocally: true})
				if canonical(w.T, all) != `{"colour":"blue","off":false,"on":true}` {
					w.Errorf("GetAllFlags is %v, %v; want what can be evaluated", all, err)
				}
				w.asked(0)
			})
		})
	}
}

// The error says what was missing, for programs and for people.
func TestInconclusiveErrorsSayWhy(t *testing.T) {
	const document = `{"flags":[
		{"id":1,"key":"group","active":true,"filters":{"aggregation_group_type_index":0,"groups":[{}]}},
		{"id":2,"key":"plan","active":true,"filters":{"groups":[{"properties":[{"key":"plan","type":"person","operator":"exact","value":"pro"}]}]}},
		{"id":3,"key":"continuity","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}
	],"group_type_mapping":{"0":"company"}}`
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagBytes([]byte(document)), StrictLocalEvaluation: true}, assorted, func(w *world) {
		for key, want := range map[string]struct {
			why  flags.Why
			text string
		}{
			"group":      {flags.MissingGroup, "(MissingGroup)"},
			"plan":       {flags.MissingProperty, "not given: plan"},
			"continuity": {flags.ExperienceContinuity, "(ExperienceContinuity)"},
		} {
			_, err := w.client.FlagResult(w.Context(), about(key))
			failed, ok := errors.AsType[*posthog.FlagError](err)
			if !ok || failed.Why != want.why || !strings.HasSuffix(err.Error(), want.text) {
				w.Errorf("FlagResult of %s: %v, want %v and a text that ends with %q", key, err, want.why, want.text)
			}
		}
	})
}

// Proves GO-14, RS-20: local evaluation needs a key, or another source.
func TestOnlyLocallyWithoutASource(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		p := posthog.FeatureFlagPayload{Key: "on", DistinctId: "u_1", OnlyEvaluateLocally: true}
		for name, call := range map[string]func() error{
			"GetFeatureFlag":         func() error { _, err := w.client.GetFeatureFlag(p); return err },
			"GetFeatureFlagResult":   func() error { _, err := w.client.GetFeatureFlagResult(p); return err },
			"GetFeatureFlagPayload":  func() error { _, err := w.client.GetFeatureFlagPayload(p); return err },
			"ReloadFeatureFlags":     w.client.ReloadFeatureFlags,
			"GetRemoteConfigPayload": func() error { _, err := w.client.GetRemoteConfigPayload("on"); return err },
			"WaitForFlagDefinitions": func() error { return w.client.WaitForFlagDefinitions(w.Context()) },
			"EvaluateFlags": func() error {
				s, err := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", OnlyEvaluateLocally: true})
				if s == nil || len(s.Keys()) != 0 {
					w.Errorf("EvaluateFlags returned %v, want an empty snapshot", s)
				}
				return err
			},
			"GetAllFlags": func() error {
				_, err := w.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1", OnlyEvaluateLocally: true})
				return err
			},
		} {
			if err := call(); !errors.Is(err, posthog.ErrNoSecretKey) || !errors.Is(err, posthog.ErrNoPersonalAPIKey) {
				w.Errorf("%s without a secret key: %v, want ErrNoSecretKey", name, err)
			}
		}
		w.asked(0)
	})
}

// Proves TRC-5, FO-08: without an identity there is no answer, no request and no event, and
// nobody is made up.
func TestWithoutAnIdentity(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		for _, id := range []string{"", " "} {
			p := posthog.FeatureFlagPayload{Key: "on", DistinctId: id}
			if got, err := w.client.GetFeatureFlag(p); got != nil || !errors.Is(err, posthog.ErrNoDistinctID) {
				w.Errorf("GetFeatureFlag of nobody is %v, %v; want nil, ErrNoDistinctID", got, err)
			}
			if !w.client.FlagEnabled(w.Context(), p, true) {
				w.Error("FlagEnabled of nobody is not the default")
			}
			s, err := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: id})
			if s == nil || !errors.Is(err, posthog.ErrNoDistinctID) {
				w.Fatalf("EvaluateFlags of nobody: %v, %v; want a snapshot and ErrNoDistinctID", s, err)
			}
			if s.IsEnabled("on") || s.GetFlag("on") != nil || s.GetFlagPayload("on") != "" || len(s.Keys()) != 0 {
				w.Error("the snapshot of nobody has flags")
			}
		}
		w.asked(0)
		w.exposures(0)
	})
}

// A flag without a key is a mistake of the program.
func TestWithoutAKey(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		_, err := w.client.GetFeatureFlag(about(""))
		if field, ok := errors.AsType[posthog.FieldError](err); !ok || field.Name != "Key" {
			w.Errorf("GetFeatureFlag without a key: %v, want a FieldError about Key", err)
		}
		w.asked(0)
	})
}
