package flags_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// complete is a subject of whom everything is known.
func complete(s flags.Subject) flags.Subject {
	s.Complete = true
	return s
}

// Somebody of whom everything is known gets the server's answer.
//
// Proves FL-09, FL-10, FL-16 and FL-26.
func TestACompleteSubject(t *testing.T) {
	t.Parallel()
	one := func(conditions, filters string) string { return document("", named(redesign, conditions, filters)) }
	property := func(operator, value string) string {
		return one(list(given("100", "", person("plan", operator, value))), "")
	}
	company := `"aggregation_group_type_index":0`
	onDevice := func(filters string) string {
		return document("", `{"key":"beta","active":true,"bucketing_identifier":"device_id","filters":`+filters+`}`)
	}
	held := `"holdout":{"id":7,"exclusion_percentage":95},`
	continuity := `{"flags":[{"key":"checkout-redesign","active":true,"ensure_experience_continuity":true,` +
		`"filters":{"groups":[{"rollout_percentage":50}]}}]}`
	known := complete(user("user-1"))
	known.HashIDs = map[string]string{redesign: "user-2"}
	locally := known
	locally.Complete = false
	circle := cohorts(`"9":`+anyOf(in("in", "10"), is("plan", "pro")), `"10":`+anyOf(in("in", "9")), `"11":`+anyOf(in("in", "9"), is("plan", "pro")),
		`"12":`+anyOf(depends("sure", "true")))
	cyclic := func(operator, id string) string {
		return document(circle, named(redesign, list(given("100", "", in(operator, id))), ""), named("sure", list(given("100", "", in("in", "9")), all), ""))
	}
	metadata := given("100", "", `{"type":"person_metadata","key":"created_at","operator":"is_not_set"}`)
	knot := document("",
		named("a", list(all, given("100", "", depends("b", "true"))), ""), named("b", list(given("100", "", depends("a", "true"))), ""),
		named("c", list(all, given("100", "", depends("a", "false"))), ""), named("d", list(given("100", "", depends("ghost", "true"))), ""),
		`{"key":"e","active":false,"filters":{"groups":[{"properties":[`+depends("ghost", "true")+`]}]}}`,
		named("f", list(given("100", "", depends("e", "false"))), ""))
	ask(t, map[string]question{
		"what is absent is not exact":              {property("exact", `"pro"`), "", complete(user("user-1")), "false no_condition_match 0"},
		"what is absent is not":                    {property("is_not", `"pro"`), "", complete(user("user-1")), "true"},
		"what is absent is not set":                {property("is_not_set", `null`), "", complete(user("user-1")), "true"},
		"what is absent is not set, so not set":    {property("is_set", `null`), "", complete(user("user-1")), "false"},
		"what nobody understands stays open":       {property("future_op", `"pro"`), "", complete(user("user-1")), "UnknownOperator"},
		"so does what Go cannot run":               {property("regex", `"a(?=b)"`), "", complete(user("user-1")), "UnsupportedPattern"},
		"so does what cannot be read":              {property("gt", `"five"`), "", complete(user("user-1")), "MalformedFilter"},
		"metadata that is absent":                  {one(list(metadata), ""), "", complete(user("user-1")), "true"},
		"without a distinct id, all are in":        {one(list(nobody), ""), "", complete(user("")), "true condition_match 0"},
		"without a distinct id, the first variant": {one(list(all), colours), "", complete(user("")), `"control"`},
		"a holdout hashes nobody":                  {one(list(all), `"holdout":{"id":7,"exclusion_percentage":92}`), "", complete(user("")), "true"},
		"a holdout has nobody":                     {one(list(all), `"holdout":{"id":7,"exclusion_percentage":93}`), "", complete(user("")), `"holdout-7"`},
		"a holdout has no missing group":           {one(list(all), held+company), "", complete(user("user-1")), "false no_group_type 0"},
		"a holdout has no missing device":          {onDevice(`{` + held + `"groups":[{}]}`), "beta", complete(user("user-1")), "false out_of_rollout_bound 0"},
		"without a device, the filters come first": {onDevice(`{"groups":[{"properties":[` + is("plan", "pro") + `]}]}`), "beta", complete(user("user-1")), "false no_condition_match 0"},
		"without a device, in no rollout of 100 %": {onDevice(`{"early_exit":true,"groups":[{},{"aggregation_group_type_index":0}]}`), "beta", complete(of("acme")), "false out_of_rollout_bound 0"},
		"no group of the flag's type":              {one(list(all), company), "", complete(user("user-1")), "false no_group_type 0"},
		"a holdout of a group type without a name": {
			`{"flags":[` + named(redesign, list(given("100", `"aggregation_group_type_index":null`)), held+company) + `]}`, "", complete(user("user-1")), "UnknownGroupType",
		},
		"a group type without a name":                {`{"flags":[` + named(redesign, list(all), company) + `]}`, "", complete(of("acme")), "UnknownGroupType"},
		"continuity is known":                        {continuity, "", known, "true"},
		"continuity is known to who is not complete": {continuity, "", locally, "true"},
		"continuity without a first identifier":      {continuity, "", complete(user("user-1")), "false"},
		"enrollment is absent, so the rest decides":  {one(list(all), `"feature_enrollment":true`), "", complete(user("user-1")), "true condition_match 0"},
		"a cohort that is not defined":               {document("", named(redesign, list(given("100", "", in("in", "9"))), "")), "", complete(user("user-1")), "UnknownCohort"},
		"a cohort in a circle":                       {cyclic("in", "9"), "", complete(with(properties{"plan": "pro"})), "false"},
		"not in a cohort in a circle":                {cyclic("not_in", "10"), "", complete(user("user-1")), "false"},
		"a cohort that leads to a circle":            {cyclic("in", "11"), "", complete(with(properties{"plan": "pro"})), "false"},
		"a cohort that leads to a flag that does":    {cyclic("in", "12"), "", complete(user("user-1")), "true"},
		"a flag that depends on itself":              {knot, "a", complete(user("user-1")), "false missing_dependency -1"},
		"a flag that leads to such a flag":           {knot, "c", complete(user("user-1")), "false missing_dependency -1"},
		"a flag that depends on a missing one":       {knot, "d", complete(user("user-1")), "false missing_dependency -1"},
		"a flag that is off has no dependency":       {knot, "e", complete(user("user-1")), "false flag_disabled -1"},
		"nor who depends on it":                      {knot, "f", complete(user("user-1")), "true condition_match 0"},
	})
}
