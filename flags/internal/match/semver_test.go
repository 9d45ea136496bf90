package match_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Proves FL-22.
func TestVersionsAreComparedByPrecedence(t *testing.T) {
	t.Parallel()
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"P076, a v and a missing patch", "semver_gte", `"v2.4"`, `"2.4.0"`, match.Yes},
		{"P077, a number", "semver_eq", `2.4`, `"2.4.0"`, match.Yes},
		{"P078, a release is above its prereleases", "semver_gt", `"2.4.0"`, `"2.4.0-rc.2"`, match.Yes},
		{"P079, numeric identifiers", "semver_lt", `"2.4.0-rc.2"`, `"2.4.0-rc.10"`, match.Yes},
		{"P080, equality sees the build", "semver_eq", `"2.4.0+x"`, `"2.4.0"`, match.No},
		{"P081, an invalid property never matches", "semver_neq", `"latest"`, `"2.4.1"`, match.No},
		{"P082, an invalid filter", "semver_gt", `"3.0.0"`, `"two"`, match.Inconclusive},
		{"P083, an upper-case V", "semver_eq", `"V2.4.0"`, `"2.4.0"`, match.No},

		{"all are equal to themselves", "semver_eq", `"1.2.3-a.1+b.2"`, `"1.2.3-a.1+b.2"`, match.Yes},
		{"others are not", "semver_neq", `"1.2.4"`, `"1.2.3"`, match.Yes},
		{"gt is strict", "semver_gt", `"1.2.3"`, `"1.2.3"`, match.No},
		{"gte is not", "semver_gte", `"1.2.3"`, `"1.2.3"`, match.Yes},
		{"lt is strict", "semver_lt", `"1.2.3"`, `"1.2.3"`, match.No},
		{"lte is not", "semver_lte", `"1.2.3"`, `"1.2.3"`, match.Yes},
		{"minor versions are numbers", "semver_gt", `"1.10.0"`, `"1.9.9"`, match.Yes},
		{"leading zeros do not count", "semver_eq", `"01.002.0003"`, `"1.2.3"`, match.Yes},
		{"many of them neither", "semver_eq", `"1.000000000000000000000000000000002"`, `"1.2"`, match.Yes},
		{"the greatest number", "semver_gt", `"18446744073709551615.0.0"`, `"18446744073709551614"`, match.Yes},
		{"one above it", "semver_gt", `"18446744073709551616.0.0"`, `"1"`, match.No},
		{"white space around", "semver_eq", `" \t1.2.3\u00a0"`, `"1.2.3"`, match.Yes},
		{"white space after the v", "semver_eq", `"v 1.2.3"`, `"1.2.3"`, match.Yes},
		{"white space before the v", "semver_eq", `" v1.2.3"`, `"1.2.3"`, match.No},
		{"an integer", "semver_eq", `2`, `"2.0.0"`, match.Yes},
		{"a float that JSON writes with a zero", "semver_eq", `2.0`, `"2"`, match.Yes},
		{"two digits after the point are a number", "semver_eq", `2.04`, `"2.4.0"`, match.Yes},
		{"a number as the filter", "semver_eq", `"2.4"`, `2.4`, match.Yes},
		{"a build is above none", "semver_gt", `"1.0.0+0"`, `"1.0.0"`, match.Yes},
		{"builds are ordered", "semver_lt", `"1.0.0+2"`, `"1.0.0+10"`, match.Yes},
		{"numbers in builds may have leading zeros", "semver_lt", `"1.0.0+1"`, `"1.0.0+01"`, match.Yes},
		{"words in builds are above numbers", "semver_lt", `"1.0.0+99"`, `"1.0.0+a"`, match.Yes},
		{"precedence comes before the build", "semver_lt", `"1.0.0-a+z"`, `"1.0.0-b+a"`, match.Yes},
		{"a hyphen in a build", "semver_eq", `"1.0.0+a-b"`, `"1.0.0+a-b"`, match.Yes},
		{"identifiers of hyphens", "semver_lt", `"1.0.0--"`, `"1.0.0---"`, match.Yes},
		{"numbers longer than any integer", "semver_lt", `"1.0.0-99999999999999999999998"`, `"1.0.0-99999999999999999999999"`, match.Yes},
	})
	ascending := []string{
		"1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
		"1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-rc.1+1", "1.0.0", "1.0.0+0", "1.0.0+00", "1.0.0+1", "1.0.0+1.a", "1.0.0+01", "1.0.0+a", "1.0.1-a", "1.1.0", "2",
	}
	for i := 1; i < len(ascending); i++ {
		below, above := quoted(t, ascending[i-1]), quoted(t, ascending[i])
		compare(t, time.UTC, match.NoCause, []comparison{
			{"ascending", "semver_lt", below, above, match.Yes},
			{"descending", "semver_gt", above, below, match.Yes},
			{"different", "semver_neq", above, below, match.Yes},
		})
	}
}

