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
		{`(?<=a)b+`, "abb", true},
		{`(?:(?=a)\w)+$`, "aa", true},
		{`(^)*(?:a(?=b)|b){2,3}?$`, "ab", true},
		{`(?i)A(?-i:b)(?s-i:.)(?=d)`, "abcd", true},
		{`[*+?{]+(?=\))`, "*?{)", true},
		{`(?<=(a)(b))c*d`, "abccd", true},
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
		`(?<a>b)(c)\1`, `(?i)(a)\1`, `a{,3}(?=b)`, `a{(?=b)`, `a{1(?=b)`, `a{1,x}(?=b)`, `a{1,2,3}(?=b)`, `[a`,
		`(?=a)*b`, `(?!a)+`, `(?<=a){2}`, `^*(?=a)`, `$?`, `\b+a`, `\A{2}`, `(?:(?=a))*b`, `(?:^)+(?=a)`, `(?i:(?:\b))?`, `(?:)*(?=a)`,
		`(?<a>b)(?<a>c)(?=d)`, `(?)a(?=b)`, `(?-)a(?=b)`, `(?ii)a(?=b)`, `(?i-i:a)(?=b)`, `(?i)ſ(?=a)`, `(?i)[à-é](?=a)`,
	} {
		if _, err := (regexp2.Engine{}).Compile(pattern); !errors.Is(err, regexp2.ErrDifferent) {
			t.Errorf("Compile(%q): got %v, want ErrDifferent", pattern, err)
		}
	}
}

func TestTextsThatTheEnginesReadDifferently(t *testing.T) {
	t.Parallel()
	for pattern, text := range map[string]string{
		`\w(?=b)`:    "\u0345b",
		`\w(?=c)`:    "\u0488c",
		`\w(?=d)`:    "\U0001d165d",
		`a(?=b)|a$`:  "a\n",
		`(?i)e(?=a)`: "Éa",
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

func TestAPatternThatIsNone(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{`(?=a`, `a)(?=b)`, `[b-a](?=c)`, `\2(a)(?=b)`, `*a`} {
		if compiled, err := (regexp2.Engine{}).Compile(pattern); err == nil || errors.Is(err, regexp2.ErrDifferent) || compiled != nil {
			t.Errorf("Compile(%q): got %v, %v; want no pattern, and another error than ErrDifferent", pattern, compiled, err)
		}
	}
}

// A search that would take for ever ends: after the time given, after the default time, or where it would remember too much.
func TestASearchIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, search := range map[string]struct {
		engine        regexp2.Engine
		pattern, text string
	}{
		"a timeout":        {regexp2.Engine{Timeout: time.Nanosecond}, `^(a+)+(?=b)$`, strings.Repeat("a", 64) + "!"},
		"no timeout":       {regexp2.Engine{}, `^(a+)+(?=b)$`, strings.Repeat("a", 64) + "!"},
		"a negative one":   {regexp2.Engine{Timeout: -time.Second}, `^(a+)+(?=b)$`, strings.Repeat("a", 64) + "!"},
		"much to remember": {regexp2.Engine{Timeout: time.Hour}, `^(a|b)*(?=c)`, strings.Repeat("ab", regexp2.MaxBacktracking)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pattern, err := search.engine.Compile(search.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if matched, err := pattern.MatchString(search.text); err == nil {
				t.Errorf("%q: got %t, want an error", search.pattern, matched)
			}
		})
	}
}
