package flags_test

import "testing"

// Where PostHog's own clients disagree with each other or with the server, these are the answers here.
//
// Proves C-03, C-04, C-05, C-06, C-07, C-08, C-09, C-10, C-11, C-14, C-15, C-16, C-17, C-18, C-19, C-26, C-27, C-28
// and C-29.
func TestWherePostHogsClientsDisagree(t *testing.T) {
	t.Parallel()
	const company, own = `"aggregation_group_type_index":0`, `"aggregation_group_type_index":0`
	one := func(conditions, filters string) string { return document("", named(redesign, conditions, filters)) }
	only := func(filters ...string) string { return one(list(given("100", "", filters...)), "") }
	member := func(root string) string {
		return document(cohorts(`"9":`+root), named(redesign, list(given("100", "", in("in", "9"))), ""))
	}
	plan := is("plan", "pro")
	acme := of("acme")
	acme.PersonProperties = properties{"plan": "pro"}
	acme.Groups[0].Properties = properties{"plan": "free"}
	ask(t, map[string]question{
		"C-03: a match beside a static cohort":       {member(anyOf(in("in", "77"), plan)), "", with(properties{"plan": "pro"}), "true"},
		"C-04: a miss before what is open":           {only(is("country", "DE"), plan), "", with(properties{"country": "FR"}), "false"},
		"C-04: a miss after what is open":            {only(plan, is("country", "DE")), "", with(properties{"country": "FR"}), "false"},
		"C-05: a flag about a group":                 {one(list(all), company), "", user("user-1"), "MissingGroup"},
		"C-05: a condition about a group":            {one(list(given("100", own)), ""), "", user("user-1"), "false no_group_type 0"},
		"C-06: an empty or":                          {member(anyOf()), "", user("user-1"), "false"},
		"C-06: an empty and":                         {member(allOf()), "", user("user-1"), "true"},
		"C-06: an empty definition":                  {member(`{}`), "", user("user-1"), "MalformedFilter"},
		"C-07: an early exit after an open one":      {one(list(pro, half, all), `"early_exit":true`), "", user("user-1"), "MissingProperty (plan)"},
		"C-08: an invalid pattern":                   {only(person("plan", "not_regex", `"("`)), "", with(properties{"plan": "pro"}), "false"},
		"C-08: look-ahead":                           {only(person("plan", "not_regex", `"a(?=b)"`)), "", with(properties{"plan": "pro"}), "UnsupportedPattern"},
		"C-09: a prerelease comes before":            {only(person("app", "semver_lt", `"2.4.0"`)), "", with(properties{"app": "2.4.0-rc.1"}), "true"},
		"C-09: leading zeros":                        {only(person("app", "semver_eq", `"2.4.0"`)), "", with(properties{"app": "02.04.0"}), "true"},
		"C-10: is_not_set of what is not given":      {only(person("plan", "is_not_set", `"x"`)), "", user("user-1"), "MissingProperty (plan)"},
		"C-11: null is there":                        {only(person("plan", "is_set", `"x"`)), "", with(properties{"plan": nil}), "true"},
		"C-11: null is text":                         {only(is("plan", "null")), "", with(properties{"plan": nil}), "true"},
		"C-14: equality by the older rule":           {only(person("plan", "exact", "false")), "", with(properties{"plan": "banana"}), "true"},
		"C-14: equality by the newer rule":           {versioned(only(person("plan", "exact", "false"))), "", with(properties{"plan": "banana"}), "false"},
		"C-15: a filter that is a number":            {only(person("seats", "gt", "10")), "", with(properties{"seats": "11"}), "true"},
		"C-15: a filter that is text":                {only(person("seats", "gt", `"10"`)), "", with(properties{"seats": 11}), "true"},
		"C-16: between beside other filters":         {only(plan, person("seats", "between", "[1,10]")), "", with(properties{"plan": "pro", "seats": 5}), "true"},
		"C-17: a float64 without a fraction":         {only(is("seats", "25")), "", with(properties{"seats": 25.0}), "true"},
		"C-18: nobody":                               {one(list(half), ""), "", user(""), "MissingDistinctID"},
		"C-19: 0 %":                                  {one(list(nobody), ""), "", user("user-2"), "false"},
		"C-26: a dependency with another operator":   {only(`{"type":"flag","key":"dep","operator":"exact","value":true,"dependency_chain":["dep"]}`), "", user("user-1"), "MissingDependency"},
		"C-27: super groups":                         {one(list(nobody), `"super_groups":[{"properties":[],"rollout_percentage":100}]`), "", user("user-1"), "false"},
		"C-28: a property with the name of a flag":   {only(person("$feature/other", "exact", `"true"`)), "", with(properties{"$feature/other": true}), "true"},
		"C-29: a person's filter in a group's place": {one(list(pro), company), "", acme, "true"},
	})
}
