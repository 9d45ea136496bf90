package regexp2_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/contrib/regexp2"
)

func TestPatternsThatBothEnginesHave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`a(?=b)`, "ab", true},
		{`a(?=b)`, "ac", false},
		{`a(?!b)`, "ab", false},
		{`a(?!b)`, "ac", true},
		{`(?<=@)example\.com$`, "ada@example.com", true},
		{`(?<=@)example\.com$`, "ada.example.com", false},
		{`(?<!@)example`, "@example", false},
		{`(?>a+)b`, "aaab", true},
		{`(?>a+)ab`, "aaab", false},
		{`^(\w)\1`, "abba", false},
		{`(\w)\1`, "oops", true},
		{`(?<first>.)\k<first>`, "abba", true},
		{`^\w+$`, "Ärger", true},
		{`^\d+$`, "٣٤", true},
		{`\bjour`, "bon jour", true},
		{`\bjour`, "éjour", false},
		{`(?i)ADA(?=@)`, "ada@example.com", true},
		{`(?s)a.(?=b)`, "a\nb", true},
		{`[a-z]+(?=\.com)`, "example.com", true},
	} {
		pattern, err := regexp2.Engine{}.Compile(c.pattern)
		if err != nil {
			t.Errorf("Compile(%q): %v", c.pattern, err)
			continue
		}
		if got, err := pattern.MatchString(c.text); err != nil || got != c.want {
			t.Errorf("%q in %q: got %t, %v; want %t", c.pattern, c.text, got, err, c.want)
		}
	}
}

func TestPatternsThatTheEnginesReadDifferently(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`[a&&b](?=c)`, `[a-z--b]`, `[a~~b]`, `[a-z-[aeiou]]`, `[[:alpha:]]`, `[[a]b]`, `[]a]`, `[^]a]`,
		`\h`, `\H(?=a)`, `\Ka`, `\Ga`, `\Za`, `\pL`, `\p{Greek}`, `\x41`, `\u0041`, `\cA`, `\e`, `\_`, `\10`, `\0`, `[\1]`, `[\b]`, `\k'a'`,
		`(?<a-b>c)`, `(?<1>a)\1`, `(?'a'b)`, `(?P<a>b)(?P=a)`, `(?(1)a|b)`, `(?#c)`, `(?x)a b`, `(?m)a$`, `(?n)a`, `(?U)a+`, `(?|a|b)`, `(?R)`,
		`(?<=a+)b`, `(?<=a|bc)d`, `(?<!a?)b`, `(?<=[ab])c`, `a\`, `(?`, `(?i`,
		`(?<a>b)(c)\1`, `(?i)(a)\1`, `a{,3}(?=b)`, `a{(?=b)`, `[a`,
	} {
		if _, err := (regexp2.Engine{}).Compile(pattern); err == nil {
			t.Errorf("Compile(%q) took it, want an error", pattern)
		}
	}
}

func TestTextsThatTheEnginesReadDifferently(t *testing.T) {
	t.Parallel()
	for pattern, text := range map[string]string{
		`a(?=b)|a$`:  "a\n",
		`(?i)é(?=a)`: "Éa",
		`\w(?=a)`:    "Ⅷa",
		`\b(?=a)`:    "\u200da",
		`\W(?=a)`:    "\xffa",
	} {
		compiled, err := regexp2.Engine{}.Compile(pattern)
		if err != nil {
			t.Fatalf("Compile(%q): %v", pattern, err)
		}
		if _, err := compiled.MatchString(text); !errors.Is(err, regexp2.ErrDifferent) {
			t.Errorf("%q in %q: got %v, want ErrDifferent", pattern, text, err)
		}
	}
}

func TestASearchIsGivenUp(t *testing.T) {
	t.Parallel()
	pattern, err := regexp2.Engine{Timeout: time.Nanosecond}.Compile(`^(a+)+(?=b)$`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pattern.MatchString(strings.Repeat("a", 64) + "!"); err == nil {
		t.Error("a search that takes for ever has ended by itself, want an error")
	}
}
