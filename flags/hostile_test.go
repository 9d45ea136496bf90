package flags_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic("boom") }

// operators are those of filters on properties.
var operators = map[string]string{
	"exact": `"x"`, "is_not": `["x","y"]`, "icontains": `"x"`, "not_icontains": `"x"`, "icontains_multi": `["x"]`,
	"not_icontains_multi": `["x"]`, "starts_with": `"x"`, "not_starts_with": `"x"`, "ends_with": `"x"`, "not_ends_with": `"x"`,
	"regex": `"x"`, "not_regex": `"x"`, "gt": `1`, "lte": `"1"`, "between": `[1,2]`, "not_between": `[1,2]`,
	"is_date_before": `"-1d"`, "is_date_exact": `"2026-01-01"`, "semver_eq": `"1.0.0"`, "semver_neq": `"1.0.0"`,
	"semver_caret": `"1"`, "semver_wildcard": `"1.*"`, "is_set": `null`, "is_not_set": `null`,
}

// No value that a caller can make harms: it is missed by every operator but is_set if nothing can be made of it.
//
// Proves FL-28.
func TestHostileProperties(t *testing.T) {
	t.Parallel()
	var conditions []string
	for operator, operand := range operators {
		conditions = append(conditions, named(operator, list(given("100", "", person("p", operator, operand))), ""))
	}
	p := compiled(t, document("", conditions...))
	circle := map[string]any{}
	circle["circle"] = circle
	ring := []any{nil}
	ring[0] = ring
	var nowhere *explosive
	deep := any("x")
	for range 1000 {
		deep = []any{deep}
	}
	for name, value := range map[string]any{
		"a channel": make(chan int), "a function": func() {}, "a cyclic map": circle, "a cyclic slice": ring, "NaN": math.NaN(),
		"infinity": math.Inf(-1), "a complex number": complex(1, 2), "what panics": explosive{}, "a map with odd keys": map[any]any{1.5: 1},
	} {
		s := with(properties{"p": value})
		s.Now = noon()
		for _, r := range p.EvaluateAll(&s, nil) {
			if want := r.Key == "is_set"; r.Inconclusive != nil || r.Enabled != want {
				t.Errorf("%s, %s: got %s, want %t", name, r.Key, full(r), want)
			}
			if text := p.Explain(r.Key, &s).String(); !strings.Contains(text, "cannot be read") {
				t.Errorf("%s, %s: explained as\n%s", name, r.Key, text)
			}
		}
	}
	for name, value := range map[string]any{
		"a nil pointer": nowhere, "a nil slice": []string(nil), "a huge text": strings.Repeat("é", 1<<16), "no UTF-8": "\xff\xfe",
		"a deep array": deep, "a number that is none": json.Number("abc"), "broken JSON": json.RawMessage(`{"a"`), "nil": nil,
		"a struct": struct{ A, b int }{1, 2}, "bytes": []byte("x"),
	} {
		s := flags.Subject{
			DistinctID: strings.Repeat("x", 1<<16), PersonProperties: properties{"p": value}, Now: noon(),
			Groups: []flags.Group{{Type: "company", Key: value}},
		}
		for _, r := range p.EvaluateAll(&s, nil) {
			if got, want := fmt.Sprint(r), fmt.Sprint(p.Evaluate(r.Key, &s)); got != want {
				t.Errorf("%s, %s: got %s among all, %s alone", name, r.Key, got, want)
			}
			if text := p.Explain(r.Key, &s).String(); len(text) > 4096 {
				t.Errorf("%s, %s: an explanation of %d bytes", name, r.Key, len(text))
			}
		}
	}
}

