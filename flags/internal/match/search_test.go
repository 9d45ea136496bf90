package match_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Proves FL-19.
func TestSearchesFindRepetitiveTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("A", 1<<16)
	for _, c := range []struct {
		operator, needle, text string
		want                   match.Outcome
	}{
		{"icontains", "aab", "aaab", match.Yes},
		{"icontains", "ababc", "abABababCab", match.Yes},
		{"icontains", "abcabd", "abcabcabD", match.Yes},
		{"icontains", "aabaaac", "aabaabaaacx", match.Yes},
		{"icontains", "aabaaac", "aabaabaaab", match.No},
		{"icontains", strings.Repeat("a", 1000) + "b", long, match.No},
		{"icontains", strings.Repeat("a", 1000) + "b", long + "B", match.Yes},
		{"icontains", "@[`{", "@[`{", match.Yes},
		{"icontains", "@", "`", match.No},
		{"icontains", "é", "É", match.No},
		{"icontains", "K", "\u212a", match.No},
		{"starts_with", "ab", "xab", match.No},
		{"ends_with", "ab", "abx", match.No},
		{"starts_with", "", "", match.Yes},
		{"ends_with", "AB", "ab", match.Yes},
	} {
		for operator, want := range map[string]match.Outcome{c.operator: c.want, "not_" + c.operator: c.want.Not()} {
			if got, _ := compiled(t, operator, quoted(t, c.needle)).Match(match.ValueOf(c.text), noon); got != want {
				t.Errorf("%.20q %s %.20q: got %v, want %v", c.text, operator, c.needle, got, want)
			}
		}
	}
}

// Proves FL-19.
func FuzzContains(f *testing.F) {
	f.Add("Ada@Example.ORG", "@example.org", "x")
	f.Add("aaaaaab", "aab", "")
	f.Add("Ärger", "är", "RGER")
	f.Add("null", "ULL", "n\x00")
	f.Fuzz(func(t *testing.T, text, needle, other string) {
		text, needle, other = strings.ToValidUTF8(text, "?"), strings.ToValidUTF8(needle, "?"), strings.ToValidUTF8(other, "?")
		foldedText, folded, foldedOther := slowFold(text), slowFold(needle), slowFold(other)
		one, both := quoted(t, needle), "["+quoted(t, needle)+","+quoted(t, other)+"]"
		for _, c := range []struct {
			operator, operand string
			want              bool
		}{
			{"icontains", one, strings.Contains(foldedText, folded)},
			{"icontains_multi", both, strings.Contains(foldedText, folded) || strings.Contains(foldedText, foldedOther)},
			{"starts_with", one, strings.HasPrefix(foldedText, folded)},
			{"ends_with", one, strings.HasSuffix(foldedText, folded)},
		} {
			for operator, want := range map[string]bool{c.operator: c.want, "not_" + c.operator: !c.want} {
				if got, _ := compiled(t, operator, c.operand).Match(match.ValueOf(text), noon); got != match.Of(want) {
					t.Errorf("%q %s %s: got %v, want %v", text, operator, c.operand, got, match.Of(want))
				}
			}
		}
	})
}
