package posthog_test

import (
	"context"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves FO-09, GO-19, GO-20, RS-17, RS-18, FR-02, FR-03, FR-04: what a question says is what the server is
// asked.
func TestWhatTheServerIsAsked(t *testing.T) {
	device := "d_1"
	for name, c := range map[string]struct {
		config posthog.Config
		ask    func(c *posthog.ServerClient, ctx context.Context)
		want   string
	}{
		"nothing but a person": {
			ask: func(c *posthog.ServerClient, ctx context.Context) { c.FlagEnabled(ctx, about("on"), false) },
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{},"person_properties":{},"group_properties":{},
				"geoip_disable":true,"flag_keys_to_evaluate":["on"],"evaluation_runtime":"server"}`,
		},
		"everything": {
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				c.FlagEnabled(ctx, posthog.FeatureFlagPayload{
					Key: "on", DistinctId: "u_1", DeviceId: &device, Groups: posthog.Groups{"company": 7, "team": "a"},
					PersonProperties: posthog.Properties{"plan": "pro"},
					GroupProperties:  map[string]posthog.Properties{"company": {"seats": 40}},
				}, false)
			},
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{"company":7,"team":"a"},"person_properties":{"plan":"pro"},
				"group_properties":{"company":{"seats":40}},"geoip_disable":true,"flag_keys_to_evaluate":["on"],"device_id":"d_1","evaluation_runtime":"server"}`,
		},
		"the properties of a group without a key": {
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				c.FlagEnabled(ctx, posthog.FeatureFlagPayload{
					Key: "on", DistinctId: "u_1", GroupProperties: map[string]posthog.Properties{"company": {"seats": 40}},
				}, false)
			},
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{},"person_properties":{},"group_properties":{"company":{"seats":40}},
				"geoip_disable":true,"flag_keys_to_evaluate":["on"],"evaluation_runtime":"server"}`,
		},
		"the person of the request, and a device among the properties": {
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "u_2"})
				c.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "on", PersonProperties: posthog.Properties{"$device_id": "d_2"}}, false)
			},
			want: `{"token":"phc_test","distinct_id":"u_2","groups":{},"person_properties":{"$device_id":"d_2"},"group_properties":{},
				"geoip_disable":true,"flag_keys_to_evaluate":["on"],"device_id":"d_2","evaluation_runtime":"server"}`,
		},
		"a person and a device that go first": {
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				ctx = posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "u_2"})
				p := about("on")
				p.DeviceId, p.PersonProperties = &device, posthog.Properties{"$device_id": "d_2"}
				c.FlagEnabled(ctx, p, false)
			},
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{},"person_properties":{"$device_id":"d_2"},"group_properties":{},
				"geoip_disable":true,"flag_keys_to_evaluate":["on"],"device_id":"d_1","evaluation_runtime":"server"}`,
		},
		"a snapshot of all flags, with geoip for this once": {
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				p := everything()
				p.DisableGeoIP = posthog.Ptr(false)
				_, _ = c.EvaluateFlagsWithContext(ctx, p)
			},
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{},"person_properties":{},"group_properties":{},
				"geoip_disable":false,"evaluation_runtime":"server"}`,
		},
		"a snapshot of two flags": {
			config: posthog.Config{DisableGeoIP: posthog.Ptr(false), EvaluationContexts: []string{"checkout"}},
			ask: func(c *posthog.ServerClient, ctx context.Context) {
				p := everything()
				p.FlagKeys = []string{"on", "off"}
				_, _ = c.EvaluateFlagsWithContext(ctx, p)
			},
			want: `{"token":"phc_test","distinct_id":"u_1","groups":{},"person_properties":{},"group_properties":{},
				"geoip_disable":false,"flag_keys_to_evaluate":["on","off"],"evaluation_contexts":["checkout"],"evaluation_runtime":"server"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFlagWorld(t, c.config, assorted, func(w *world) {
				c.ask(w.client, w.Context())
				w.asked(1)
				r := w.server.FlagRequests()[0]
				if !sameJSON(w.T, string(r.Body), c.want) {
					w.Errorf("the server got\n%s\nwant\n%s", r.Body, c.want)
				}
				if r.Header.Get("Authorization") != "" || r.Query.Get("v") != "2" {
					w.Errorf("the request has Authorization %q and v=%q, want none and 2", r.Header.Get("Authorization"), r.Query.Get("v"))
				}
			})
		})
	}
}

