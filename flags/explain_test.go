package flags_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/golden"
)

// everyKind is a flag with a step of every kind on the way to its answer.
func everyKind() string {
	seats := `{"type":"group","group_type_index":0,"key":"seats","operator":"gt","value":10}`
	definitions := []string{
		named(redesign, list(
			given("100", `"aggregation_group_type_index":0`, seats),
			given("100", "", in("in", "9"), in("not_in", "10"), is("unheard of", "x"), is("plan", "free"), is("never", "asked")),
			given("100", "", person("seen", "is_date_after", `"-7d"`), depends("base", "true"), in("in", "77")),
			given("10", "", depends("base", `"old"`)),
			given("75.5", "", depends("base", "true"), person("email", "icontains", `"@EXAMPLE.com"`), in("in", "9")),
			given("100", ""),
		), `"holdout":{"id":7,"exclusion_percentage":10},"feature_enrollment":true,`+colours),
		named("base", list(given("100", `"variant":"old"`)), `"multivariate":{"variants":[{"key":"old","rollout_percentage":100}]}`),
	}
	return document(cohorts(`"9":`+anyOf(allOf(is("plan", "free"), is("country", "DE")), not(is("country", "US")), is("never", "asked")),
		`"10":`+allOf(in("not_in", "9"))), definitions...)
}

func TestAnExplanation(t *testing.T) {
	t.Parallel()
	p := compiled(t, everyKind())
	s := of("acme")
	s.Groups[0].Properties = properties{"seats": 4}
	s.PersonProperties = properties{
		"plan": "pro", "country": "DE", "email": strings.Repeat("a", 300) + "@example.com", "seen": make(chan int),
		"$feature_enrollment/checkout-redesign": nil,
	}
	text := "A person who opted out:\n" + p.Explain(redesign, &s).String()
	delete(s.PersonProperties, "$feature_enrollment/checkout-redesign")
	text += "\nWho has not chosen:\n" + p.Explain(redesign, &s).String()
	s.Complete = true
	text += "\nThe same, all known:\n" + p.Explain(redesign, &s).String()
	s = flags.Subject{DistinctID: "user-5", PersonProperties: properties{"$feature_enrollment/checkout-redesign": true}}
	text += "\nA person who opted in:\n" + p.Explain(redesign, &s).String()
	golden.Compare(t, "testdata/explanations.txt", []byte(text))
}

func TestAnExplanationIsStructured(t *testing.T) {
	t.Parallel()
	p := compiled(t, document("",
		named(redesign, list(given("50", "", is("plan", "pro"), depends("base", "true"))), colours), named("base", list(all), "")))
	s := flags.Subject{DistinctID: "user-2", PersonProperties: properties{"plan": "PRO"}}
	e := p.Explain(redesign, &s)
	c := e.Conditions[0]
	if c.Identifier != "user-2" || c.Reason != flags.ReasonConditionMatch || !c.Rollout.Within || !c.Rollout.Hashed || c.Rollout.Percentage != 50 ||
		c.Rollout.Place != 0.022483513556730055 {
		t.Errorf("condition: got %+v, rollout %+v", c, c.Rollout)
	}
	plan, base := c.Filters[0], c.Filters[1]
	if plan.Match != flags.Matched || plan.Operator != "exact" || plan.Operand != `"pro"` || !plan.Given || plan.Value != "PRO" ||
		plan.Property != (flags.Property{Key: "plan"}) {
		t.Errorf("filter: got %+v", plan)
	}
	if base.Dependency == nil || !base.Dependency.Result.Enabled || base.Match != flags.Matched {
		t.Errorf("dependency: got %+v", base)
	}
	if v := e.Variant; v == nil || v.Chosen != "blue" || v.Override || len(v.Bounds) != 3 || v.Bounds[0] != (flags.VariantBound{Variant: "control", Below: 0.33}) {
		t.Errorf("variant: got %+v", v)
	}
	for m, want := range map[flags.Match]string{flags.Open: "open", flags.Missed: "missed", flags.Matched: "matched"} {
		if m.String() != want {
			t.Errorf("Match %d: got %q, want %q", m, m.String(), want)
		}
	}
	var none *flags.Explanation
	if none.String() != "" {
		t.Errorf("a nil explanation: got %q", none.String())
	}
}
