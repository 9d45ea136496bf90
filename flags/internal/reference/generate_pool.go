package reference

import (
	"slices"
	"time"
)

// family are operators on values of one kind, the properties that usually have such values, and operands.
type family struct {
	keys      []string
	operators []string
	operands  []string // as written in a document
	values    []any    // as a caller has them
}

func (f family) has(operator string) bool { return slices.Contains(f.operators, operator) }

// The order of families.
const (
	textFamily = iota
	numberFamily
	dateFamily
	semverFamily
)

var families = []family{
	textFamily: {
		keys: []string{"plan", "note", "email"},
		operators: []string{
			"", "exact", "is_not", "exact", "is_not", "is_set", "is_not_set", "icontains", "not_icontains", "icontains_multi", "not_icontains_multi",
			"starts_with", "not_starts_with", "ends_with", "not_ends_with", "regex", "not_regex", "regex", "not_regex",
		},
		operands: textOperands,
		values:   textValues,
	},
	numberFamily: {
		keys:      []string{"seats", "score"},
		operators: []string{"gt", "gte", "lt", "lte", "min", "max", "between", "not_between", "exact", "is_not"},
		operands:  numberOperands,
		values:    numberValues,
	},
	dateFamily: {
		keys:      []string{"signup", "seen"},
		operators: []string{"is_date_exact", "is_date_exact", "is_date_after", "is_date_before"},
		operands:  dateOperands,
		values:    dateValues,
	},
	semverFamily: {
		keys: []string{"app", "os"},
		operators: []string{
			"semver_eq", "semver_neq", "semver_gt", "semver_gte", "semver_lt", "semver_lte", "semver_tilde", "semver_caret", "semver_wildcard",
		},
		operands: semverOperands,
		values:   semverValues,
	},
}

// operandsOf are the operators that need operands of their own.
var operandsOf = map[string][]string{
	"regex": patternOperands, "not_regex": patternOperands, "between": boundOperands, "not_between": boundOperands,
	"semver_wildcard": wildcardOperands, "icontains_multi": listOperands, "not_icontains_multi": listOperands,
}

var variantPool = []string{
	`"multivariate":{"variants":[{"key":"control","rollout_percentage":33},{"key":"blue","rollout_percentage":33},{"key":"green","rollout_percentage":34}]}`,
	`"multivariate":{"variants":[{"key":"blue","rollout_percentage":50},{"key":"green","rollout_percentage":50}]}`,
	`"multivariate":{"variants":[{"key":"blue","rollout_percentage":10.5},{"key":"green","rollout_percentage":20}]}`,
	`"multivariate":{"variants":[{"key":"","rollout_percentage":40},{"key":"blue","rollout_percentage":60}]}`,
	`"multivariate":{"variants":[{"key":"green","rollout_percentage":0},{"key":"blue","rollout_percentage":100}]}`,
	`"multivariate":{"variants":[{"key":"control","rollout_percentage":0.5},{"key":"blue","rollout_percentage":1e2}]}`,
	`"multivariate":{"variants":[]}`, `"multivariate":{"variants":null}`, `"multivariate":null`, `"multivariate":{}`,
}

var payloadPool = []string{
	`"payloads":{"true":"{\"w\":1}","blue":"\"text\"","green":{"b":[1.50,2],"a":"<x>"},"control":"[]"}`,
	`"payloads":{"true":null,"blue":null,"green":""}`,
	`"payloads":{"true":5.0,"blue":true,"holdout-7":"held"}`,
	`"payloads":{"false":"never","blue":"ünï\n","true":"1"}`,
	`"payloads":{"true":[1, {"x" : null} ],"blue":"null"}`,
	`"payloads":{}`, `"payloads":null`,
}

// zones have summer time in different ways, or none. Nil is UTC.
var zones = []*time.Location{
	nil, time.UTC, zone("Asia/Kolkata"), zone("America/Los_Angeles"), zone("Europe/Berlin"), zone("Australia/Lord_Howe"),
	zone("America/Los_Angeles"), zone("Europe/Berlin"), zone("Australia/Lord_Howe"),
}

func zone(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return location
}

// clocks are times from which a look back lands in an interesting place.
var clocks = []time.Time{
	time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC),
	time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC),         // a day after half past one was twice in Los Angeles
	time.Date(2024, 2, 29, 23, 59, 59, 999_000, time.UTC), // a leap day
	time.Date(2026, 3, 8, 10, 30, 0, 0, time.UTC),         // half an hour after the gap in Los Angeles
}

// dayAfterGap are a day after a time that did not exist.
var dayAfterGap = map[string]time.Time{
	"America/Los_Angeles": time.Date(2026, 3, 9, 9, 30, 0, 0, time.UTC),
	"Europe/Berlin":       time.Date(2026, 3, 30, 0, 30, 0, 0, time.UTC),
	"Australia/Lord_Howe": time.Date(2026, 10, 4, 15, 15, 0, 0, time.UTC), // where the clocks move by half an hour
}
