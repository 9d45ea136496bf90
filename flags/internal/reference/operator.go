package reference

import (
	"slices"
	"strings"
)

// test decides about a property that is there.
type test func(property any) verdict

// negative are the operators that an absent property satisfies, when its absence is certain.
var negative = map[string]bool{
	"is_not_set": true, "is_not": true, "not_icontains": true, "not_icontains_multi": true, "not_starts_with": true,
	"not_ends_with": true, "not_regex": true, "not_between": true, "semver_neq": true,
}

// test prepares an operator and its operand. Without a test the verdict says what is wrong with them.
func (e *evaluation) test(operator string, filter map[string]any) (test, verdict) {
	operand := filter["value"]
	switch operator {
	case "is_set":
		return func(any) verdict { return matches }, matches
	case "is_not_set":
		return func(any) verdict { return misses }, matches
	}
	if !slices.Contains(valueOperators, operator) {
		return nil, because(UnknownOperator)
	}
	if operand == nil || !representable(operand) {
		return nil, because(MalformedFilter)
	}
	switch operator {
	case "", "exact":
		return func(property any) verdict { return definite(equal(operand, property, e.document.explicit())) }, matches
	case "is_not":
		return func(property any) verdict { return definite(!equal(operand, property, e.document.explicit())) }, matches
	case "regex", "not_regex":
		return pattern(operator, operand)
	case "gt", "gte", "lt", "lte", "min", "max":
		return compareNumber(operator, operand)
	case "between", "not_between":
		return between(operator, operand)
	case "is_date_exact", "is_date_after", "is_date_before":
		return e.compareDate(operator, operand)
	}
	if strings.HasPrefix(operator, "semver_") {
		return compareSemver(operator, operand)
	}
	return search(operator, operand), matches
}

// valueOperators are those with an operand. None is exact.
var valueOperators = []string{
	"", "exact", "is_not", "icontains", "not_icontains", "icontains_multi", "not_icontains_multi", "starts_with",
	"not_starts_with", "ends_with", "not_ends_with", "regex", "not_regex", "gt", "gte", "lt", "lte", "min", "max",
	"between", "not_between", "is_date_exact", "is_date_after", "is_date_before", "semver_eq", "semver_neq", "semver_gt",
	"semver_gte", "semver_lt", "semver_lte", "semver_tilde", "semver_caret", "semver_wildcard",
}

// equal is the operator exact. What looks like a boolean is compared as one, unless equality is explicit.
func equal(operand, property any, explicit bool) bool {
	list, isList := operand.([]any)
	if isList && len(list) == 0 || !explicit && boolLike(operand) {
		return truthy(operand) == truthy(property)
	}
	if !isList {
		return lower(text(operand)) == lower(text(property))
	}
	for _, member := range list {
		if lower(text(member)) == lower(text(property)) {
			return true
		}
	}
	return false
}

func boolLike(value any) bool {
	switch v := value.(type) {
	case bool:
		return true
	case string:
		return lower(v) == "true" || lower(v) == "false"
	case []any:
		for _, member := range v {
			if !boolLike(member) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func truthy(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return lower(v) == "true"
	case []any:
		for _, member := range v {
			if !truthy(member) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// search is the family that looks for a text in a text, without regard to the case of ASCII letters.
func search(operator string, operand any) test {
	positive, negated := strings.CutPrefix(operator, "not_")
	needles := []any{operand}
	if list, ok := operand.([]any); ok && positive == "icontains_multi" {
		needles = list
	}
	found := map[string]func(string, string) bool{
		"icontains": strings.Contains, "icontains_multi": strings.Contains,
		"starts_with": strings.HasPrefix, "ends_with": strings.HasSuffix,
	}[positive]
	return func(property any) verdict {
		hit := false
		for _, needle := range needles {
			hit = hit || found(lowerASCII(text(property)), lowerASCII(text(needle)))
		}
		return definite(hit != negated)
	}
}
