package flags_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// The conditions that the vectors are made of.
var (
	all     = given("100", "")
	nobody  = given("0", "")
	half    = given("50", "")
	pro     = given("100", "", is("plan", "pro"))
	proOfDE = given("100", "", is("plan", "pro"), is("country", "DE"))
)

const colours = `"multivariate":{"variants":[{"key":"control","rollout_percentage":33},` +
	`{"key":"blue","rollout_percentage":33},{"key":"green","rollout_percentage":34}]},"payloads":{"blue":"{\"w\":2}"}`

// Proves FL-02, FL-03, FL-04, FL-05, FL-06, FL-07, FL-11 and FL-29.
func TestConditions(t *testing.T) {
	t.Parallel()
	one := func(conditions, filters string) string { return document("", named(redesign, conditions, filters)) }
	ask(t, map[string]question{
		"E01": {one(list(all), ""), "", user("user-1"), "true"},
		"E01, a flag that is off is false before anything else": {
			`{"flags":[{"key":"checkout-redesign","active":false,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}]}`,
			"", user("user-1"), "false flag_disabled -1",
		},
		"E02":         {one("[]", ""), "", user("user-1"), "false no_condition_match -1"},
		"E03":         {one(list(given("null", "")), ""), "", user("user-1"), "true condition_match 0"},
		"E04":         {one(list(half), ""), "", user("user-1"), "false out_of_rollout_bound 0"},
		"E04, user-2": {one(list(half), ""), "", user("user-2"), "true"},
		"E05":         {one(list(pro, all), ""), "", user("user-1"), "true condition_match 1"},
		"E06":         {one(list(pro, nobody), ""), "", user("user-1"), "MissingProperty (plan)"},
		"E07":         {one(list(pro, nobody), ""), "", with(properties{"plan": "free"}), "false out_of_rollout_bound 1"},
		"E08":         {one(list(half, all), `"early_exit":true`), "", user("user-1"), "false out_of_rollout_bound 0"},
		"E09":         {one(list(half, all), ""), "", user("user-1"), "true condition_match 1"},
		"E10": {
			one(list(given("0", "", is("plan", "pro")), all), `"early_exit":true`), "", with(properties{"plan": "free"}),
			"true condition_match 1",
		},
		"E11":         {one(list(pro, half, all), `"early_exit":true`), "", user("user-1"), "MissingProperty (plan)"},
		"E12":         {one(list(proOfDE), ""), "", with(properties{"country": "FR"}), "false no_condition_match 0"},
		"E13":         {one(list(proOfDE), ""), "", with(properties{"country": "DE"}), "MissingProperty (plan)"},
		"E14":         {one(list(given("100", `"variant":"green"`)), colours), "", user("user-1"), `"green"`},
		"E15":         {one(list(given("100", `"variant":"ghost"`)), colours), "", user("user-1"), `"blue" condition_match 0 {"w":2}`},
		"E15, user-2": {one(list(given("100", `"variant":"ghost"`)), colours), "", user("user-2"), `"blue"`},
		"E16":         {one(list(all, given("100", `"variant":"green"`)), colours), "", user("user-1"), `"blue"`},
		"E17": {
			one(list(all), `"multivariate":{"variants":[{"key":"a","rollout_percentage":10},{"key":"b","rollout_percentage":20}]},`+
				`"payloads":{"true":"7","a":"8"}`), "", user("user-1"), "true condition_match 0 7",
		},
		"E27":         {one(list(nobody), `"feature_enrollment":true`), "", enrolled("true"), "true super_condition_value 0"},
		"E27, out":    {one(list(all), `"feature_enrollment":true`), "", enrolled("false"), "false super_condition_value 0"},
		"E27, absent": {one(list(all), `"feature_enrollment":true`), "", user("user-1"), "MissingEnrollment ($feature_enrollment/checkout-redesign)"},
		"E27, true":   {one(list(nobody), `"feature_enrollment":true`), "", enrolled(true), "true"},
		"E27, True":   {one(list(all), `"feature_enrollment":true`), "", enrolled("True"), "false"},
		"E27, a payload": {
			one(list(nobody), `"feature_enrollment":true,"payloads":{"true":"[1]"},`+colours), "", enrolled(true),
			"true super_condition_value 0",
		},
		"E28":              {one(list(all), `"holdout":{"id":7,"exclusion_percentage":20}`), "", user("user-1"), `"holdout-7" holdout_condition_value -1`},
		"E28, user-5":      {one(list(all), `"holdout":{"id":7,"exclusion_percentage":20}`), "", user("user-5"), "true"},
		"a holdout of 0 %": {one(list(all), `"holdout":{"id":7,"exclusion_percentage":0}`), "", user("user-1"), "true"},
		"a holdout of all has people outside of every condition": {
			one("[]", `"holdout":{"id":7,"exclusion_percentage":100},"payloads":{"holdout-7":"x"}`), "", user("user-5"),
			`"holdout-7" holdout_condition_value -1 x`,
		},
		"a holdout that cannot be read": {one(list(all), `"holdout":{"id":7}`), "", user("user-1"), "MalformedHoldout"},
		"E29": {
			`{"flags":[{"key":"checkout-redesign","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}]}`,
			"", user("user-1"), "ExperienceContinuity",
		},
		"E30": {one(list(given("100", "", `{"type":"person_metadata","key":"created_at","operator":"is_set"}`)), ""), "", user("user-1"), "UnsupportedFilter"},
		"E31": {
			document("", named(redesign, list(given("100", "", person("plan", "future_op", `"x"`))), ""), named("other", list(all), "")),
			"", with(properties{"plan": "x"}), "UnknownOperator",
		},
		"E31, other": {
			document("", named(redesign, list(given("100", "", person("plan", "future_op", `"x"`))), ""), named("other", list(all), "")),
			"other", with(properties{"plan": "x"}), "true",
		},
		"E32":                        {document("", named("frac-rollout", list(given("0.1", "")), "")), "frac-rollout", user("user-147271"), "true"},
		"E32, user-177597":           {document("", named("frac-rollout", list(given("0.1", "")), "")), "frac-rollout", user("user-177597"), "false"},
		"E33":                        {one(list(all), `"version":2`), "", user("user-1"), "UnsupportedRules"},
		"a flag of version 1":        {one(list(all), `"version":1`), "", user("user-1"), "true"},
		"a flag nobody defined":      {one(list(all), ""), "ghost", user("user-1"), "UnknownFlag"},
		"a flag that cannot be read": {one(`[7]`, ""), "", user("user-1"), "Undecodable"},
		"nobody is in no rollout, not even of 100 %":  {one(list(all), ""), "", user(""), "MissingDistinctID"},
		"conditions of equal rank: the last one says": {one(list(pro, pro), ""), "", with(properties{"plan": "free"}), "false no_condition_match 1"},
		"a payload that is no string":                 {one(list(all), `"payloads":{"true":{"a": 1}}`), "", user("user-1"), `true condition_match 0 {"a": 1}`},
		"a payload that is null":                      {one(list(all), `"payloads":{"true":null}`), "", user("user-1"), "true condition_match 0"},
		"a rollout above 100 %":                       {one(list(given("250", "")), ""), "", user("user-1"), "true"},
		"a rollout below 0 %":                         {one(list(given("-1", "")), ""), "", user("user-1"), "false"},
	})
}

