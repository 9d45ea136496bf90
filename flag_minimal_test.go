package posthog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// gated is the document of definitions with its gate open: on is in no
// experiment, colour in one, and of pro nobody knows.
var gated = strings.Replace(definitions, `{"flags":`, `{"minimal_flag_called_events":true,"flags":`, 1)

// Proves FT-11, FT-12: a minimal event has what is allowed, wherever that comes from, and
// nothing else.
func TestMinimalFlagCalledEvents(t *testing.T) {
	for source, local := range map[string]bool{"from definitions": true, "by requests": false} {
		t.Run(source, func(t *testing.T) {
			config := posthog.Config{
				DefaultEventProperties: posthog.Properties{"service": "shop", "utm_source": "mail", "$referrer": "https://example.com/"},
			}
			if local {
				config.FlagSource = posthog.FlagBytes([]byte(gated))
			}
			inFlagWorld(t, config, func(s *posthogtest.Server) {
				if err := s.LoadFlags([]byte(gated)); err != nil {
					t.Fatal(err)
				}
			}, func(w *world) {
				w.client.Register(posthog.Properties{"region": "eu", "gclid": "g_1"})
				ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{SessionId: "s_1", Properties: posthog.Properties{
					"$current_url": "https://example.com/", "$request_method": "GET", "tag": 1, "fbclid": "f_1", "$window_id": "w_1",
				}})
				ask := func(key string) {
					p := about(key)
					p.Groups, p.PersonProperties = posthog.Groups{"company": "acme"}, posthog.Properties{"plan": "pro"}
					w.client.FlagEnabled(ctx, p, false)
				}
				ask("on")
				ask("colour")
				ask("pro")
				ask("nothing")
				got := w.exposures(4)

				want := []string{
					"$current_url", "$feature_flag", "$feature_flag_has_experiment", "$feature_flag_id", "$feature_flag_reason", "$feature_flag_response",
					"$feature_flag_version", "$geoip_disable", "$go_version", "$groups", "$is_server", "$lib", "$lib_version", "$os", "$os_distro", "$os_version",
					"$session_id", "$window_id", "fbclid", "gclid", "locally_evaluated", "utm_source",
				}
				if !local {
					want = append(want, "$feature_flag_request_id", "$feature_flag_evaluated_at")
				}
				for name := range got[0].Properties {
					if !slices.Contains(want, name) {
						w.Errorf("the minimal event has the property %s", name)
					}
				}
				for _, name := range want {
					if _, ok := got[0].Properties[name]; !ok && !strings.HasPrefix(name, "$os") {
						w.Errorf("the minimal event lacks the property %s", name)
					}
				}
				requireProperties(w.T, got[0], map[string]any{"$feature_flag_has_experiment": false, "$feature_flag_response": true})
				full := map[string]any{"service": "shop", "region": "eu", "tag": 1, "$request_method": "GET", "$referrer": "https://example.com/"}
				for _, e := range got[1:] {
					requireProperties(w.T, e, full)
				}
				requireProperties(w.T, got[1], map[string]any{"$feature_flag_has_experiment": true, "$feature/colour": "blue"})
				requireProperties(w.T, got[2], map[string]any{"$feature_flag_has_experiment": absent})
				requireProperties(w.T, got[3], map[string]any{"$feature_flag_has_experiment": absent, "$feature_flag_error": "flag_missing"})
			})
		})
	}
}

// Proves FT-13: without the gate, events are whole.
func TestNoMinimalEventsWithoutTheGate(t *testing.T) {
	config := posthog.Config{FlagSource: posthog.FlagBytes([]byte(definitions)), DefaultEventProperties: posthog.Properties{"service": "shop"}}
	inFlagWorld(t, config, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		requireProperties(w.T, w.exposures(1)[0], map[string]any{"service": "shop", "$feature/on": true, "$feature_flag_has_experiment": false})
	})
}

// Proves FT-11: the gate is that of what answered: open definitions do not make the event of a request minimal.
func TestTheGateBelongsToItsSource(t *testing.T) {
	inFlagWorld(t, posthog.Config{FlagSource: posthog.FlagBytes([]byte(gated))}, func(s *posthogtest.Server) {
		if err := s.LoadFlags([]byte(strings.Replace(definitions, `"key":"pro",`, `"key":"pro","has_experiment":false,`, 1))); err != nil {
			t.Fatal(err)
		}
	}, func(w *world) {
		s := w.evaluated()
		s.IsEnabled("on")
		s.IsEnabled("pro") // which needs the request
		got := w.exposures(2)
		requireProperties(w.T, got[0], map[string]any{"$feature/on": absent, "locally_evaluated": true})
		requireProperties(w.T, got[1], map[string]any{"$feature/pro": false, "$feature_flag_has_experiment": false, "locally_evaluated": false})
	})
}

// A hook sees a minimal event as it travels.
func TestHooksSeeTheMinimalEvent(t *testing.T) {
	var seen posthog.Properties
	config := posthog.Config{
		FlagSource: posthog.FlagBytes([]byte(gated)), DefaultEventProperties: posthog.Properties{"service": "shop"},
		Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			seen = e.Properties
			return e
		}},
	}
	inFlagWorld(t, config, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.exposures(1)
		if _, ok := seen["service"]; ok || seen["$feature_flag"] != "on" || seen["$lib"] != "hedgerow" {
			w.Errorf("the hook saw %v", seen)
		}
	})
}
