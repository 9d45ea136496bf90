package posthogtest_test

import (
	"net/http"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestARemoteConfigurationIsFetchedByItself(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	load(t, s, "definitions.json")
	s.SetFlags(posthogtest.Flag{Key: "a/b", RemoteConfig: true, Payload: []int{1}})
	s.SetFlags(posthogtest.Flag{Key: "12", RemoteConfig: true, Payload: "the key goes first"})
	for name, c := range map[string]struct {
		path, key string
		status    int
		body      string
	}{
		"by the key":                        {"@current/feature_flags/limits/remote_config?token=phc_test", "phs_test", 200, `"{\"uploads\":5}"`},
		"with a final slash":                {"@current/feature_flags/limits/remote_config/?token=phc_test", "phs_test", 200, `"{\"uploads\":5}"`},
		"by the number":                     {"7/feature_flags/18/remote_config", "phx_test", 200, `"{\"uploads\":5}"`},
		"a key that looks like a number":    {"7/feature_flags/12/remote_config", "phx_test", 200, `"\"the key goes first\""`},
		"a flag that is deleted":            {"@current/feature_flags/past/remote_config?token=phc_test", "phs_test", 404, ""},
		"a key that needs escaping":         {"@current/feature_flags/a%2Fb/remote_config?token=phc_test", "phx_test", 200, `"[1]"`},
		"encrypted, for a person":           {"@current/feature_flags/secrets/remote_config?token=phc_test", "phx_test", 200, `"\"hush\""`},
		"encrypted, for a project":          {"@current/feature_flags/secrets/remote_config?token=phc_test", "phs_test", 200, `"\"********* (encrypted)\""`},
		"without a payload":                 {"@current/feature_flags/empty/remote_config?token=phc_test", "phs_test", 200, ""},
		"a flag that is none":               {"@current/feature_flags/nav/remote_config?token=phc_test", "phs_test", 404, ""},
		"a flag that does not exist":        {"@current/feature_flags/other/remote_config?token=phc_test", "phs_test", 404, ""},
		"the current project of no project": {"@current/feature_flags/limits/remote_config", "phs_test", 404, ""},
		"a project that is no number":       {"mine/feature_flags/limits/remote_config?token=phc_test", "phs_test", 404, ""},
		"without a right":                   {"@current/feature_flags/limits/remote_config?token=phc_test", "phc_test", 401, ""},
	} {
		got := call(t, s, http.MethodGet, "/api/projects/"+c.path, bearer(c.key), "")
		if got.status != c.status || got.body != c.body {
			t.Errorf("%s, %s: got %d %q, want %d %q", name, c.path, got.status, got.body, c.status, c.body)
		}
	}
	for _, path := range []string{"/api/projects/@current/feature_flags/limits", "/api/projects/@current/feature_flags//remote_config", "/api/projects/remote_config"} {
		if got := call(t, s, http.MethodGet, path, bearer("phs_test"), ""); got.status != 404 || got.body == "" {
			t.Errorf("%s: got %d %q, want that there is no such path", path, got.status, got.body)
		}
	}
	if got := call(t, s, http.MethodPost, "/api/projects/@current/feature_flags/limits/remote_config", bearer("phs_test"), ""); got.status != 405 {
		t.Errorf("by POST: got %d, want 405", got.status)
	}
	requests := s.RemoteConfigRequests()
	if len(requests) != 14 || s.BilledFlagRequests() != 0 {
		t.Fatalf("got %d requests, %d billed, want 14 for nothing", len(requests), s.BilledFlagRequests())
	}
	for _, r := range requests {
		if len(r.Keys) != 1 || r.Status == 0 {
			t.Errorf("got request %+v, want one key and a status", r)
		}
	}
}
