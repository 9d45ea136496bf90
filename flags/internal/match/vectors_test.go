package match_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Proves FL-14, FL-15, FL-17, FL-18, FL-19, FL-23.
func TestTextOperatorsAnswerAsTheServerDoes(t *testing.T) {
	t.Parallel()
	const yes, no, open = match.Yes, match.No, match.Inconclusive
	for _, c := range []struct {
		name, operator, property, operand string
		version                           int
		want                              match.Outcome
		cause                             match.Cause
	}{
		{"P001 case does not matter", "exact", `"Gold"`, `"gold"`, 1, yes, 0},
		{"P002 lower case is no case folding", "exact", `"STRASSE"`, `"straße"`, 1, no, 0},
		{"P003 lower case is that of Unicode", "exact", `"ÉCOLE"`, `"école"`, 1, yes, 0},
		{"P004 a sigma that ends a word", "exact", `"ΣΊΣΥΦΟΣ"`, `"σίσυφος"`, 1, yes, 0},
		{"P005 a dotted capital I is two runes", "exact", `"İzmir"`, `"izmir"`, 1, no, 0},
		{"P006 a list is any of its members", "exact", `"pro"`, `["free","PRO"]`, 1, yes, 0},
		{"P007 an integer is its text", "exact", `25`, `"25"`, 1, yes, 0},
		{"P008 a float is not the text of an integer", "exact", `25.0`, `"25"`, 1, no, 0},
		{"P009 a float has the fewest digits", "exact", `2.50`, `"2.5"`, 1, yes, 0},
		{"P010 a small float has an exponent", "exact", `0.000001`, `"1e-6"`, 1, yes, 0},
		{"P011 an integer beyond uint64 is a float", "exact", `18446744073709551616`, `"1.8446744073709552e+19"`, 1, yes, 0},
		{"P012 the text of true is true", "exact", `true`, `"TRUE"`, 1, yes, 0},
		{"P013 1 does not say true", "exact", `1`, `true`, 1, no, 0},
		{"P014 whatever is not true is false", "exact", `"yes"`, `false`, 1, yes, 0},
		{"P015 unless equality is explicit", "exact", `"yes"`, `false`, 2, no, 0},
		{"P016 explicit inequality", "is_not", `"yes"`, `false`, 2, yes, 0},
		{"P017 null is not true", "exact", `null`, `false`, 1, yes, 0},
		{"P018 null is not the text false", "exact", `null`, `false`, 2, no, 0},
		{"P019 a list of true and false is not true", "exact", `"false"`, `["true","false"]`, 1, yes, 0},
		{"P020 and so misses true", "exact", `"true"`, `["true","false"]`, 1, no, 0},
		{"P021 explicit membership of true", "exact", `"true"`, `["true","false"]`, 2, yes, 0},
		{"P022 an empty list says true", "exact", `"x"`, `[]`, 1, no, 0},
		{"P023 an object is compact and sorted", "exact", `{"b":[1, 2],"a":null}`, `"{\"a\":null,\"b\":[1,2]}"`, 1, yes, 0},
		{"P025 no operator is exact", "", `"gold"`, `"GOLD"`, 1, yes, 0},
		{"P026 no operand", "exact", `"gold"`, ``, 1, open, match.MissingOperand},
		{"P027 null is set", "is_set", `null`, ``, 1, yes, 0},
		{"P029 0 is set", "is_not_set", `0`, ``, 1, no, 0},
		{"P030 null is not unset", "is_not_set", `null`, ``, 1, no, 0},
		{"P032 containing ignores case", "icontains", `"Ada@Example.ORG"`, `"@example.org"`, 1, yes, 0},
		{"P033 but only that of ASCII", "icontains", `"Ärger"`, `"är"`, 1, no, 0},
		{"P034 its negation as well", "not_icontains", `"Ärger"`, `"är"`, 1, yes, 0},
		{"P035 null has a text", "icontains", `null`, `"ul"`, 1, yes, 0},
		{"P036 any of several", "icontains_multi", `"Acme GmbH"`, `["ltd","gmbh"]`, 1, yes, 0},
		{"P037 none of several", "not_icontains_multi", `"Acme GmbH"`, `["ltd","GMBH"]`, 1, no, 0},
		{"P038 a prefix", "starts_with", `"EU-west"`, `"eu-"`, 1, yes, 0},
		{"P039 not a prefix", "not_starts_with", `"EU-west"`, `"us-"`, 1, yes, 0},
		{"P040 a suffix", "ends_with", `"report.PDF"`, `".pdf"`, 1, yes, 0},
		{"P041 not a suffix", "not_ends_with", `"report.PDF"`, `".pdf"`, 1, no, 0},
		{"P042 a pattern is searched for", "regex", `"build-1042"`, `"-10\\d\\d$"`, 1, yes, 0},
		{"P043 look-ahead", "regex", `"abc"`, `"a(?=b)"`, 1, open, match.UnsupportedPattern},
		{"P044 look-ahead is not negated either", "not_regex", `"abc"`, `"a(?=x)"`, 1, open, match.UnsupportedPattern},
		{"P045 an invalid pattern", "regex", `"a(b"`, `"("`, 1, no, 0},
		{"P046 is not negated either", "not_regex", `"a(b"`, `"("`, 1, no, 0},
		{"P047 a pattern that is not found", "not_regex", `"abc"`, `"^x"`, 1, yes, 0},
		{"P048 a pattern that is no string", "regex", `"abc"`, `5`, 1, open, match.BadOperand},
		{"P093 an operator of the future", "contains_any", `"x"`, `"x"`, 1, open, match.UnknownOperator},
		{"P094 an operator for flags", "flag_evaluates_to", `"x"`, `true`, 1, open, match.UnknownOperator},
		{"an operator for cohorts", "in", `"x"`, `1`, 1, open, match.UnknownOperator},
		{"names of operators have one case", "Exact", `"x"`, `"x"`, 1, open, match.UnknownOperator},
		{"a null operand is none", "is_not", `"x"`, `null`, 1, open, match.MissingOperand},
		{"an operand beyond numbers", "is_not", `"x"`, `1e999`, 1, open, match.BadOperand},
		{"an operand that is no JSON", "not_icontains", `"x"`, `{`, 1, open, match.BadOperand},
		{"is_set has no use for an operand", "is_set", `""`, `{`, 1, yes, 0},
		{"version 0 is the older rule", "exact", `"yes"`, `"False"`, 0, yes, 0},
		{"lists within lists say true", "exact", `[true,["TRUE",[]]]`, `[["true"]]`, 1, yes, 0},
		{"a list with another text is compared", "exact", `"true"`, `["true","maybe"]`, 1, yes, 0},
		{"an empty list says true in version 2 too", "exact", `true`, `[]`, 2, yes, 0},
		{"a list property has a text", "exact", `["a", 1]`, `"[\"a\",1]"`, 1, yes, 0},
		{"a list is not a member of itself", "exact", `["a"]`, `["a"]`, 1, no, 0},
		{"the negation of a list", "is_not", `"b"`, `["a","c"]`, 1, yes, 0},
		{"no needle is in nothing", "icontains_multi", `"x"`, `[]`, 1, no, 0},
		{"nothing is not in everything", "not_icontains_multi", `"x"`, `[]`, 1, yes, 0},
		{"one needle may stand alone", "icontains_multi", `"xyz"`, `"Y"`, 1, yes, 0},
		{"a list of needles is one text otherwise", "icontains", `"a"`, `["a"]`, 1, no, 0},
		{"every text contains the empty one", "icontains", `""`, `""`, 1, yes, 0},
		{"a number contains digits", "icontains", `12.50`, `2.5`, 1, yes, 0},
		{"a number begins with digits", "starts_with", `-7`, `"-"`, 1, yes, 0},
		{"a short text has no longer suffix", "ends_with", `"f"`, `"pdf"`, 1, no, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test, compileCause := compile(c.operator, c.operand, match.Options{Version: c.version})
			if compileCause != c.cause {
				t.Errorf("Compile(%s, %s): got cause %d, want %d", c.operator, c.operand, compileCause, c.cause)
			}
			got, cause := test.Match(parse(t, c.property), noon)
			if got != c.want || cause != c.cause {
				t.Errorf("%s %s %s, version %d: got %v, cause %d, want %v, cause %d",
					c.property, c.operator, c.operand, c.version, got, cause, c.want, c.cause)
			}
		})
	}
}