// Proves FL-28.
func TestNothingAtAll(t *testing.T) {
	t.Parallel()
	var none *flags.Program
	empty := flags.Compile(nil, flags.Options{})
	for name, p := range map[string]*flags.Program{"a nil program": none, "a program of nothing": empty, "of no flags": compiled(t, `{"flags":[]}`)} {
		if r := p.Evaluate("a", nil); valueOf(r) != "UnknownFlag" || r.Key != "a" || r.ConditionIndex != -1 || r.Flag() != nil {
			t.Errorf("%s: got %+v", name, r)
		}
		if r := p.EvaluateKeys([]string{"a", "a"}, nil, nil); len(r) != 2 || valueOf(r[1]) != "UnknownFlag" {
			t.Errorf("%s: keys: got %+v", name, r)
		}
		if r := p.EvaluateAll(nil, nil); len(r) != 0 {
			t.Errorf("%s: all: got %+v", name, r)
		}
		if got := p.Explain("a", nil).String(); got != "flag \"a\" is inconclusive: UnknownFlag\n" {
			t.Errorf("%s: explained as %q", name, got)
		}
		if problems := p.Problems(); len(problems) != 0 {
			t.Errorf("%s: problems %v", name, problems)
		}
	}
	if none.Definitions() != nil || empty.Definitions() == nil {
		t.Errorf("definitions: got %v and %v, want none and some", none.Definitions(), empty.Definitions())
	}
	p := compiled(t, document("", named("a", list(all), "")))
	if got := valueOf(p.Evaluate("a", nil)); got != "MissingDistinctID" {
		t.Errorf("a nil subject: got %s, want MissingDistinctID", got)
	}
	if got := valueOf(p.Explain("a", nil).Result); got != "MissingDistinctID" {
		t.Errorf("a nil subject, explained: got %s, want MissingDistinctID", got)
	}
	if got := valueOf(p.EvaluateAll(nil, nil)[0]); got != "MissingDistinctID" {
		t.Errorf("a nil subject, all: got %s, want MissingDistinctID", got)
	}
}

// Definitions need not come from Parse. Those that no document could make are no danger either.
//
// Proves FL-28.
func TestDefinitionsMadeByHand(t *testing.T) {
	t.Parallel()
	endless := []flags.CohortNode{{Type: "OR"}}
	endless[0].Children = endless
	zero := flags.Filter{}
	d := &flags.Definitions{
		Flags: []flags.Flag{
			{},
			{Key: "a", Active: true, Conditions: []flags.Condition{{Filters: []flags.Filter{zero}}, {RolloutPercentage: 100}}},
			{Key: "b", Active: true, Conditions: []flags.Condition{{Filters: []flags.Filter{{Type: "cohort", Key: "id", Value: json.RawMessage("1")}}}}},
			{Key: "c", Active: true, Conditions: []flags.Condition{{RolloutPercentage: math.NaN()}}, Holdout: &flags.Holdout{ExclusionPercentage: math.NaN()}},
			{Key: "e", Active: true, Conditions: []flags.Condition{{Filters: []flags.Filter{
				{Type: "flag", Key: "a", Operator: "flag_evaluates_to", Value: json.RawMessage("{")},
			}}}},
			{Key: "f", Active: true, Conditions: []flags.Condition{{Filters: []flags.Filter{{Type: "cohort", Key: "id", Value: json.RawMessage("2")}}}}},
			{Key: "g", Active: true, Conditions: []flags.Condition{{Filters: []flags.Filter{{Type: "cohort", Key: "id", Value: json.RawMessage("3")}}}}},
			{Key: "d", Active: true, Payloads: map[string]json.RawMessage{"true": json.RawMessage(`"broken`)}, Conditions: []flags.Condition{{RolloutPercentage: 100}}},
		},
		Cohorts: map[string]flags.Cohort{
			"1": {Root: flags.CohortNode{Type: "OR", Children: endless}},
			"2": {},
			"3": {Root: flags.CohortNode{Filter: &flags.Filter{Err: errors.New("broken")}}},
		},
	}
	s := user("user-1")
	var got []string
	p := flags.Compile(d, flags.Options{})
	for _, r := range p.EvaluateAll(&s, nil) {
		got = append(got, r.Key+" "+full(r))
		p.Explain(r.Key, &s)
	}
	want := []string{
		"a true condition_match 1", "b MalformedFilter  -1", "c false out_of_rollout_bound 0",
		"e MissingDependency  -1", "f MalformedFilter  -1", "g MalformedFilter  -1", `d true condition_match 0 "broken`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
