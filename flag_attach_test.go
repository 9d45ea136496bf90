package posthog_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// eventNamed flushes and returns the only event of that name.
func (w *world) eventNamed(name string) wireEvent {
	w.Helper()
	w.flush()
	var found []wireEvent
	for _, e := range arrived(w.T, w.server) {
		if e.Event == name {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		w.Fatalf("%d events %q arrived, want 1", len(found), name)
	}
	return found[0]
}

// Proves FT-21, FO-04: the flags of a snapshot stand between the properties of the request and those of the event, and
// need no request.
func TestFlagsOfAnEvent(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, DefaultEventProperties: posthog.Properties{"$feature/off": "default"}}, assorted, func(w *world) {
		s := w.evaluated()
		w.asked(1)
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{
			SessionId: "s_1", Properties: posthog.Properties{"$feature/colour": "context", "path": "/"},
		})
		msg := posthog.Capture{DistinctId: "u_1", Event: "paid", Flags: s, Properties: posthog.Properties{"$feature/on": "caller", "total": 5}}
		for range 2 { // the second finds the properties made
			if err := w.client.EnqueueWithContext(ctx, msg); err != nil {
				w.Fatal(err)
			}
			requireProperties(w.T, w.eventNamed("paid"), map[string]any{
				"$feature/on": "caller", "$feature/off": false, "$feature/colour": "blue", "$feature/pro": false,
				"$active_feature_flags": []string{"colour", "on"}, "path": "/", "total": 5, "$session_id": "s_1",
			})
			w.server.Reset()
		}
		enqueue(w.T, w.client, posthog.Capture{DistinctId: "u_1", Event: "part", Flags: s.Only([]string{"off"})})
		requireProperties(w.T, w.eventNamed("part"), map[string]any{
			"$feature/off": false, "$feature/on": absent, "$active_feature_flags": absent, "path": absent,
		})
		enqueue(w.T, w.client, posthog.Exception{
			DistinctId: "u_1", Flags: s, ExceptionList: []posthog.ExceptionItem{{Type: "*fs.PathError"}},
		})
		requireProperties(w.T, w.eventNamed("$exception"), map[string]any{"$feature/on": true, "$exception_type": "*fs.PathError"})
		if api := msg.APIfy(); api.Properties["$feature/off"] != false || api.Properties["$feature/on"] != "caller" {
			w.Errorf("APIfy has the properties %v", api.Properties)
		}
		w.exposures(0)
		w.asked(0) // since the reset
	})
}

// Proves FT-21, FR-11, FR-12: a flag that the server failed on is not attached.
func TestFailedFlagsAreNotAttached(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 200, Body: `{"errorsWhileComputingFlags":true,"flags":{
			"on":{"key":"on","enabled":true,"variant":null},"off":{"key":"off","enabled":false,"failed":true,"reason":{"code":"timeout"}}}}`})
		s, err := w.client.EvaluateFlags(everything())
		enqueue(w.T, w.client, posthog.Capture{DistinctId: "u_1", Event: "paid", Flags: s})
		requireProperties(w.T, w.eventNamed("paid"), map[string]any{
			"$feature/on": true, "$feature/off": absent, "$active_feature_flags": []string{"on"},
		})
		if s.GetFlag("off") != nil || s.IsEnabledOr("off", true) != true {
			w.Errorf("the failed flag has a value; %v", err)
		}
		requireProperties(w.T, w.exposures(1)[0], map[string]any{
			"$feature_flag": "off", "$feature_flag_response": nil,
			"$feature_flag_error": "errors_while_computing_flags,evaluation_failed",
		})
	})
}

