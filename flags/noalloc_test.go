//go:build !race

package flags_test

// The race detector makes sync.Pool forget at random; this gate runs without it.

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/sample"
)

// A conclusive answer costs no allocation, nor do all of them together if there is room for them.
//
// Proves FL-30.
func TestEvaluateNoAlloc(t *testing.T) {
	for _, kind := range sample.Kinds {
		p, s := bench(t, 14, kind)
		results := p.EvaluateAll(s, nil)
		for _, r := range results {
			if r.Inconclusive != nil {
				t.Errorf("%s: %s is inconclusive: %v", kind, r.Key, r.Inconclusive)
			}
			if n := testing.AllocsPerRun(100, func() { p.Evaluate(r.Key, s) }); n != 0 {
				t.Errorf("%s: %s: %v allocations, want 0", kind, r.Key, n)
			}
		}
		if n := testing.AllocsPerRun(100, func() { results = p.EvaluateAll(s, results[:0]) }); n != 0 {
			t.Errorf("%s, all: %v allocations, want 0", kind, n)
		}
	}
}

// The subject of a call is not kept, so one that is written where it is needed is no allocation either.
func TestEvaluateOfALiteralNoAlloc(t *testing.T) {
	company := []flags.Group{{Type: "company", Key: "acme", Properties: properties{"seats": 7}}}
	known := properties{"plan": "pro"}
	p := compiled(t, document("",
		named("rollout", list(given("99", "")), ""), named("filters", list(given("99", "", is("plan", "pro"))), ""),
		named("group", list(given("99", "", `{"key":"seats","operator":"gt","value":1}`)), `"aggregation_group_type_index":0`)))
	for _, key := range []string{"rollout", "filters", "group"} {
		var r flags.Result
		if n := testing.AllocsPerRun(100, func() {
			r = p.Evaluate(key, &flags.Subject{DistinctID: "user-2", PersonProperties: known, Groups: company})
		}); n != 0 || !r.Enabled {
			t.Errorf("%s: %v allocations and %s, want 0 and true", key, n, full(r))
		}
	}
	results := make([]flags.Result, 0, p.Len())
	if n := testing.AllocsPerRun(100, func() {
		results = p.EvaluateAll(&flags.Subject{DistinctID: "user-2", PersonProperties: known, Groups: company}, results[:0])
	}); n != 0 {
		t.Errorf("all: %v allocations, want 0", n)
	}
}

func TestEvaluateTenFiltersNoAlloc(t *testing.T) {
	var filters []string
	known := properties{}
	for i := range 10 {
		key := fmt.Sprint("p", i)
		filters = append(filters, is(key, "Zürich"), person(key, "not_icontains", `"x"`))
		known[key] = "ZÜRICH"
	}
	filters = append(filters, depends("group", "true"), in("in", "9"), in("not_in", "77"))
	p := compiled(t, document(cohorts(`"9":`+anyOf(is("p0", "b"), allOf(is("p1", "zürich")))),
		named(redesign, list(given("99", "", filters...)), `"payloads":{"true":"1"},"holdout":{"id":1,"exclusion_percentage":1}`),
		named("group", list(given("99.9", "", `{"key":"seats","operator":"gt","value":1}`)), `"aggregation_group_type_index":0`)))
	s := flags.Subject{
		DistinctID: "user-2", PersonProperties: known, Cohorts: map[string]bool{"77": false},
		Groups: []flags.Group{{Type: "company", Key: "acme", Properties: properties{"seats": 7.5}}},
	}
	r := p.Evaluate(redesign, &s)
	if full(r) != "true condition_match 0 1" {
		t.Fatalf("got %s, want true\n%s", full(r), p.Explain(redesign, &s))
	}
	if n := testing.AllocsPerRun(100, func() { r = p.Evaluate(redesign, &s) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
