package flags_test

import (
	"fmt"
	"strings"
	"testing"
)

// Proves FL-26.
func TestDependencies(t *testing.T) {
	t.Parallel()
	pair := func(filter, dependency string) string {
		return document("", named(redesign, list(given("100", "", filter)), ""), dependency)
	}
	on, off := named("dep", list(all), ""), named("dep", list(nobody), "")
	variant := func(key string) string {
		return named("dep", list(given("100", `"variant":"`+key+`"`)),
			`"multivariate":{"variants":[{"key":"`+key+`","rollout_percentage":100}]}`)
	}
	inactive := `{"key":"dep","active":false,"filters":{"groups":[{}]}}`
	unsure := named("dep", list(given("100", "", is("plan", "pro"))), "")
	operator := `{"type":"flag","key":"dep","operator":"exact","value":true,"dependency_chain":["dep"]}`
	chain := func(keys string) string {
		return `{"type":"flag","key":"dep","operator":"flag_evaluates_to","value":true,"dependency_chain":` + keys + `}`
	}
	ask(t, map[string]question{
		"D01":                    {pair(depends("dep", "true"), on), "", user("user-1"), "true"},
		"D01, a variant":         {pair(depends("dep", "true"), variant("blue")), "", user("user-1"), "true"},
		"D01, false":             {pair(depends("dep", "true"), off), "", user("user-1"), "false"},
		"D02":                    {pair(depends("dep", "false"), on), "", user("user-1"), "false"},
		"D02, a variant":         {pair(depends("dep", "false"), variant("blue")), "", user("user-1"), "false"},
		"D02, false":             {pair(depends("dep", "false"), off), "", user("user-1"), "true"},
		"D03":                    {pair(depends("dep", `"blue"`), variant("blue")), "", user("user-1"), "true"},
		"D03, another case":      {pair(depends("dep", `"blue"`), variant("Blue")), "", user("user-1"), "false"},
		"D03, true":              {pair(depends("dep", `"blue"`), on), "", user("user-1"), "false"},
		"D03, no text":           {pair(depends("dep", `""`), on), "", user("user-1"), "false"},
		"D04":                    {pair(depends("dep", "false"), inactive), "", user("user-1"), "true"},
		"D05":                    {pair(depends("ghost", "true"), on), "", user("user-1"), "MissingDependency"},
		"D05, no chain":          {pair(chain(`[]`), on), "", user("user-1"), "MissingDependency"},
		"D05, absent":            {pair(chain(`null`), on), "", user("user-1"), "MissingDependency"},
		"D05, in the chain":      {pair(chain(`["ghost","dep"]`), on), "", user("user-1"), "MissingDependency"},
		"D05, self":              {pair(depends(redesign, "true"), on), "", user("user-1"), "DependencyCycle"},
		"D05, in a circle":       {pair(depends("dep", "true"), named("dep", list(given("100", "", depends(redesign, "true"))), "")), "", user("user-1"), "DependencyCycle"},
		"D05, the circle's rest": {pair(depends("dep", "true"), named("dep", list(given("100", "", depends(redesign, "true"))), "")), "dep", user("user-1"), "DependencyCycle"},
		"D06":                    {pair(depends("dep", "true"), unsure), "", user("user-1"), "Dependency (plan)"},
		"D07": {
			document("", named(redesign, list(given("100", "", depends("dep", "true"), is("tier", "a"))), ""), unsure), "",
			with(properties{"tier": "b"}), "false",
		},
		"D08":                       {pair(operator, on), "", user("user-1"), "UnknownOperator"},
		"D08, a value that is 1":    {pair(depends("dep", "1"), on), "", user("user-1"), "MalformedFilter"},
		"D08, a value that is null": {pair(depends("dep", "null"), on), "", user("user-1"), "MalformedFilter"},
		"D09": {
			document("", named("base", list(nobody), ""), named("mid", list(given("100", "", depends("base", "true"))), ""),
				named("top", list(given("100", "",
					`{"type":"flag","key":"mid","operator":"flag_evaluates_to","value":false,"dependency_chain":["base","mid"]}`)), "")),
			"top", user("user-1"), "true",
		},
		"a holdout is a variant": {
			pair(depends("dep", `"holdout-7"`), named("dep", list(all), `"holdout":{"id":7,"exclusion_percentage":100}`)), "", user("user-1"), "true",
		},
		"a flag in a cohort": {
			document(cohorts(`"9":`+anyOf(not(depends("dep", "true")))), named(redesign, list(given("100", "", in("in", "9"))), ""), off), "",
			user("user-1"), "true",
		},
		"a circle through a cohort": {
			document(cohorts(`"9":`+anyOf(depends(redesign, "true"))), named(redesign, list(given("100", "", in("in", "9"))), "")), "",
			user("user-1"), "DependencyCycle",
		},
		"a circle that is cut by a flag that is off": {
			pair(depends("dep", "false"), `{"key":"dep","active":false,"filters":{"groups":[{"properties":[`+depends(redesign, "true")+`]}]}}`), "",
			user("user-1"), "true",
		},
	})
}