// Proves PFF-1, PFF-2, PFF-3, PFF-4, PFF-5, PFF-6, PFF-7, PFF-8, FO-10: what is said once holds for every question, beneath
// what a question says itself, until it is taken back.
func TestPropertiesForFlags(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		said := posthog.Properties{"plan": "free", "city": "Lund"}
		w.client.SetPersonPropertiesForFlags(said)
		said["city"] = "changed by the caller"
		w.client.SetPersonPropertiesForFlags(posthog.Properties{"country": "SE"})
		w.client.SetGroupPropertiesForFlags("company", posthog.Properties{"seats": 1})
		w.client.SetGroupPropertiesForFlags("company", posthog.Properties{"plan": "gold"})
		w.client.SetGroupPropertiesForFlags("team", posthog.Properties{"size": 3})
		ask := func(wantPerson, wantGroups string) {
			w.Helper()
			w.client.FlagEnabled(w.Context(), posthog.FeatureFlagPayload{
				Key: "pro", DistinctId: "u_1", Groups: posthog.Groups{"company": "acme"},
				PersonProperties: posthog.Properties{"plan": "pro"},
				GroupProperties:  map[string]posthog.Properties{"company": {"seats": 40}},
			}, false)
			requests := w.server.FlagRequests()
			last := requests[len(requests)-1]
			if got := canonical(w.T, last.PersonProperties); got != wantPerson {
				w.Errorf("person properties %s, want %s", got, wantPerson)
			}
			if got := canonical(w.T, last.GroupProperties); got != wantGroups {
				w.Errorf("group properties %s, want %s", got, wantGroups)
			}
		}
		ask(`{"city":"Lund","country":"SE","plan":"pro"}`, `{"company":{"plan":"gold","seats":40},"team":{"size":3}}`)
		w.client.ResetPersonPropertiesForFlags()
		ask(`{"plan":"pro"}`, `{"company":{"plan":"gold","seats":40},"team":{"size":3}}`)
		w.client.ResetGroupPropertiesForFlags("team")
		ask(`{"plan":"pro"}`, `{"company":{"plan":"gold","seats":40}}`)
		w.client.SetGroupPropertiesForFlags("team", posthog.Properties{"size": 3})
		w.client.ResetGroupPropertiesForFlags()
		ask(`{"plan":"pro"}`, `{"company":{"seats":40}}`)
		for _, e := range arrived(w.T, w.server) {
			if e.Event != "$feature_flag_called" {
				w.Errorf("the event %s was captured", e.Event)
			}
		}
	})
}

// Proves PFF-2, RS-17: they count in local evaluation as well.
func TestPropertiesForFlagsLocally(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.client.SetPersonPropertiesForFlags(posthog.Properties{"plan": "pro"})
		if !w.client.FlagEnabled(w.Context(), about("pro"), false) {
			w.Error("pro is off for a person with the plan pro")
		}
		p := about("pro")
		p.PersonProperties = posthog.Properties{"plan": "free"}
		if w.client.FlagEnabled(w.Context(), p, true) {
			w.Error("pro is on for a person whose plan the question says is free")
		}
		w.asked(0)
	})
}

// Proves RS-18: a flag about a group is the same for all its people, and needs no request.
func TestFlagsOfGroups(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, func(s *posthogtest.Server) {
		s.SetFlags(posthogtest.Flag{Key: "beta", Group: "company", Rollout: 50}, posthogtest.Flag{Key: "large", Group: "company", Where: map[string]any{"seats": 40}})
	}, func(w *world) {
		ask := func(key, person string, company any, seats int) bool {
			return w.client.FlagEnabled(w.Context(), posthog.FeatureFlagPayload{
				Key: key, DistinctId: person, Groups: posthog.Groups{"company": company},
				GroupProperties: map[string]posthog.Properties{"company": {"seats": seats}},
			}, false)
		}
		on := 0
		for company := range 100 {
			first := ask("beta", "u_1", company, 1)
			if first != ask("beta", "u_2", company, 1) {
				w.Errorf("beta differs between two people of company %d", company)
			}
			if first {
				on++
			}
		}
		if on < 30 || on > 70 {
			w.Errorf("beta is on for %d of 100 companies, want about 50", on)
		}
		if !ask("large", "u_1", "acme", 40) || ask("large", "u_1", "acme", 39) {
			w.Error("large does not follow the property of the company")
		}
		w.asked(0)
	})
}
