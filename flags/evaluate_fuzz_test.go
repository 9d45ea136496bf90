package flags_test

import (
	"encoding/json"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/sample"
)

// Whatever the document, the identifier and the properties are: nothing panics, a flag is the same among all as by itself
// and when explained, a definition that cannot be read has no confident answer, and one that is off is false.
//
// Proves FL-13 and FL-28.
func FuzzEvaluate(f *testing.F) {
	known := `{"plan":"pro","seats":40,"email":"ada@example.com","country":null}`
	f.Add(sample.Document(7, sample.Mixed), "user-42", known)
	f.Add(sample.Document(2, sample.Filters), "", known)
	f.Add([]byte(document(cohorts(`"9":`+anyOf(in("in", "10"), is("plan", "pro")), `"10":`+allOf(in("not_in", "9"))),
		named("a", list(given("50.5", "", in("in", "9"), depends("b", "true"))), colours),
		named("b", list(given("null", `"aggregation_group_type_index":0`, depends("c", `"blue"`)), half), `"early_exit":true`),
		named("c", list(given("0.1", `"variant":"blue"`, depends("a", "false"))), `"holdout":{"id":7,"exclusion_percentage":5}`))), "a", `{}`)
	f.Add([]byte(`{"flags":[{"key":"a","active":true,"filters":{"groups":[{"properties":[{"key":7}]}]}},{"key":"a"}]}`), "\xff", `[]`)
	f.Fuzz(func(t *testing.T, document []byte, id, known string) {
		d, err := flags.Parse(document)
		if err != nil {
			return
		}
		p := flags.Compile(d, flags.Options{})
		s := flags.Subject{DistinctID: id, DeviceID: id, Now: noon(), Groups: []flags.Group{{Type: "company", Key: id}}}
		_ = json.Unmarshal([]byte(known), &s.PersonProperties)
		s.Groups[0].Properties = s.PersonProperties
		for _, s.Complete = range []bool{false, true} {
			for _, r := range p.EvaluateAll(&s, nil) {
				explained := p.Explain(r.Key, &s)
				if one := p.Evaluate(r.Key, &s); full(one) != full(r) || full(explained.Result) != full(r) {
					t.Errorf("%q is %s among all, %s alone, %s explained", r.Key, full(r), full(one), full(explained.Result))
				}
				_ = explained.String()
				plausible(t, r)
				confident(t, explained, map[*flags.Explanation]bool{})
			}
		}
	})
}

// plausible checks what holds for every result.
func plausible(t *testing.T, r flags.Result) {
	t.Helper()
	off := r.Flag().Err == nil && !r.Flag().Active
	switch {
	case off && full(r) != "false flag_disabled -1",
		r.Flag().Active && r.Flag().Err != nil && r.Reason != flags.ReasonDisabled && r.Inconclusive == nil,
		r.Inconclusive != nil && (r.Enabled || r.Variant != "" || r.Payload != "" || r.Reason != "" || r.ConditionIndex != -1 || r.Inconclusive.Why == 0),
		r.Inconclusive == nil && r.Reason == "",
		!r.Enabled && (r.Variant != "" || r.Payload != ""):
		t.Errorf("%q is %+v, of the definition %+v", r.Key, r, r.Flag())
	}
}

// confident checks that no filter which cannot be read matched or missed.
func confident(t *testing.T, e *flags.Explanation, seen map[*flags.Explanation]bool) {
	t.Helper()
	if seen[e] {
		return
	}
	seen[e] = true
	for _, c := range e.Conditions {
		for i := range c.Filters {
			f := &c.Filters[i]
			if f.Filter.Err != nil && f.Match != flags.Open {
				t.Errorf("%q: a filter that cannot be read %v: %+v", e.Result.Key, f.Match, f.Filter)
			}
			if f.Dependency != nil {
				confident(t, f.Dependency, seen)
			}
		}
	}
}