// Proves FL-22.
func TestWhatIsNoVersion(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`""`, `"v"`, `"."`, `"1."`, `".1"`, `"1..2"`, `"1.2.3.4"`, `"vv1"`, `"1.2.x"`, `"-1"`, `-1`, `-2.5`, `1e21`, `1e-7`, `"~1.2"`, `">=1"`, `"1.2, 1.3"`,
		`"1. 2"`, `"1.2.3-"`, `"1.2.3+"`, `"1.2.3-+b"`, `"1.2.3-a..b"`, `"1.2.3-a."`, `"1.2.3-01"`, `"1.2.3-a_b"`, `"1.2.3-ä"`, `"1.2.3+a+b"`,
		`"1.2.3 -a"`, `"١.2.3"`, `true`, `[1,2,3]`, `["1.2.3"]`, `{"1":2}`,
	} {
		for _, operator := range []string{
			"semver_eq", "semver_neq", "semver_gt", "semver_gte", "semver_lt", "semver_lte", "semver_tilde", "semver_caret", "semver_wildcard",
		} {
			questions := []comparison{{"an invalid property matches nothing", operator, bad, `"1.2.3"`, match.No}}
			if operator != "semver_wildcard" || bad != `"1.2.x"` {
				questions = append(questions, comparison{"an invalid filter", operator, `"1.2.3"`, bad, match.Inconclusive})
			}
			compare(t, time.UTC, match.BadOperand, questions)
		}
	}
}

