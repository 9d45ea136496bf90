package posthog_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves FT-01, FT-09, FT-10, FO-04: the event of each kind of answer, whole.
func TestFlagCalledEvents(t *testing.T) {
	for source, config := range map[string]posthog.Config{"by requests": {}, "from definitions": {SecretKey: secretKey}} {
		for reading, read := range map[string]func(w *world, p posthog.FeatureFlagPayload){
			"by a check":  func(w *world, p posthog.FeatureFlagPayload) { w.client.FlagEnabled(w.Context(), p, false) },
			"by a getter": func(w *world, p posthog.FeatureFlagPayload) { _, _ = w.client.GetFeatureFlag(p) },
			"from a snapshot": func(w *world, p posthog.FeatureFlagPayload) {
				s, _ := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: p.DistinctId, DeviceId: p.DeviceId, Groups: p.Groups, FlagKeys: []string{p.Key}})
				s.GetFlag(p.Key)
			},
		} {
			t.Run(source+", "+reading, func(t *testing.T) {
				inFlagWorld(t, config, assorted, func(w *world) {
					begin := time.Now().UnixMilli()
					device := "d_1"
					p := about("colour")
					p.Groups, p.DeviceId = posthog.Groups{"company": 7}, &device
					read(w, p)
					read(w, about("off"))
					read(w, about("nothing"))
					got := w.exposures(3)
					local := config.SecretKey != ""
					requireProperties(w.T, got[0], map[string]any{
						"$feature_flag": "colour", "$feature_flag_response": "blue", "$feature/colour": "blue",
						"locally_evaluated": local, "$feature_flag_payload": []int{1, 2}, "$groups": map[string]any{"company": "7"},
						"$device_id": "d_1", "$feature_flag_error": absent, "$is_server": true, "$geoip_disable": true,
						"$process_person_profile": absent, "$lib": "hedgerow",
					})
					for _, name := range []string{"$feature_flag_id", "$feature_flag_version", "$feature_flag_reason"} {
						if _, ok := got[0].Properties[name]; !ok {
							w.Errorf("the event lacks %s: %s", name, canonical(w.T, got[0].Properties))
						}
					}
					_, requested := got[0].Properties["$feature_flag_request_id"]
					_, evaluated := got[0].Properties["$feature_flag_evaluated_at"]
					if requested == local || evaluated == local {
						w.Errorf("the event has a request id: %v, and the time of one: %v; want both only of a request", requested, evaluated)
					}
					if local {
						requireProperties(w.T, got[0], map[string]any{
							"$feature_flag_definitions_loaded_at": begin, "$feature_flag_reason": "Evaluated locally",
						})
					}
					requireProperties(w.T, got[1], map[string]any{
						"$feature_flag": "off", "$feature_flag_response": false, "$feature/off": false, "$groups": absent,
						"$feature_flag_payload": absent, "$device_id": absent,
					})
					requireProperties(w.T, got[2], map[string]any{
						"$feature_flag": "nothing", "$feature_flag_response": nil, "$feature/nothing": nil,
						"locally_evaluated": false, "$feature_flag_error": "flag_missing",
						"$feature_flag_id": absent, "$feature_flag_reason": absent, "$feature_flag_has_experiment": absent,
					})
				})
			})
		}
	}
}

// A payload travels as it is, whatever its numbers, and also if it is no JSON.
func TestPayloadOfAnExposure(t *testing.T) {
	const large = `{"id":12345678901234567890,"share":0.10}`
	document := strings.NewReplacer(`"{\"limit\":5}"`, strconv.Quote(large), `"[1,2]"`, `"no JSON"`).Replace(definitions)
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagBytes([]byte(document))}, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.client.FlagEnabled(w.Context(), about("colour"), false)
		got := w.exposures(2)
		requireProperties(w.T, got[0], map[string]any{"$feature_flag_payload": json.RawMessage(large)})
		requireProperties(w.T, got[1], map[string]any{"$feature_flag_payload": "no JSON"})
	})
}