// Proves FO-02: posthog-go's way to attach flags goes through the same evaluation.
func TestSendFeatureFlags(t *testing.T) {
	options := func(only bool) posthog.SendFeatureFlagsValue {
		return posthog.SendFeatureFlagsWithOptions(&posthog.SendFeatureFlagsOptions{
			OnlyEvaluateLocally: only, PersonProperties: posthog.Properties{"plan": "pro"}, DeviceId: posthog.Ptr("d_1"),
		})
	}
	all := map[string]any{"$feature/on": true, "$feature/off": false, "$feature/colour": "blue"}
	for name, c := range map[string]struct {
		config   posthog.Config
		value    posthog.SendFeatureFlagsValue
		want     map[string]any
		requests int
	}{
		"not at all":                   {posthog.Config{}, posthog.SendFeatureFlags(false), map[string]any{"$feature/on": absent}, 0},
		"by a request":                 {posthog.Config{}, posthog.SendFeatureFlags(true), all, 1},
		"with properties":              {posthog.Config{}, options(false), map[string]any{"$feature/pro": true}, 1},
		"from definitions":             {posthog.Config{SecretKey: secretKey}, options(true), map[string]any{"$feature/pro": true, "$feature/on": true}, 0},
		"as far as definitions go":     {posthog.Config{SecretKey: secretKey, StrictLocalEvaluation: true}, posthog.SendFeatureFlags(true), map[string]any{"$feature/pro": absent, "$feature/on": true}, 0},
		"locally, without definitions": {posthog.Config{}, options(true), map[string]any{"$feature/on": absent}, 0},
		"options that are nil":         {posthog.Config{}, posthog.SendFeatureFlagsWithOptions(nil), map[string]any{"$feature/on": absent}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, c.config, assorted, func(w *world) {
				enqueue(w.T, w.client, posthog.Capture{DistinctId: "u_1", Event: "paid", SendFeatureFlags: c.value})
				requireProperties(w.T, w.eventNamed("paid"), c.want)
				w.asked(c.requests)
				w.exposures(0)
			})
		})
	}
}

// The event is sent without flags that cannot be had in time.
func TestSendFeatureFlagsWhileTheServerHangs(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{Logger: log}, assorted, func(w *world) {
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Hang: true, Times: -1})
		begin := time.Now()
		enqueue(w.T, w.client, posthog.Capture{DistinctId: "u_1", Event: "paid", SendFeatureFlags: posthog.SendFeatureFlags(true)})
		if took := time.Since(begin); took != posthog.DefaultFeatureFlagRequestTimeout {
			w.Errorf("Enqueue took %v, want the timeout", took)
		}
		requireProperties(w.T, w.eventNamed("paid"), map[string]any{"$feature/on": absent})
		log.requireLine(w.T, "WARN", "without some of the feature flags")
	})
}

// Proves FT-21, TRC-5: a snapshot beats the older way, with a warning, and nobody is asked about somebody made up.
func TestSendFeatureFlagsIsNotAsked(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{Logger: log}, assorted, func(w *world) {
		s := w.evaluated()
		enqueue(w.T, w.client, posthog.Capture{
			DistinctId: "u_1", Event: "paid", Flags: s.Only([]string{"on"}), SendFeatureFlags: posthog.SendFeatureFlags(true),
		})
		requireProperties(w.T, w.eventNamed("paid"), map[string]any{"$feature/on": true, "$feature/colour": absent})
		w.asked(1)
		log.requireLine(w.T, "WARN", "the snapshot in Flags counts")
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{SessionId: "s_1"})
		if err := w.client.EnqueueWithContext(ctx, posthog.Capture{Event: "anonymous", SendFeatureFlags: posthog.SendFeatureFlags(true)}); err != nil {
			w.Fatal(err)
		}
		requireProperties(w.T, w.eventNamed("anonymous"), map[string]any{"$feature/on": absent, "$process_person_profile": false})
		w.client.OptOut()
		enqueue(w.T, w.client, posthog.Capture{DistinctId: "u_1", Event: "unseen", SendFeatureFlags: posthog.SendFeatureFlags(true)})
		w.asked(1)
	})
}
