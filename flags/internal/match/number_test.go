package match_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Proves FL-20.
func TestNumbersAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"P049, numeric and not lexicographic", "gt", `"100"`, `"20"`, match.Yes},
		{"P050, digits may be on one side of the dot only", "lt", `".5"`, `"1."`, match.Yes},
		{"P051, a bad property is a definite miss", "lt", `"abc"`, `"5"`, match.No},
		{"P052, a malformed filter", "gt", `5`, `"five"`, match.Inconclusive},
		{"P053, no hexadecimal digits", "gt", `"0x10"`, `"1"`, match.No},
		{"P054, no underscores", "gt", `"1_000"`, `"1"`, match.No},
		{"P055, too large to be finite", "lt", `"1e999"`, `"5"`, match.No},
		{"P056, equal once rounded to binary64", "gt", `9007199254740993`, `"9007199254740992"`, match.No},
		{"P057, min is gte", "min", `10`, `"10"`, match.Yes},
		{"P058, max is lte", "max", `11`, `"10"`, match.No},
		{"P060, numbers and strings may be mixed", "between", `"15"`, `[10,"20"]`, match.Yes},
		{"P061, a bad property matches no negation", "not_between", `"n/a"`, `[10,20]`, match.No},
		{"P062, reversed bounds", "not_between", `15`, `[20,10]`, match.Inconclusive},
		{"P063, three bounds", "between", `5`, `[0,10,20]`, match.Inconclusive},

		{"gt is strict", "gt", `5`, `5`, match.No},
		{"gte is not", "gte", `5`, `"5.0"`, match.Yes},
		{"lt is strict", "lt", `"5e0"`, `5`, match.No},
		{"lte is not", "lte", `5.0`, `5`, match.Yes},
		{"min misses below", "min", `9`, `10`, match.No},
		{"max matches below", "max", `9`, `10`, match.Yes},
		{"the low bound belongs to the interval", "between", `10`, `[10,20]`, match.Yes},
		{"so does the high one", "not_between", `20`, `[10,20]`, match.No},
		{"outside", "not_between", `20.5`, `[10,20]`, match.Yes},
		{"an interval of one number", "between", `10`, `[10,10]`, match.Yes},
		{"one bound", "between", `5`, `[0]`, match.Inconclusive},
		{"bounds in a string", "between", `5`, `"[0,10]"`, match.Inconclusive},
		{"a bound that is no number", "between", `5`, `[0,null]`, match.Inconclusive},
		{"integers beyond int64", "gt", `18446744073709551615`, `9223372036854775807`, match.Yes},
		{"negative zero is zero", "gte", `-0.0`, `0`, match.Yes},
		{"a negative integer", "lt", `-1`, `-0.5`, match.Yes},
		{"a sign", "lt", `"-1"`, `"+1"`, match.Yes},
		{"too small is zero", "lte", `"1e-999"`, `0`, match.Yes},
		{"a filter that is too large", "lt", `5`, `"1e999"`, match.Inconclusive},
		{"a boolean filter", "gt", `5`, `true`, match.Inconclusive},
		{"a list as the filter", "gt", `5`, `[1]`, match.Inconclusive},
	})
	compare(t, time.UTC, match.MissingOperand, []comparison{{"a null filter", "gt", `5`, `null`, match.Inconclusive}})
	compare(t, time.UTC, match.NoCause, []comparison{{"null is no number", "lt", `null`, `5`, match.No}})
	for _, bad := range []string{
		`true`, `""`, `" 1"`, `"1 "`, `"."`, `"+"`, `"-.e1"`, `"e1"`, `"1e"`, `"1e+"`, `"1e1.5"`, `"1.2.3"`, `"--1"`, `"1,000"`,
		`"Inf"`, `"infinity"`, `"NaN"`, `"0b1"`, `"0x1p4"`, `"1f"`, `"١"`, `[1]`, `{"a":1}`,
	} {
		for _, operator := range []string{"gt", "gte", "min", "lt", "lte", "max"} {
			compare(t, time.UTC, match.BadOperand, []comparison{
				{"no number matches nothing", operator, bad, `0`, match.No},
				{"no number is a malformed filter", operator, `0`, bad, match.Inconclusive},
			})
		}
	}
}
