package flags_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// What cannot be evaluated is said, once, with the place where it is.
//
// Proves FL-13.
func TestProblemsOfDefinitions(t *testing.T) {
	t.Parallel()
	one := func(filters ...string) string {
		return document("", named("f", list(given("100", "", filters...)), ""))
	}
	for name, test := range map[string]struct{ document, want string }{
		"rules of the future": {document("", named("f", "[]", `"version":2`)), `flag "f": filters.version is 2, which only the server can evaluate`},
		"a bucketing that nobody knows": {
			`{"flags":[{"key":"f","active":true,"bucketing_identifier":"x","filters":{"groups":[]}}]}`,
			`flag "f": bucketing_identifier is "x", want "distinct_id" or "device_id"`,
		},
		"a variant that does not exist": {
			document("", named("f", list(given("100", `"variant":"ghost"`)), colours)),
			`flag "f": filters.groups[0].variant is "ghost", which is none of the flag's variants; the rollout decides instead`,
		},
		"an operator":                     {one(person("p", "like", "1")), `flag "f": filters.groups[0].properties[0].operator is "like", which a filter on a property cannot have`},
		"no operand":                      {one(`{"key":"p","operator":"gt"}`), `flag "f": filters.groups[0].properties[0].value is absent, which the operator gt needs`},
		"no operand, no operator":         {one(`{"key":"p"}`), `flag "f": filters.groups[0].properties[0].value is absent, which the operator exact needs`},
		"an operand":                      {one(person("p", "gt", `"five"`)), `flag "f": filters.groups[0].properties[0].value is "five", which the operator gt cannot compare with; want a number`},
		"a pattern":                       {one(person("p", "regex", `"(?=x)"`)), `flag "f": filters.groups[0].properties[0].value is "(?=x)", a regular expression that Go cannot run as the server does; an engine in Options.Regexp may`},
		"an interval upside down":         {one(person("p", "between", "[3,1]")), `flag "f": filters.groups[0].properties[0].value is [3,1], which the operator between cannot compare with; want an array of two numbers, the lower one first`},
		"an operand that is no date":      {one(person("p", "is_date_before", `"soon"`)), `flag "f": filters.groups[0].properties[0].value is "soon", which the operator is_date_before cannot compare with; want a date such as "2026-03-31", or a relative one such as "-7d"`},
		"an operand that is no version":   {one(person("p", "semver_gt", `"one"`)), `flag "f": filters.groups[0].properties[0].value is "one", which the operator semver_gt cannot compare with; want a version such as "1.2.3"`},
		"an operand without a wildcard":   {one(person("p", "semver_wildcard", `"one"`)), `flag "f": filters.groups[0].properties[0].value is "one", which the operator semver_wildcard cannot compare with; want a version such as "1.2.*"`},
		"an operand that is no pattern":   {one(person("p", "regex", "5")), `flag "f": filters.groups[0].properties[0].value is 5, which the operator regex cannot compare with; want a string`},
		"an operand beyond numbers":       {one(person("p", "exact", "1e999")), `flag "f": filters.groups[0].properties[0].value is 1e999, which the operator exact cannot compare with; want a value within the limits of JSON and of a float64`},
		"a pattern that is none anywhere": {one(person("p", "not_regex", `"("`)), `flag "f": filters.groups[0].properties[0].value is "(", which is no regular expression; no property matches`},
		"a type":                          {one(`{"type":"hogql","key":"p","value":1}`), `flag "f": filters.groups[0].properties[0].type is "hogql", which only the server can evaluate`},
		"a group type":                    {one(`{"type":"group","group_type_index":3,"key":"p","value":1}`), `flag "f": filters.groups[0].properties[0].group_type_index is 3, which group_type_mapping does not name`},
		"no group type":                   {one(`{"type":"group","key":"p","value":1}`), `flag "f": filters.groups[0].properties[0].group_type_index is absent, want the index of a group type that group_type_mapping names`},
		"a flag's group type":             {document("", named("f", "[]", `"aggregation_group_type_index":3`)), `flag "f": filters.aggregation_group_type_index is 3, which group_type_mapping does not name`},
		"a condition's": {
			document("", named("f", list(given("100", `"aggregation_group_type_index":3`)), "")),
			`flag "f": filters.groups[0].aggregation_group_type_index is 3, which group_type_mapping does not name`,
		},
		"a static cohort":      {one(in("in", "7")), `flag "f": filters.groups[0].properties[0].value is cohort 7, which is static or not in the definitions`},
		"the id of a cohort":   {one(in("in", "[]")), `flag "f": filters.groups[0].properties[0].value is not the id of a cohort`},
		"the key of a cohort":  {one(`{"type":"cohort","key":"ID","value":7}`), `flag "f": filters.groups[0].properties[0].key is "ID", want "id"`},
		"a cohort's operator":  {one(in("gt", "7")), `flag "f": filters.groups[0].properties[0].operator is "gt", want "in" or "not_in"`},
		"a missing dependency": {one(depends("ghost", "true")), `flag "f": filters.groups[0].properties[0].key is "ghost", which is no flag in the definitions`},
		"no chain": {
			one(`{"type":"flag","key":"f","operator":"flag_evaluates_to","value":true}`),
			`flag "f": filters.groups[0].properties[0].dependency_chain is empty: the flag is missing, or depends on itself`,
		},
		"a gap in the chain": {
			one(`{"type":"flag","key":"f","operator":"flag_evaluates_to","value":true,"dependency_chain":["f","ghost"]}`),
			`flag "f": filters.groups[0].properties[0].dependency_chain[1] is "ghost", which is no flag in the definitions`,
		},
		"a dependency's value":    {one(depends("f", "7")), `flag "f": filters.groups[0].properties[0].value is neither true nor false nor a variant`},
		"a dependency's operator": {one(`{"type":"flag","key":"f","value":true,"dependency_chain":["f"]}`), `flag "f": filters.groups[0].properties[0].operator is "", want "flag_evaluates_to"`},
		"a dependency on what depends on nothing": {
			document("", named("f", list(given("100", "", depends("g", "true"))), ""), named("g", list(given("100", "", depends("ghost", "true"))), "")),
			`flag "g": filters.groups[0].properties[0].key is "ghost", which is no flag in the definitions` + "\n" +
				`flag "f": filters.groups[0].properties[0] leads to a flag that depends on one that is missing, or on itself`,
		},
		"a flag on itself": {one(depends("f", "true")), `flag "f": filters.groups[0].properties[0] depends on the flag itself`},
		"a cohort in itself": {
			document(cohorts(`"9":` + anyOf(allOf(is("a", "b"), in("in", "9"))))), `cohort "9": values[0].values[1] refers back to where it is`,
		},
		"a leaf of a cohort": {document(cohorts(`"9":` + anyOf(person("p", "like", "1")))), `cohort "9": values[0].operator is "like", which a filter on a property cannot have`},
		"nothing at all":     {document(cohorts(`"9":`+anyOf(is("p", "1"))), named("f", list(given("100", "", in("in", "9"))), ""), named("g", list(given("100", "", depends("f", "false"))), "")), ""},
		"what Parse found":   {document("", named("f", `[7]`, "")), `flag "f": filters.groups[0] is a number, want an object`},
		"a flag that is off": {`{"flags":[{"key":"f","active":false,"bucketing_identifier":"x","filters":{"groups":[]}}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			p := compiled(t, test.document)
			for _, problem := range p.Problems() {
				got = append(got, problem.String())
			}
			if text := strings.Join(got, "\n"); text != test.want {
				t.Errorf("got\n%s\nwant\n%s\nof %s", text, test.want, test.document)
			}
		})
	}
}

// What an engine or a time zone has to do with a problem is said as well.
func TestProblemsThatDependOnOptions(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ filter, want string }{
		"a pattern that the engine refuses too": {
			person("p", "regex", `"(?=x)"`),
			`value is "(?=x)", a regular expression that neither Go nor the engine in Options.Regexp runs as the server does`,
		},
		"an hour that the zone skips": {
			person("p", "is_date_after", `"2026-03-29 02:30:00"`), `value is "2026-03-29 02:30:00", a leap second, or a time that the zone in Options.Location skipped`,
		},
	} {
		d, err := flags.Parse([]byte(document("", named("f", list(given("100", "", test.filter)), ""))))
		if err != nil {
			t.Fatal(err)
		}
		problems := flags.Compile(d, flags.Options{Location: berlin, Regexp: refusing{}}).Problems()
		if want := `flag "f": filters.groups[0].properties[0].` + test.want; len(problems) != 1 || problems[0].String() != want {
			t.Errorf("%s: got %v, want %s", name, problems, want)
		}
	}
}

// refusing is an engine that has no pattern.
type refusing struct{}

func (refusing) Compile(string) (flags.RegexpPattern, error) {
	return nil, errors.New("not in this engine")
}

func TestOnlyTheLastOfSeveralFlagsCounts(t *testing.T) {
	t.Parallel()
	p := compiled(t, document("", named("a", list(all), ""), named("b", list(all), ""), named("a", list(nobody), ""), `{"active":true}`, `7`))
	s := user("user-1")
	var got []string
	for _, r := range p.EvaluateAll(&s, make([]flags.Result, 0, 1)) {
		got = append(got, r.Key+" "+valueOf(r))
	}
	if want := "b true, a false"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := valueOf(p.Evaluate("a", &s)); got != "false" {
		t.Errorf("a is %s, want false", got)
	}
	results := p.EvaluateKeys([]string{"a", "ghost", "b", "a"}, &s, []flags.Result{{Key: "first"}})
	got = nil
	for _, r := range results {
		got = append(got, r.Key+" "+valueOf(r))
	}
	if want := "first false, a false, ghost UnknownFlag, b true, a false"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
