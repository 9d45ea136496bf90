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

// Whoever reads why a flag is inconclusive reads what is wrong with it, and what would help.
func TestAnExplanationSaysWhatWouldHelp(t *testing.T) {
	t.Parallel()
	device := func(filters string) string {
		return `{"key":"checkout-redesign","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{` + filters + `}]}}`
	}
	one := func(filter string) string { return document("", named(redesign, list(given("100", "", filter)), "")) }
	const ofPerson = "\n  condition 0, person \"user-1\": open: "
	for name, test := range map[string]struct{ document, want string }{
		"rules of the future": {
			document("", named(redesign, "[]", `"version":2`)),
			"UnsupportedRules\n  problem: filters.version is 2, which only the server can evaluate\n",
		},
		"a malformed flag": {document("", named(redesign, "[7]", "")), "Undecodable\n  problem: filters.groups[0] is a number, want an object\n"},
		"a group type without a name": {
			document("", named(redesign, list(all), `"aggregation_group_type_index":3`)),
			"UnknownGroupType\n  condition 0, group: open: UnknownGroupType\n" +
				"  problem: filters.aggregation_group_type_index is 3, which group_type_mapping does not name\n",
		},
		"experience continuity": {
			`{"flags":[{"key":"checkout-redesign","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}]}`,
			"ExperienceContinuity\n  advice: only the server knows the identifier that decides; ask it, or give it in Subject.HashIDs\n",
		},
		"no device": {
			document("", device("")),
			"MissingDevice\n  condition 0, person: open: MissingDevice\n  advice: give the device in Subject.DeviceID\n",
		},
		"no group": {
			document("", named(redesign, list(all), `"aggregation_group_type_index":0`)),
			"MissingGroup\n  condition 0, company: open: MissingGroup\n  advice: give the group in Subject.Groups, with its key\n",
		},
		"no clock": {
			one(person("seen", "is_date_after", `"-7d"`)),
			"NoClock" + ofPerson + "NoClock\n    seen is_date_after \"-7d\" (given \"2026-03-01\"): open: NoClock\n  advice: give the time in Subject.Now\n",
		},
		"a leaf of a cohort": {
			document(cohorts(`"9":`+anyOf(person("p", "like", "1"))), named(redesign, list(given("100", "", in("in", "9"))), "")),
			"UnknownOperator" + ofPerson + "UnknownOperator\n    cohort id in 9: open: UnknownOperator\n      cohort 9 OR: open: UnknownOperator\n" +
				"        person p like 1: open: UnknownOperator\n      problem: values[0].operator is \"like\", which a filter on a property cannot have\n",
		},
	} {
		s := with(properties{"seen": "2026-03-01"})
		want := `flag "checkout-redesign" is inconclusive: ` + test.want
		if got := compiled(t, test.document).Explain(redesign, &s).String(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	nobody := flags.Subject{}
	got := compiled(t, document("", named(redesign, list(all), ""))).Explain(redesign, &nobody).String()
	if want := "  advice: give the person in Subject.DistinctID\n"; !strings.HasSuffix(got, want) {
		t.Errorf("nobody: got\n%s\nwant\n%s at the end", got, want)
	}
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