func enrolled(value any) flags.Subject {
	return with(properties{"$feature_enrollment/checkout-redesign": value})
}

// Proves FL-08, FL-09, FL-10 and FL-24.
func TestAggregations(t *testing.T) {
	t.Parallel()
	const company, own, none = `"aggregation_group_type_index":0`, `"aggregation_group_type_index":0`, `"aggregation_group_type_index":null`
	flag := func(key, conditions string) string { return document("", named(key, conditions, company)) }
	mixed := document("", named(redesign, list(given("100", own), given("100", none)), ""))
	mixedPro := document("", named(redesign, list(given("100", own), given("100", none, is("plan", "pro"))), ""))
	device := func(conditions string) string {
		return document("", `{"key":"beta","active":true,"bucketing_identifier":"device_id","filters":{"groups":`+conditions+`}}`)
	}
	dev := flags.Subject{DeviceID: "dev-5f1"}
	both := of("acme")
	both.PersonProperties = properties{"plan": "pro"}
	seats := given("100", "", `{"type":"group","key":"seats","operator":"gt","value":"10"}`)
	big := of("acme")
	big.Groups[0].Properties = properties{"seats": 11}
	ask(t, map[string]question{
		"E18":                         {flag("beta", list(given("75", ""))), "beta", of("acme"), "true"},
		"E18, a number":               {flag("beta", list(given("75", ""))), "beta", of(7), "false out_of_rollout_bound 0"},
		"E18, a number as JSON":       {flag("beta", list(given("75", ""))), "beta", of(7.0), "false"},
		"E18, the first group counts": {flag("beta", list(given("75", ""))), "beta", of("acme", 7), "true"},
		"E19":                         {flag(redesign, list(all)), "", user("user-1"), "MissingGroup"},
		"E19, an empty key":           {flag(redesign, list(all)), "", of(""), "MissingGroup"},
		"E19, a key that is none":     {flag(redesign, list(all)), "", of(true), "MissingGroup"},
		"E19, the first is unusable":  {flag(redesign, list(all)), "", of(nil, "acme"), "MissingGroup"},
		"E20":                         {flag(redesign, list(seats)), "", of("acme"), "MissingProperty (company.seats)"},
		"E20, with seats":             {flag(redesign, list(seats)), "", big, "true"},
		"E21": {
			object(`"flags":`+list(named(redesign, list(all), company)), `"group_type_mapping":{}`), "", of("acme"), "UnknownGroupType",
		},
		"E22":            {mixed, "", user("user-1"), "true condition_match 1"},
		"E23":            {mixedPro, "", with(properties{"plan": "free"}), "false no_condition_match 1"},
		"E24":            {flag(redesign, list(given("100", none, is("plan", "pro")))), "", with(properties{"plan": "pro"}), "true"},
		"E24, who":       {flag(redesign, list(given("50", none))), "", user("user-2"), "true"},
		"E24, who else":  {flag(redesign, list(given("50", none))), "", user("user-1"), "false"},
		"E25":            {device(list(given("25", ""))), "beta", dev, "true"},
		"E25, no device": {device(list(given("25", ""))), "beta", user("dev-5f1"), "MissingDevice"},
		"E26":            {device(list(given("100", none), given("100", own))), "beta", of("acme"), "true condition_match 1"},
		"a bucketing that nobody knows": {
			document("", `{"key":"beta","active":true,"bucketing_identifier":"session_id","filters":{"groups":[{}]}}`),
			"beta", dev, "UnsupportedBucketing",
		},
		"K14": {
			document(cohorts(`"9":`+anyOf(allOf(is("plan", "pro")))), named(redesign, list(given("100", "", in("in", "9"))), company)), "", both, "true",
		},
		"a filter on the person in a condition on a group": {flag(redesign, list(pro)), "", both, "true"},
		"a filter on a group in a condition on persons": {
			document("", named(redesign, list(given("100", "",
				`{"type":"group","group_type_index":0,"key":"seats","operator":"gt","value":10}`)), "")), "", big, "true",
		},
		"a filter on a group that the subject has none of": {
			document("", named(redesign, list(given("100", "",
				`{"type":"group","group_type_index":0,"key":"seats","operator":"gt","value":10}`)), "")), "", user("user-1"), "MissingGroup",
		},
		"a filter on no group in particular": {document("", named(redesign, list(seats), "")), "", big, "UnknownGroupType"},
		"the key is a property of the group": {
			flag(redesign, list(given("100", "", `{"key":"$group_key","value":"ACME"}`))), "", of("acme"), "true",
		},
		"the distinct id is a property of the person": {
			document("", named(redesign, list(given("100", "", `{"key":"distinct_id","value":"user-1"}`)), "")), "", user("user-1"), "true",
		},
		"unless it is given": {
			document("", named(redesign, list(given("100", "", `{"key":"distinct_id","value":"user-1"}`)), "")), "",
			with(properties{"distinct_id": nil}), "false",
		},
	})
}