// Proves FT-10: what the definition does not say is left out, and not 0.
func TestExposureOfAFlagWithoutAVersion(t *testing.T) {
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagBytes([]byte(definitions))}, assorted, func(w *world) {
		p := about("pro")
		p.PersonProperties = posthog.Properties{"plan": "pro"}
		w.client.FlagEnabled(w.Context(), p, false)
		w.client.FlagEnabled(w.Context(), about("on"), false)
		got := w.exposures(2)
		requireProperties(w.T, got[0], map[string]any{"$feature_flag_id": 4, "$feature_flag_version": absent})
		requireProperties(w.T, got[1], map[string]any{"$feature_flag_id": 1, "$feature_flag_version": 3})
	})
}

// Proves FT-02, FT-03: getters and snapshots share what was reported; another person, value, device or group is
// another exposure.
func TestEachExposureOnce(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		ask := func(p posthog.FeatureFlagPayload) {
			w.client.FlagEnabled(w.Context(), p, false)
			w.client.FlagVariant(w.Context(), p, "")
			_, _ = w.client.GetFeatureFlag(p)
			_, _ = w.client.FlagResult(w.Context(), p)
			s, _ := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: p.DistinctId, DeviceId: p.DeviceId, Groups: p.Groups})
			s.IsEnabled(p.Key)
			s.IsEnabledOr(p.Key, true)
			s.GetFlag(p.Key)
			s.Variant(p.Key)
		}
		device := "d_1"
		for i, p := range []posthog.FeatureFlagPayload{
			about("on"),
			{Key: "on", DistinctId: "u_2"},
			{Key: "on", DistinctId: "u_1", DeviceId: &device},
			{Key: "on", DistinctId: "u_1", Groups: posthog.Groups{"company": "a", "team": 1, "region": 2}},
			{Key: "on", DistinctId: "u_1", Groups: posthog.Groups{"company": "a", "team": 2, "region": 1}},
		} {
			ask(p)
			ask(p)
			w.exposures(i + 1)
		}
		w.server.SetFlag("on", "true") // a variant of that name is not the value true
		if err := w.client.ReloadFeatureFlags(); err != nil {
			w.Fatal(err)
		}
		ask(about("on"))
		w.exposures(6)
	})
}

// Proves C-22: a reload of the definitions does not make everybody see everything anew.
func TestReloadKeepsWhatWasReported(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.server.SetFlag("another", true)
		if err := w.client.ReloadFeatureFlags(); err != nil {
			w.Fatal(err)
		}
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.exposures(1)
	})
}

// Proves FT-06: of many goroutines that see a value, one reports it.
func TestConcurrentExposures(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		s := w.evaluated()
		var readers sync.WaitGroup
		for range 100 {
			readers.Go(func() {
				w.client.FlagEnabled(w.Context(), about("on"), false)
				s.IsEnabled("on")
			})
		}
		readers.Wait()
		w.exposures(1)
	})
}

// Proves FT-06: an exposure whose event the queue refuses is reported later.
func TestRefusedExposureIsReportedLater(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, MaxQueueSize: 1, BatchSize: 1, Workers: 1, MaxEnqueuedRequests: 1}, assorted, func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true})
		for w.client.Enqueue(capture("filler")) == nil {
			w.pass(time.Millisecond)
		}
		if !w.client.FlagEnabled(w.Context(), about("on"), false) {
			w.Error("a full queue changed the value of a flag")
		}
		w.server.ClearFaults()
		w.pass(time.Minute)
		w.flush()
		w.exposures(0)
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.exposures(1)
	})
}

// Proves CAP-4, FT-06: an opted-out client reports no exposure, and does so after it opted in.
func TestOptedOutExposure(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.client.OptOut()
		if !w.client.FlagEnabled(w.Context(), about("on"), false) {
			w.Error("OptOut changed the value of a flag")
		}
		if s := w.client.Stats(); s.Accepted != 0 {
			w.Errorf("%d events were accepted, want none", s.Accepted)
		}
		w.client.OptIn()
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.exposures(1)
	})
}

