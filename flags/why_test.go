package flags_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// causes are filters that are open for user-1, in the order of Why.
func causes() []struct {
	filter string
	why    flags.Why
} {
	return []struct {
		filter string
		why    flags.Why
	}{
		{`{"type":"person","value":1}`, flags.MalformedFilter},
		{person("a", "future_op", "1"), flags.UnknownOperator},
		{`{"type":"behavioral","key":"x","value":1}`, flags.UnsupportedFilter},
		{person("a", "regex", `"(?=x)"`), flags.UnsupportedPattern},
		{`{"type":"group","group_type_index":7,"key":"x","value":1}`, flags.UnknownGroupType},
		{in("in", "77"), flags.UnknownCohort},
		{in("in", "9"), flags.CohortCycle},
		{depends("later", "true"), flags.Dependency},
		{person("seen", "is_date_before", `"-1d"`), flags.NoClock},
		{`{"type":"group","group_type_index":0,"key":"x","value":1}`, flags.MissingGroup},
		{is("a", "1"), flags.MissingProperty},
	}
}

// Of several causes the first counts, and the missing properties are the same ones, in whatever order the filters are.
func TestTheFirstCauseIsReported(t *testing.T) {
	t.Parallel()
	s := with(properties{"seen": "2026-01-01"})
	given3 := func(filters ...string) string { return given("100", "", filters...) }
	causes := causes()
	for i, first := range causes {
		rest := causes[i:]
		var filters []string
		for _, cause := range rest {
			filters = append(filters, cause.filter)
		}
		backwards := slices.Clone(filters)
		slices.Reverse(backwards)
		var conditions []string
		for _, filter := range backwards {
			conditions = append(conditions, given3(filter))
		}
		for name, groups := range map[string]string{
			"in one condition": list(given3(filters...)), "backwards": list(given3(backwards...)), "in conditions": list(conditions...),
			"in a cohort": list(given3(in("in", "1"))),
		} {
			p := compiled(t, document(cohorts(`"9":`+anyOf(in("in", "9")), `"1":`+anyOf(personal(filters)...)), named(redesign, groups, ""),
				named("later", "[]", `"version":2`)))
			r := p.Evaluate(redesign, &s)
			if strings.Contains(filters[0], `"group"`) && name == "in a cohort" {
				continue // cohorts are about persons
			}
			if r.Inconclusive == nil || r.Inconclusive.Why != first.why {
				t.Errorf("%s, %v first: got %s\n%s", name, first.why, full(r), p.Explain(redesign, &s))
			}
			if want := []flags.Property{{Key: "a"}}; r.Inconclusive == nil || !slices.Equal(r.Inconclusive.MissingProperties, want) {
				t.Errorf("%s, %v first: missing properties: got %v, want %v", name, first.why, r.Inconclusive, want)
			}
		}
	}
}

// personal leaves out the filters that cohorts cannot have.
func personal(filters []string) []string {
	return slices.DeleteFunc(slices.Clone(filters), func(f string) bool { return strings.Contains(f, `"group"`) })
}

func TestMissingPropertiesAreThoseThatMatter(t *testing.T) {
	t.Parallel()
	a, b, c := is("a", "1"), is("b", "1"), is("c", "1")
	company := `{"type":"group","group_type_index":0,"key":"age","operator":"gt","value":1}`
	nested := cohorts(`"1":`+anyOf(a, b), `"2":`+allOf(in("in", "1"), in("in", "1"), c))
	for name, test := range map[string]struct {
		conditions string
		known      properties
		want       string
	}{
		"each once, sorted, the person's first": {list(given("100", "", company, b, a), given("100", "", a)), nil, "MissingProperty (a, b, company.age)"},
		"not those beside a miss":               {list(given("100", "", a, b), given("100", "", c)), properties{"b": "2"}, "MissingProperty (c)"},
		"not those of a flag that is on":        {list(given("100", "", a), given("100", "", b)), properties{"b": "1"}, "true"},
		"those of cohorts that share a cohort":  {list(given("100", "", in("in", "2"), in("in", "1"))), nil, "MissingProperty (a, b, c)"},
		"those of a cohort that was asked beside a miss": {
			list(given("100", "", in("in", "1"), c), given("100", "", in("in", "1"))), properties{"c": "2"}, "MissingProperty (a, b)",
		},
		"not those of a dependency that is on": {list(given("100", "", depends("sure", "true"), a)), nil, "MissingProperty (a)"},
		"not those of a cohort with a miss":    {list(given("100", "", in("in", "2"))), properties{"c": "2"}, "false"},
		"those of a dependency":                {list(given("100", "", depends("dep", "true"), a)), nil, "Dependency (a, z)"},
		"also if it was asked before":          {list(given("100", "", depends("dep", "true")), given("100", "", depends("dep", "false"), b)), nil, "Dependency (b, z)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := compiled(t, document(nested, named(redesign, test.conditions, ""), named("dep", list(given("100", "", is("z", "1"))), ""),
				named("sure", list(given("100", "", is("z", "1")), all), "")))
			s := of("acme")
			s.PersonProperties = test.known
			for range 2 { // the second time with what the first left behind
				if got := valueOf(p.Evaluate(redesign, &s)); got != test.want {
					t.Errorf("got %s, want %s\n%s", got, test.want, p.Explain(redesign, &s))
				}
			}
			for _, r := range p.EvaluateKeys([]string{"dep", redesign}, &s, nil) {
				if got := valueOf(r); r.Key == redesign && got != test.want {
					t.Errorf("after dep: got %s, want %s", got, test.want)
				}
			}
		})
	}
}

func TestWhysHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for why := range flags.MissingProperty + 1 {
		name := why.String()
		if seen[name] || why > 0 && name == "" {
			t.Errorf("Why %d has the name %q, want one of its own", why, name)
		}
		seen[name] = true
	}
	if got := (flags.MissingProperty + 1).String(); got != "Why(25)" {
		t.Errorf("a Why that does not exist: got %q", got)
	}
}
