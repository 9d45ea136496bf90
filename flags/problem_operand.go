package flags

import (
	"encoding/json"
	"strings"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// operandProblem completes the sentence on the value of a filter that cannot be asked, on the compiler's goroutine: what
// the value is, and what its operator wants. engine says whether there is one for regular expressions.
func operandProblem(operator string, value json.RawMessage, cause match.Cause, engine bool) string {
	is := "is " + abbreviate(string(value)) + ", "
	switch cause {
	case match.MissingOperand:
		return "is absent, which the operator " + operator + " needs"
	case match.UnsupportedPattern:
		if engine {
			return is + "a regular expression that neither Go nor the engine in Options.Regexp runs as the server does"
		}
		return is + "a regular expression that Go cannot run as the server does; an engine in Options.Regexp may"
	case match.NonexistentTime:
		return is + "a leap second, or a time that the zone in Options.Location skipped"
	default:
		return is + "which the operator " + operator + " cannot compare with; want " + operandWanted(operator)
	}
}

// operandWanted is what the value of a filter with an operator must be.
func operandWanted(operator string) string {
	switch operator {
	case "gt", "gte", "lt", "lte", "min", "max":
		return "a number"
	case "between", "not_between":
		return "an array of two numbers, the lower one first"
	case "is_date_exact", "is_date_before", "is_date_after":
		return `a date such as "2026-03-31", or a relative one such as "-7d"`
	case "semver_wildcard":
		return `a version such as "1.2.*"`
	case "regex", "not_regex":
		return "a string"
	}
	if strings.HasPrefix(operator, "semver_") {
		return `a version such as "1.2.3"`
	}
	return "a value within the limits of JSON and of a float64"
}
