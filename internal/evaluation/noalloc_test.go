//go:build !race

package evaluation_test

// The race detector makes sync.Pool forget at random.

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
)

func TestOneNoAlloc(t *testing.T) {
	const dated = `,{"id":9,"key":"new","active":true,"filters":{"groups":[{"properties":[` +
		`{"key":"joined","value":"-7d","operator":"is_date_after","type":"person"}],"rollout_percentage":100}]}}]`
	withDate := definitions[:len(definitions)-len(`],"group_type_mapping":{"0":"company"},"cohorts":{},"minimal_flag_called_events":true}`)] +
		dated + definitions[len(definitions)-len(`,"group_type_mapping":{"0":"company"},"cohorts":{},"minimal_flag_called_events":true}`):]
	for name, tc := range map[string]struct {
		setup
		key   string
		value string
	}{
		"a boolean":              {setup{definitions: definitions}, "on", "on=true"},
		"a variant":              {setup{definitions: definitions}, "split", "split=blue"},
		"a payload":              {setup{definitions: definitions}, "zeal", "zeal=true"},
		"a flag that is off":     {setup{definitions: definitions}, "off", "off=false"},
		"with a property":        {setup{definitions: definitions}, "plan", "plan=true"},
		"relative to now":        {setup{definitions: withDate}, "new", "new=true"},
		"with a cache":           {setup{definitions: definitions, Config: evaluation.Config{CacheTTL: time.Hour, CacheSize: 9}}, "on", "on=true"},
		"with a fallback, later": {remembering(definitions), "split", "split=blue"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, tc.setup)
			r := person("u-1")
			r.Subject.PersonProperties = map[string]any{"plan": "pro", "joined": time.Now().Format(time.RFC3339), "seats": 4}
			r.Groups = map[string]any{"company": "acme"}
			r.Subject.Groups = []flags.Group{{Type: "company", Key: "acme", Properties: map[string]any{"seats": 9}}}
			ctx := t.Context()
			var got evaluation.Record
			allocs := testing.AllocsPerRun(100, func() { got, _ = w.One(ctx, tc.key, r) })
			if value(got) != tc.value || got.Source != evaluation.Local {
				t.Errorf("One(%q) is %+v, want %s", tc.key, got, tc.value)
			}
			if allocs != 0 {
				t.Errorf("One(%q) makes %v allocations, want 0", tc.key, allocs)
			}
		})
	}
}
