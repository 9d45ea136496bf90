// Package sample writes definitions documents for tests and benchmarks: as many flags as asked for, in the shape
// in which PostHog serves them, always the same bytes for the same arguments.
//
// It runs on the caller's goroutine and holds nothing. Nothing that ships imports it.
package sample

import "fmt"

// The kinds of flags that Document writes.
const (
	// Simple flags are a rollout without filters.
	Simple = "simple"
	// Filters flags have five filters on person properties, see [Person].
	Filters = "filters"
	// Multivariate flags have three variants with a payload each.
	Multivariate = "multivariate"
	// CohortMember flags are for the members of a cohort. The document has a cohort for every ten of them.
	CohortMember = "cohort"
	// Mixed takes the other kinds in turn, and flags on groups, flags that depend on another, and flags that are off.
	Mixed = "mixed"
)

// Kinds are the kinds that Document knows.
var Kinds = []string{Simple, Filters, Multivariate, CohortMember, Mixed}

// Document returns a definitions document with n flags of one kind. Flag i has the key that [Key] says. A kind
// that is not among [Kinds] counts as Mixed.
func Document(n int, kind string) []byte {
	dst := make([]byte, 0, 1024*(n+1))
	dst = append(dst, `{"flags":[`...)
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFlag(dst, i, kind)
	}
	dst = append(dst, `],"group_type_mapping":{"0":"company","1":"project"},"cohorts":{`...)
	for i := range cohorts(n, kind) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCohort(dst, i)
	}
	return append(dst, `},"minimal_flag_called_events":true,"property_matching_version":1}`...)
}

// Key is the key of a document's flag: Key(7) is "flag-0007".
func Key(i int) string { return fmt.Sprintf("flag-%04d", i) }

// Cohort is the id of a document's cohort: Cohort(0) is "1000".
func Cohort(i int) string { return fmt.Sprint(1000 + i) }

// Person returns properties that match every filter and every cohort of a document.
func Person() map[string]any {
	return map[string]any{
		"plan":    "pro",
		"email":   "ada@example.com",
		"seats":   40,
		"country": "DE",
		"beta":    true,
	}
}

// cohorts is how many cohorts a document has.
func cohorts(n int, kind string) int {
	switch kind {
	case Simple, Filters, Multivariate:
		return 0
	default:
		return (n + 9) / 10
	}
}
