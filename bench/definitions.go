package main

import (
	"encoding/json"
	"fmt"
)

// The kinds of flags whose evaluation is measured.
const (
	rolloutFlags      = "rollout"      // a percentage of everybody
	filteredFlags     = "five filters" // five filters on person properties, all of which match
	multivariateFlags = "multivariate" // three variants with payloads
	cohortFlags       = "cohort"       // members of a cohort of four filters
	mixedFlags        = "mixed"        // all of these in turn
)

var flagKinds = []string{rolloutFlags, filteredFlags, multivariateFlags, cohortFlags}

// object is a JSON object.
type object = map[string]any

// flagKey is the key of a flag in a document.
func flagKey(i int) string { return fmt.Sprintf("flag-%04d", i) }

// subjectProperties are those of everybody who asks. They match every filter.
func subjectProperties() map[string]any {
	return map[string]any{"plan": "pro", "email": "ada@example.com", "seats": "40", "country": "DE", "beta": "yes"}
}

// definitions is a document with so many flags of one kind, as PostHog serves it.
func definitions(n int, kind string) []byte {
	list := make([]object, n)
	for i := range list {
		of := kind
		if kind == mixedFlags {
			of = flagKinds[i%len(flagKinds)]
		}
		list[i] = object{
			"id": i + 1, "team_id": 2, "name": "a flag for " + kind, "key": flagKey(i), "active": true, "deleted": false, "version": 3,
			"ensure_experience_continuity": false, "has_encrypted_payloads": false, "evaluation_runtime": "all",
			"bucketing_identifier": "distinct_id", "filters": rules(i, of),
		}
	}
	document, err := json.Marshal(object{
		"flags":              list,
		"group_type_mapping": object{"0": "company"},
		"cohorts": object{"7": object{"type": "OR", "values": []object{
			{"type": "AND", "values": []object{property("plan", "exact", "free"), property("country", "exact", "FR")}},
			{"type": "AND", "values": []object{property("email", "icontains", "@example.com"), property("country", "exact", "DE")}},
		}}},
	})
	if err != nil {
		return nil // maps, texts and numbers always have a JSON form
	}
	return document
}

// rules are the filters of flag i.
func rules(i int, kind string) object {
	condition := object{"properties": []object{}, "rollout_percentage": 100, "variant": nil}
	filters := object{"groups": []object{condition}, "multivariate": nil, "payloads": object{}}
	switch kind {
	case filteredFlags:
		condition["properties"] = []object{
			property("plan", "exact", []string{"pro", "enterprise"}), property("email", "icontains", "@example.com"), property("country", "exact", "DE"),
			property("beta", "is_set", "is_set"), property("seats", "regex", "^[0-9]+$"),
		}
	case multivariateFlags:
		filters["multivariate"] = object{"variants": []object{
			{"key": "control", "rollout_percentage": 34}, {"key": "blue", "rollout_percentage": 33}, {"key": "red", "rollout_percentage": 33},
		}}
		filters["payloads"] = object{"control": `{"colour":"none"}`, "blue": `{"colour":"#00f"}`, "red": `{"colour":"#f00"}`}
	case cohortFlags:
		condition["properties"] = []object{{"key": "id", "type": "cohort", "operator": "in", "value": 7}}
	default:
		condition["rollout_percentage"] = 10 + i%80
	}
	return filters
}

// property is a filter on a property of a person.
func property(key, operator string, value any) object {
	return object{"key": key, "type": "person", "operator": operator, "value": value, "negation": false}
}
