package flags_test

import (
	"fmt"
	"strings"
	"testing"
)

func cohorts(definitions ...string) string {
	return `"cohorts":{` + strings.Join(definitions, ",") + `}`
}

func anyOf(children ...string) string { return `{"type":"OR","values":` + list(children...) + `}` }
func allOf(children ...string) string { return `{"type":"AND","values":` + list(children...) + `}` }

// not is a leaf with a negation.
func not(leaf string) string { return strings.TrimSuffix(leaf, "}") + `,"negation":true}` }

// Proves FL-24, FL-25, GO-26, GO-27 and GO-30.
func TestCohorts(t *testing.T) {
	t.Parallel()
	plan, country := is("plan", "pro"), is("country", "DE")
	member := func(operator string, definitions ...string) string {
		return document(cohorts(definitions...), named(redesign, list(given("100", "", in(operator, "9"))), ""))
	}
	nine := func(root string) string { return member("in", `"9":`+root) }
	static := with(properties{"plan": "free"})
	static.Cohorts = map[string]bool{"77": true, "9": true}
	gone := user("user-1")
	gone.Cohorts = map[string]bool{"77": false}
	ask(t, map[string]question{
		"K01":                    {nine(anyOf(allOf(plan))), "", with(properties{"plan": "PRO"}), "true"},
		"K01, free":              {nine(anyOf(allOf(plan))), "", with(properties{"plan": "free"}), "false"},
		"K01, none":              {nine(anyOf(allOf(plan))), "", user("user-1"), "MissingProperty (plan)"},
		"K02":                    {member("not_in", `"9":`+anyOf(allOf(plan))), "", with(properties{"plan": "PRO"}), "false"},
		"K02, free":              {member("not_in", `"9":`+anyOf(allOf(plan))), "", with(properties{"plan": "free"}), "true"},
		"K02, none":              {member("not_in", `"9":`+anyOf(allOf(plan))), "", user("user-1"), "MissingProperty (plan)"},
		"K03":                    {nine(anyOf(plan, country)), "", with(properties{"plan": "pro"}), "true"},
		"K04":                    {nine(anyOf(plan, country)), "", with(properties{"plan": "free"}), "MissingProperty (country)"},
		"K05":                    {nine(allOf(plan, country)), "", with(properties{"plan": "free"}), "false"},
		"K06":                    {nine(allOf(plan, country)), "", with(properties{"plan": "pro"}), "MissingProperty (country)"},
		"K07":                    {nine(anyOf(not(plan))), "", with(properties{"plan": "free"}), "true"},
		"K07, pro":               {nine(anyOf(not(plan))), "", with(properties{"plan": "pro"}), "false"},
		"K07, none":              {nine(anyOf(not(plan))), "", user("user-1"), "MissingProperty (plan)"},
		"K08":                    {nine(allOf(not(person("seats", "between", "[1,2,3]")))), "", with(properties{"seats": 2}), "MalformedFilter"},
		"K09":                    {member("not_in", `"9":{"type":"XOR","values":[`+plan+`]}`), "", with(properties{"plan": "pro"}), "MalformedFilter"},
		"K10":                    {member("in", `"9":`+anyOf(in("in", "10")), `"10":`+anyOf(in("in", "9"))), "", user("user-1"), "CohortCycle"},
		"K10, itself":            {nine(anyOf(in("in", "9"))), "", user("user-1"), "CohortCycle"},
		"K10, beside a match":    {nine(anyOf(in("in", "9"), plan)), "", with(properties{"plan": "pro"}), "true"},
		"K11":                    {nine(anyOf(in("in", "77"), plan)), "", with(properties{"plan": "pro"}), "true"},
		"K11, free":              {nine(anyOf(in("in", "77"), plan)), "", with(properties{"plan": "free"}), "UnknownCohort"},
		"K11, a known member":    {nine(anyOf(in("in", "77"), plan)), "", static, "true"},
		"K11, no member":         {nine(anyOf(in("not_in", "77"))), "", gone, "true"},
		"K11, only for static":   {nine(anyOf(plan)), "", static, "false"},
		"K12, OR":                {nine(anyOf()), "", user("user-1"), "false"},
		"K12, AND":               {nine(allOf()), "", user("user-1"), "true"},
		"K12, {}":                {nine(`{}`), "", user("user-1"), "MalformedFilter"},
		"K13":                    {nine(anyOf(`{"type":"person","value":"x"}`, plan)), "", with(properties{"plan": "pro"}), "true"},
		"K13, free":              {nine(anyOf(`{"type":"person","value":"x"}`, plan)), "", with(properties{"plan": "free"}), "MalformedFilter"},
		"K15":                    {nine(anyOf(person("fruit", "exact", "false"))), "", with(properties{"fruit": "banana"}), "true"},
		"K15, version 2":         {versioned(nine(anyOf(person("fruit", "exact", "false")))), "", with(properties{"fruit": "banana"}), "false"},
		"an old type":            {nine(`{"type":"property","values":[` + plan + `]}`), "", with(properties{"plan": "free"}), "false"},
		"a group beside a leaf":  {nine(anyOf(plan, allOf(country))), "", with(properties{"plan": "free", "country": "DE"}), "true"},
		"what cohorts know not":  {nine(anyOf(`{"type":"behavioral","key":"x","value":"y"}`)), "", user("user-1"), "UnsupportedFilter"},
		"a nested one, negated":  {member("in", `"9":`+allOf(not(in("in", "10"))), `"10":`+anyOf(plan)), "", with(properties{"plan": "free"}), "true"},
		"an id that is a string": {document(cohorts(`"9":`+allOf()), named(redesign, list(given("100", "", in("in", `"9"`))), "")), "", user("user-1"), "true"},
		"an id that is none":     {document(cohorts(), named(redesign, list(given("100", "", in("in", `9.5`))), "")), "", user("user-1"), "MalformedFilter"},
		"an operator of texts":   {member("icontains", `"9":`+allOf()), "", user("user-1"), "UnknownOperator"},
		"what is missing is what is open": {
			nine(anyOf(allOf(is("a", "1"), plan), allOf(is("b", "1"), country))), "", with(properties{"plan": "free"}),
			"MissingProperty (b, country)",
		},
	})
}

