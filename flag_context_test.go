package posthog_test

import (
	"errors"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// byDevice is a flag that is rolled out to half of the devices, whoever uses them.
const byDevice = `{"flags":[{"id":1,"key":"half","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{"rollout_percentage":50}]}}]}`

// Proves FO-09: a question is about the device that it names, or that of the request, or that among the properties.
func TestTheDeviceOfAQuestion(t *testing.T) {
	inRequest := posthog.RequestContext{DistinctId: "u_1", DeviceId: "d_request"}
	among := posthog.Properties{"$device_id": "d_property"}
	for name, c := range map[string]struct {
		request posthog.RequestContext
		payload posthog.FeatureFlagPayload
		want    string
	}{
		"the one that the question names":    {inRequest, posthog.FeatureFlagPayload{DeviceId: posthog.Ptr("d_named"), PersonProperties: among}, "d_named"},
		"that of the request":                {inRequest, posthog.FeatureFlagPayload{PersonProperties: among}, "d_request"},
		"an empty name is none":              {inRequest, posthog.FeatureFlagPayload{DeviceId: posthog.Ptr("")}, "d_request"},
		"that among the properties":          {posthog.RequestContext{DistinctId: "u_1"}, posthog.FeatureFlagPayload{PersonProperties: among}, "d_property"},
		"none, and not the distinct id":      {posthog.RequestContext{DistinctId: "u_1"}, posthog.FeatureFlagPayload{}, ""},
		"that of the request, about another": {inRequest, posthog.FeatureFlagPayload{DistinctId: "u_2"}, "d_request"},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
				ctx := posthog.WithRequestContext(w.Context(), c.request)
				c.payload.Key = "on"
				w.client.FlagEnabled(ctx, c.payload, false)
				_, _ = w.client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{
					DistinctId: c.payload.DistinctId, DeviceId: c.payload.DeviceId, PersonProperties: c.payload.PersonProperties,
				})
				w.asked(2)
				for _, r := range w.server.FlagRequests() {
					if r.DeviceID != c.want {
						w.Errorf("the server was asked about the device %q, want %q", r.DeviceID, c.want)
					}
				}
				e := w.exposures(1)[0]
				if got, _ := e.Properties["$device_id"].(string); got != c.want {
					w.Errorf("the exposure is of the device %q, want %q", got, c.want)
				}
			})
		})
	}
}

// Proves FL-10: local evaluation takes the device from the request, so that two people at one device see the same.
func TestTheDeviceOfARequestDecidesLocally(t *testing.T) {
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagBytes([]byte(byDevice)), StrictLocalEvaluation: true}, assorted, func(w *world) {
		seen := map[bool]int{}
		for _, device := range []string{"d_1", "d_2", "d_3", "d_4", "d_5", "d_6", "d_7", "d_8"} {
			ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{DeviceId: device})
			first, err := w.client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "half", DistinctId: "u_1"})
			if err != nil {
				w.Fatalf("FlagResult on %s: %v", device, err)
			}
			if w.client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "half", DistinctId: "u_2"}, !first.Enabled) != first.Enabled {
				w.Errorf("on %s, two people have different values", device)
			}
			seen[first.Enabled]++
		}
		if seen[true] == 0 || seen[false] == 0 {
			w.Errorf("half is on for %d devices and off for %d, want some of each", seen[true], seen[false])
		}
		if _, err := w.client.FlagResult(w.Context(), posthog.FeatureFlagPayload{Key: "half", DistinctId: "u_1"}); !errors.Is(err, posthog.ErrInconclusive) {
			w.Errorf("FlagResult without a device: %v, want ErrInconclusive", err)
		}
	})
}

// Proves TRC-5: who turns out to make the request is whom questions are about from then on, unless they, or a part of the
// request, name somebody.
func TestSetDistinctIdCountsForFlags(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, func(s *posthogtest.Server) { s.SetFlagFor("u_2", "beta", true) }, func(w *world) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{SessionId: "s_1"})
		part := posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "u_3"})
		question := posthog.FeatureFlagPayload{Key: "beta"}
		if _, err := w.client.FlagResult(ctx, question); !errors.Is(err, posthog.ErrNoDistinctID) {
			w.Errorf("FlagResult in a request of nobody: %v, want ErrNoDistinctID", err)
		}
		w.asked(0)
		if !posthog.SetDistinctId(ctx, "u_2") {
			w.Fatal("SetDistinctId did not find the request")
		}
		if !w.client.FlagEnabled(ctx, question, false) {
			w.Error("beta is off for the person of the request")
		}
		if w.client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_1"}, true) {
			w.Error("beta is on for somebody whom the question names")
		}
		if w.client.FlagEnabled(part, question, true) {
			w.Error("beta is on for somebody whom a part of the request names")
		}
		s, err := w.client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{})
		if err != nil || !s.IsEnabled("beta") {
			w.Errorf("the snapshot has beta off; %v", err)
		}
		var got []string
		for _, r := range w.server.FlagRequests() {
			got = append(got, r.DistinctID)
		}
		if want := `["u_2","u_1","u_3","u_2"]`; canonical(w.T, got) != want {
			w.Errorf("the server was asked about %v, want %s", got, want)
		}
		w.exposures(3)
	})
}

// Proves FT-19: what a snapshot captures later belongs to the request, the person and the device that it was made for.
func TestASnapshotKeepsTheContextOfItsEvaluation(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{
			DistinctId: "u_1", SessionId: "s_1", DeviceId: "d_1", Properties: posthog.Properties{"path": "/cart"},
		})
		s, err := w.client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{})
		if err != nil {
			w.Fatal(err)
		}
		posthog.SetDistinctId(ctx, "u_2")
		s.IsEnabled("on")
		s.Only([]string{"colour"}).GetFlag("colour")
		for _, e := range w.exposures(2) {
			if e.DistinctID != "u_1" {
				w.Errorf("the exposure is about %q, want u_1, whom the snapshot is about", e.DistinctID)
			}
			requireProperties(w.T, e, map[string]any{"$session_id": "s_1", "$device_id": "d_1", "path": "/cart"})
		}
		w.client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "on"}, false)
		if last := w.exposures(3)[2]; last.DistinctID != "u_2" {
			w.Errorf("a question after SetDistinctId is about %q, want u_2", last.DistinctID)
		}
	})
}