// Proves FT-07, FT-08, FT-18: what captures nothing.
func TestSilentReading(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		p := about("on")
		p.SendFeatureFlagEvents = posthog.Ptr(false)
		w.client.FlagEnabled(w.Context(), p, false)
		w.client.FlagVariant(w.Context(), p, "")
		_, _ = w.client.GetFeatureFlag(p)
		_, _ = w.client.IsFeatureEnabled(p)
		_, _ = w.client.GetFeatureFlagResult(p)
		_, _ = w.client.GetFeatureFlagPayload(about("on"))
		_, _ = w.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"})
		_, _ = w.client.BootstrapFlags(w.Context(), posthog.FeatureFlagPayloadNoKey{DistinctId: "u_1"})
		s := w.evaluated()
		s.Keys()
		s.GetFlagPayload("on")
		s.Reason("on")
		s.MissingProperties()
		_, _ = posthog.PayloadAs[any](s, "on")
		s.Only([]string{"on"}).IsEnabled("off") // which it does not have
		w.exposures(0)
	})
}

// The event goes the way of every other: hooks see it, request contexts complete it.
func TestExposureIsAnOrdinaryEvent(t *testing.T) {
	var seen []string
	config := posthog.Config{
		SecretKey: secretKey, DefaultEventProperties: posthog.Properties{"service": "shop"},
		BeforeSend: func(msg posthog.Message) posthog.Message {
			if c, ok := msg.(posthog.Capture); ok {
				seen = append(seen, c.Event)
				c.Properties["hooked"] = true
				return c
			}
			return msg
		},
	}
	inFlagWorld(t, config, assorted, func(w *world) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{
			DistinctId: "u_9", SessionId: "s_1", Properties: posthog.Properties{"$current_url": "https://example.com/"},
		})
		w.client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "on"}, false)
		s, err := w.client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{})
		if err != nil {
			w.Fatal(err)
		}
		s.IsEnabled("off") // without any context, and long after
		for _, e := range w.exposures(2) {
			if e.DistinctID != "u_9" {
				w.Errorf("the event is about %q, want u_9", e.DistinctID)
			}
			requireProperties(w.T, e, map[string]any{
				"$session_id": "s_1", "$current_url": "https://example.com/", "service": "shop", "hooked": true,
			})
		}
		if len(seen) != 2 {
			w.Errorf("the hook saw %v, want two events", seen)
		}
	})
}

// A hook that drops the event has decided: it is not asked again.
func TestDroppedExposureStaysDropped(t *testing.T) {
	calls := 0
	config := posthog.Config{SecretKey: secretKey, Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event {
		calls++
		return nil
	}}}
	inFlagWorld(t, config, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.exposures(0)
		if calls != 1 {
			w.Errorf("the hook ran %d times, want once", calls)
		}
	})
}

// Proves FT-05: Close forgets what was reported, and a closed client reports nothing.
func TestExposuresEndWithTheClient(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		s := w.evaluated()
		w.close()
		if !w.client.FlagEnabled(w.Context(), about("on"), false) || !s.IsEnabled("on") {
			w.Error("a closed client does not evaluate what it has loaded")
		}
		if _, err := w.client.GetFeatureFlag(about("pro")); !errors.Is(err, posthog.ErrClosed) {
			w.Errorf("a flag that needs a request, of a closed client: %v, want ErrClosed", err)
		}
		if stats := w.client.Stats(); stats.Accepted != 0 || stats.Refused != 0 {
			w.Errorf("a closed client accepted %d and refused %d exposures, want none", stats.Accepted, stats.Refused)
		}
		w.asked(1)
	})
}

// With SyncMode, the event is there when the check returns, and a check whose event was not delivered sends it later.
func TestExposureInSyncMode(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, SyncMode: true, MaxRetries: posthog.Ptr(0)}, assorted, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503})
		if !w.client.FlagEnabled(w.Context(), about("on"), false) || len(w.server.Rows()) != 0 {
			w.Errorf("on is off, or %d events arrived in the outage", len(w.server.Rows()))
		}
		w.client.FlagEnabled(w.Context(), about("on"), false)
		if got := len(w.server.Rows()); got != 1 {
			w.Errorf("%d events arrived, want one", got)
		}
	})
}