// Proves GO-28 and GO-29.
func TestCohortsAmongFilters(t *testing.T) {
	t.Parallel()
	customers, europeans := `"9":`+anyOf(allOf(is("plan", "pro"))), `"10":`+anyOf(is("country", "DE"), is("country", "FR"))
	flag := func(conditions ...string) string {
		return document(cohorts(customers, europeans), named(redesign, list(conditions...), ""))
	}
	both := flag(given("100", "", in("in", "9"), in("in", "10")))
	either := flag(given("100", "", in("in", "9")), given("100", "", in("in", "10")))
	beside := flag(given("100", "", is("beta", "true"), in("in", "9"), in("not_in", "10")))
	ask(t, map[string]question{
		"two cohorts of one condition, in both":      {both, "", with(properties{"plan": "pro", "country": "FR"}), "true"},
		"two cohorts of one condition, in the first": {both, "", with(properties{"plan": "pro", "country": "US"}), "false"},
		"two cohorts of one condition, in the last":  {both, "", with(properties{"plan": "free", "country": "FR"}), "false"},
		"a cohort for each condition, in the first":  {either, "", with(properties{"plan": "pro", "country": "US"}), "true condition_match 0"},
		"a cohort for each condition, in the last":   {either, "", with(properties{"plan": "free", "country": "FR"}), "true condition_match 1"},
		"a cohort for each condition, in none":       {either, "", with(properties{"plan": "free", "country": "US"}), "false"},
		"beside a filter, everything as it should be": {
			beside, "", with(properties{"beta": true, "plan": "pro", "country": "US"}), "true",
		},
		"beside a filter that does not match": {
			beside, "", with(properties{"beta": false, "plan": "pro", "country": "US"}), "false",
		},
		"beside a filter, in a cohort that is excluded": {
			beside, "", with(properties{"beta": true, "plan": "pro", "country": "FR"}), "false",
		},
		"beside a filter, with what the cohort needs unknown": {
			beside, "", with(properties{"beta": true, "country": "US"}), "MissingProperty (plan)",
		},
	})
}

func versioned(document string) string {
	return strings.Replace(document, `{`, `{"property_matching_version":2,`, 1)
}

// Proves FL-24.
func TestCohortsAreNestedNoDeeperThan32(t *testing.T) {
	t.Parallel()
	chain := func(n int) string {
		var definitions []string
		for i := range n - 1 {
			definitions = append(definitions, fmt.Sprintf(`"%d":%s`, i, anyOf(in("in", fmt.Sprint(i+1)))))
		}
		definitions = append(definitions, fmt.Sprintf(`"%d":%s`, n-1, allOf()))
		return document(cohorts(definitions...), named(redesign, list(given("100", "", in("in", "0"))), ""))
	}
	ask(t, map[string]question{
		"32 cohorts":     {chain(32), "", user("user-1"), "true"},
		"33 cohorts":     {chain(33), "", user("user-1"), "CohortCycle"},
		"10,000 cohorts": {chain(10_000), "", user("user-1"), "CohortCycle"},
	})
}