// Proves FL-27.
func TestADependencySeesTheWholeSubject(t *testing.T) {
	t.Parallel()
	s := of("acme")
	s.DeviceID = "dev-5f1"
	s.Groups[0].Properties = properties{"seats": 11}
	ask(t, map[string]question{
		"groups and devices": {
			document("", named(redesign, list(given("100", "", depends("beta", "true"), depends("wide", "true"))), ""),
				`{"key":"beta","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{"rollout_percentage":25}]}}`,
				named("wide", list(given("100", "", `{"key":"seats","operator":"gt","value":10}`)), `"aggregation_group_type_index":0`)),
			"", s, "true",
		},
	})
}

// The server calls a flag off that depends on a missing one or on itself, whatever its conditions are. So no condition decides
// here: not one that matches, and not one that misses.
//
// Proves FL-26.
func TestNoConditionDecidesAboutAFlagWithoutItsDependencies(t *testing.T) {
	t.Parallel()
	ghost := depends("ghost", "true")
	lost := named("dep", list(all, given("100", "", ghost)), "")
	operator := func(key string) string {
		return `{"type":"flag","key":"` + key + `","operator":"exact","value":true,"dependency_chain":["` + key + `"]}`
	}
	flag := func(conditions, filters string, others ...string) string {
		return document(cohorts(`"9":`+anyOf(is("plan", "pro"), ghost)), append([]string{named(redesign, conditions, filters)}, others...)...)
	}
	free := with(properties{"plan": "free"})
	ask(t, map[string]question{
		"another condition matches":           {flag(list(all, given("100", "", ghost)), ""), "", user("user-1"), "MissingDependency"},
		"a filter beside it misses":           {flag(list(given("100", "", ghost, is("plan", "pro"))), ""), "", free, "MissingDependency"},
		"it is in a cohort":                   {flag(list(all, given("100", "", in("in", "9"))), ""), "", free, "MissingDependency"},
		"its operator is wrong as well":       {flag(list(all, given("100", "", operator("ghost"))), ""), "", user("user-1"), "MissingDependency"},
		"a dependency's dependency":           {flag(list(all, given("100", "", depends("dep", "false"))), "", lost), "", user("user-1"), "MissingDependency"},
		"its own dependent":                   {flag(list(all, given("100", "", depends(redesign, "true"))), ""), "", user("user-1"), "DependencyCycle"},
		"that with a wrong operator":          {flag(list(all, given("100", "", operator(redesign))), ""), "", user("user-1"), "DependencyCycle"},
		"a missing one is reported first":     {flag(list(all, given("100", "", depends(redesign, "true"), ghost)), ""), "", user("user-1"), "MissingDependency"},
		"before enrollment":                   {flag(list(given("100", "", ghost)), `"feature_enrollment":true`), "", with(properties{"$feature_enrollment/" + redesign: true}), "MissingDependency"},
		"before a holdout":                    {flag(list(given("100", "", ghost)), `"holdout":{"id":7,"exclusion_percentage":100}`), "", user("user-1"), "MissingDependency"},
		"a dependency that is merely open":    {flag(list(given("100", "", depends("dep", "true")), all), "", named("dep", list(pro), "")), "", user("user-1"), "true condition_match 1"},
		"a dependency that cannot be read is": {flag(list(given("100", "", depends("dep", "true")), all), "", named("dep", "[7]", "")), "", user("user-1"), "true condition_match 1"},
	})
}

// Proves FL-26.
func TestDependenciesAreNoDeeperThan64(t *testing.T) {
	t.Parallel()
	chain := func(below int) string {
		var definitions []string
		for i := range below {
			definitions = append(definitions, named(fmt.Sprint("f", i), list(given("100", "", depends(fmt.Sprint("f", i+1), "true"))), ""))
		}
		definitions = append(definitions, named(fmt.Sprint("f", below), list(all), ""))
		return document("", definitions...)
	}
	ask(t, map[string]question{
		"64 below each other":     {chain(64), "f0", user("user-1"), "true"},
		"65 below each other":     {chain(65), "f0", user("user-1"), "DependencyCycle"},
		"the upper ones of 66":    {chain(66), "f0", user("user-1"), "DependencyCycle"},
		"10,000 below each other": {chain(10_000), "f0", user("user-1"), "DependencyCycle"},
		"the lower ones":          {chain(10_000), "f9990", user("user-1"), "true"},
	})
}

// The answer within a circle of flags is the same wherever an evaluation begins, and in whatever order flags are asked.
//
// Proves FL-30.
func TestACircleHasOneAnswer(t *testing.T) {
	t.Parallel()
	// a and b depend on each other; b has another way to be on, which the server does not look at; c depends on both.
	definitions := []string{
		named("a", list(given("100", "", depends("b", "true"))), ""),
		named("b", list(given("100", "", depends("a", "true")), pro), ""),
		named("c", list(given("100", "", depends("a", "false"), depends("b", "true"))), ""),
	}
	s := with(properties{"plan": "pro"})
	want := map[string]string{"a": "DependencyCycle", "b": "DependencyCycle", "c": "DependencyCycle"}
	for _, order := range []string{"abc", "acb", "bac", "bca", "cab", "cba"} {
		var sorted []string
		for _, key := range order {
			sorted = append(sorted, definitions[key-'a'])
		}
		p := compiled(t, document("", sorted...))
		for _, keys := range []string{"abc", "cba", "bca"} {
			for _, r := range p.EvaluateKeys(strings.Split(keys, ""), &s, nil) {
				if got := valueOf(r); got != want[r.Key] {
					t.Errorf("%s is %s, want %s, in a document with %s, asked for %s", r.Key, got, want[r.Key], order, keys)
				}
			}
		}
	}
}