// Proves FL-22.
func TestRangesOfVersions(t *testing.T) {
	t.Parallel()
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"P084, an operator inside of the value", "semver_tilde", `"2.4.9"`, `"~2.4"`, match.Inconclusive},
		{"P085, ~2 is ~2.0.0", "semver_tilde", `"2.5.0"`, `"2"`, match.No},
		{"P086, a patch of 0.0 is another world", "semver_caret", `"0.0.4"`, `"0.0.3"`, match.No},
		{"P087, a prerelease is not admitted", "semver_caret", `"2.5.0-beta"`, `"2.4.0"`, match.No},
		{"P088, unless of the same release", "semver_caret", `"2.4.0-rc.3"`, `"2.4.0-rc.1"`, match.Yes},
		{"P089, another major version", "semver_wildcard", `"3.0.0"`, `"2.x.x"`, match.No},
		{"P090, no wildcard is a caret", "semver_wildcard", `"2.5.0"`, `"2.4"`, match.Yes},
		{"P091, on what is given", "semver_wildcard", `"0.9.0"`, `"0"`, match.Yes},
		{"P092, a wildcard inside", "semver_wildcard", `"2.4.3"`, `"2.*.3"`, match.Inconclusive},

		{"a tilde starts at its version", "semver_tilde", `"1.2.3"`, `"1.2.3"`, match.Yes},
		{"and not before", "semver_tilde", `"1.2.2"`, `"1.2.3"`, match.No},
		{"and lets patches in", "semver_tilde", `"1.2.99"`, `"1.2.3"`, match.Yes},
		{"and no minor versions", "semver_tilde", `"1.3.0"`, `"1.2.3"`, match.No},
		{"nor major ones", "semver_tilde", `"2.2.3"`, `"1.2.3"`, match.No},
		{"the greatest minor version", "semver_tilde", `"1.18446744073709551615.1"`, `"1.18446744073709551615"`, match.Yes},
		{"a prerelease before a tilde's", "semver_tilde", `"1.2.3-a"`, `"1.2.3-b"`, match.No},
		{"a later one", "semver_tilde", `"1.2.3-c"`, `"1.2.3-b"`, match.Yes},
		{"one of a later release", "semver_tilde", `"1.2.4-c"`, `"1.2.3-b"`, match.No},
		{"the release", "semver_tilde", `"1.2.3"`, `"1.2.3-b"`, match.Yes},
		{"builds do not matter", "semver_tilde", `"1.2.3+a"`, `"1.2.3+b"`, match.Yes},
		{"a caret lets minor versions in", "semver_caret", `"1.9.0"`, `"1.2.3"`, match.Yes},
		{"and none before", "semver_caret", `"1.2.2"`, `"1.2.3"`, match.No},
		{"and no major ones", "semver_caret", `"2.0.0"`, `"1.2.3"`, match.No},
		{"a caret on a minor version", "semver_caret", `"0.2.9"`, `"0.2.3"`, match.Yes},
		{"the next minor version", "semver_caret", `"0.3.0"`, `"0.2.3"`, match.No},
		{"^0 is =0.0.0", "semver_caret", `"0.0.1"`, `"0"`, match.No},
		{"and that", "semver_caret", `"0.0.0"`, `"0"`, match.Yes},
		{"a number as the filter", "semver_caret", `"2.9"`, `2.4`, match.Yes},
		{"one star is all releases", "semver_wildcard", `"7.8.9"`, `"*"`, match.Yes},
		{"and no prereleases", "semver_wildcard", `"7.8.9-a"`, `"*"`, match.No},
		{"not even of the first version", "semver_wildcard", `"0.0.0-a"`, `"*"`, match.No},
		{"nor of the version that starts a range", "semver_tilde", `"1.2.3-a"`, `"1.2.3"`, match.No},
		{"x is a star", "semver_wildcard", `"7.8.9"`, `"x"`, match.Yes},
		{"so is X", "semver_wildcard", `"7.8.9"`, `"7.X"`, match.Yes},
		{"two stars and no number", "semver_wildcard", `"7.8.9"`, `"*.*"`, match.Inconclusive},
		{"a number after a star", "semver_wildcard", `"7.8.9"`, `"*.8"`, match.Inconclusive},
		{"a star for the patch", "semver_wildcard", `"2.4.9"`, `"2.4.*"`, match.Yes},
		{"another minor version", "semver_wildcard", `"2.5.0"`, `"2.4.*"`, match.No},
		{"minor version 0", "semver_wildcard", `"0.0.9"`, `"0.0.x"`, match.Yes},
		{"four numbers", "semver_wildcard", `"1.2.3"`, `"1.2.3.*"`, match.Inconclusive},
		{"a v and zeros", "semver_wildcard", `"2.4.9"`, `" 02.04.x "`, match.Yes},
		{"a v before a wildcard", "semver_wildcard", `"2.4.9"`, `"v2.x"`, match.Yes},
		{"a star with a prerelease", "semver_wildcard", `"2.4.9"`, `"2.*-a"`, match.Inconclusive},
		{"a star alone with a build", "semver_wildcard", `"2.4.9"`, `"*+a"`, match.Inconclusive},
		{"a prerelease of two numbers", "semver_wildcard", `"2.4.9"`, `"2.4-a"`, match.Inconclusive},
		{"a prerelease of three numbers", "semver_wildcard", `"2.4.0-b"`, `"2.4.0-a"`, match.Yes},
		{"an invalid prerelease", "semver_wildcard", `"2.4.0-b"`, `"2.4.0-01"`, match.Inconclusive},
		{"a caret on 0.0", "semver_wildcard", `"0.1.0"`, `"0.0"`, match.No},
		{"within it", "semver_wildcard", `"0.0.7"`, `"0.0"`, match.Yes},
		{"a caret on 0.2", "semver_wildcard", `"0.2.7"`, `"0.2"`, match.Yes},
		{"a caret on 0.0.3", "semver_wildcard", `"0.0.4"`, `"0.0.3"`, match.No},
		{"a wildcard is no version elsewhere", "semver_caret", `"2.4.9"`, `"2.x"`, match.Inconclusive},
	})
}
