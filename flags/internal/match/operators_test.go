package match_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// absent has every operator for properties, and what it makes of one that is known to be absent.
func absent() map[string]match.Outcome {
	return map[string]match.Outcome{
		"": match.No, "exact": match.No, "is_not": match.Yes, "is_set": match.No, "is_not_set": match.Yes,
		"icontains": match.No, "not_icontains": match.Yes, "icontains_multi": match.No, "not_icontains_multi": match.Yes,
		"starts_with": match.No, "not_starts_with": match.Yes, "ends_with": match.No, "not_ends_with": match.Yes,
		"regex": match.No, "not_regex": match.Yes,
		"gt": match.No, "gte": match.No, "lt": match.No, "lte": match.No, "min": match.No, "max": match.No,
		"between": match.No, "not_between": match.Yes,
		"is_date_exact": match.No, "is_date_before": match.No, "is_date_after": match.No,
		"semver_eq": match.No, "semver_neq": match.Yes, "semver_gt": match.No, "semver_gte": match.No, "semver_lt": match.No,
		"semver_lte": match.No, "semver_tilde": match.No, "semver_caret": match.No, "semver_wildcard": match.No,
	}
}

func operatorNames() []string {
	names := make([]string, 0, len(absent()))
	for name := range absent() {
		names = append(names, name)
	}
	return names
}

// Proves FL-14, FL-16.
func TestAPropertyKnownToBeAbsentSatisfiesNegativeOperatorsOnly(t *testing.T) {
	t.Parallel()
	for operator, want := range absent() {
		if got := match.Absent(operator); got != want {
			t.Errorf("Absent(%q): got %v, want %v", operator, got, want)
		}
	}
	for _, operator := range []string{"in", "not_in", "flag_evaluates_to", "contains_any", "IS_NOT"} {
		if got := match.Absent(operator); got != match.Inconclusive {
			t.Errorf("Absent(%q): got %v, want inconclusive", operator, got)
		}
	}
}

// Proves FL-15. An operator that needs an operand is open without one.
func TestNoOperatorGuessesItsOperand(t *testing.T) {
	t.Parallel()
	for _, operator := range operatorNames() {
		if operator == "is_set" || operator == "is_not_set" {
			continue
		}
		for _, operand := range []string{"", "  ", "null", " null "} {
			test, cause := compile(operator, operand, match.Options{})
			if cause != match.MissingOperand {
				t.Errorf("Compile(%s, %q): got cause %d, want MissingOperand", operator, operand, cause)
			}
			if got, cause := test.Match(match.ValueOf("x"), noon); got != match.Inconclusive || cause != match.MissingOperand {
				t.Errorf("%s with the operand %q: got %v, cause %d, want inconclusive, MissingOperand", operator, operand, got, cause)
			}
		}
	}
}

func TestOutcomesHaveNamesAndOpposites(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[match.Outcome][2]string{
		match.Yes: {"yes", "no"}, match.No: {"no", "yes"}, match.Inconclusive: {"inconclusive", "inconclusive"},
	} {
		if got := [2]string{outcome.String(), outcome.Not().String()}; got != want {
			t.Errorf("%d and its opposite: got %v, want %v", outcome, got, want)
		}
	}
}
