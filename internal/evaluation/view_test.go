package evaluation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// scopedFlags are definitions of a flag for each runtime and context, decided and open, and one that depends on a flag
// that is not for this program.
func scopedFlags() string {
	var list []string
	add := func(key, more, filters string) {
		list = append(list, fmt.Sprintf(`{"id":%d,"key":%q,"active":true%s,"filters":{"groups":[{"properties":[%s],"rollout_percentage":100}]}}`, len(list)+1, key, more, filters))
	}
	const open = `{"key":"plan","value":"pro","operator":"exact","type":"person"}`
	add("any", ``, ``)
	add("server", `,"evaluation_runtime":"server"`, ``)
	add("all", `,"evaluation_runtime":"all"`, ``)
	add("client", `,"evaluation_runtime":"client"`, ``)
	add("client-open", `,"evaluation_runtime":"client"`, open)
	add("web", `,"evaluation_contexts":["web"]`, ``)
	add("docs", `,"evaluation_contexts":["docs","app"]`, ``)
	add("docs-open", `,"evaluation_contexts":["docs"]`, open)
	add("depends", ``, `{"key":"client","value":true,"operator":"flag_evaluates_to","type":"flag","dependency_chain":["client"]}`)
	return `{"flags":[` + strings.Join(list, ",") + `],"group_type_mapping":{},"cohorts":{}}`
}

// Flags for others than this program do not exist, as they do not for the server, and cost no request. Other flags may
// depend on them.
func TestFlagsForOthers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		contexts []string
		keys     []string
		found    []string
	}{
		{[]string{"web"}, nil, []string{"all", "any", "depends", "server", "web"}},
		{[]string{"app", "web"}, []string{"any", "client", "client-open", "docs", "docs-open", "web"}, []string{"any", "docs", "web"}},
		{nil, []string{"any", "client", "client-open", "docs", "web"}, []string{"any", "docs", "web"}},
	} {
		w := open(t, setup{definitions: scopedFlags(), Config: evaluation.Config{Contexts: tc.contexts}})
		r := person("u-1")
		r.Keys = tc.keys
		s, err := w.All(t.Context(), r)
		if got := s.Keys(); err != nil || !slices.Equal(got, tc.found) {
			t.Errorf("in the contexts %q, All(%q) has %q, error %v; want %q", tc.contexts, tc.keys, got, err, tc.found)
		}
		for _, key := range []string{"any", "server", "all", "client", "client-open", "web", "docs", "depends"} {
			if tc.keys != nil && !slices.Contains(tc.keys, key) {
				continue
			}
			got, err := w.One(t.Context(), key, person("u-1"))
			if err != nil || (got.State == evaluation.Found) != slices.Contains(tc.found, key) || s.Lookup(key).State != got.State {
				t.Errorf("in the contexts %q, One(%q) is %+v, error %v; want it among %q", tc.contexts, key, got, err, tc.found)
			}
		}
		w.wantRequests(0)
	}
}
