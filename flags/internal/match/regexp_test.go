package match_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// engine runs patterns by Go's rules without the marks that make them unsupported, and keeps what it was asked.
type engine struct {
	compiled []string
	fault    string // what it does wrong, or nothing
}

func (e *engine) Compile(pattern string) (match.Pattern, error) {
	e.compiled = append(e.compiled, pattern)
	switch e.fault {
	case "refuses":
		return nil, errors.New("no such syntax")
	case "panics at once":
		panic("out of order")
	}
	for _, mark := range []string{"(?=", "(?!", "(?<="} {
		pattern = strings.ReplaceAll(pattern, mark, "(?:")
	}
	return runner{regexp.MustCompile(strings.ReplaceAll(pattern, `\d`, `[0-9٠-٩]`)), e.fault}, nil
}

type runner struct {
	*regexp.Regexp
	fault string
}

func (r runner) MatchString(text string) (bool, error) {
	switch r.fault {
	case "gives up":
		return true, errors.New("too many steps")
	case "panics":
		panic("out of order")
	}
	return r.Regexp.MatchString(text), nil
}

// Proves FL-23.
func TestAPatternThatIsInvalidEverywhereNeverMatches(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"(", "a)", "[", "[z-a]", "*a", "a|*", "(?:", "[a-", `a\`, `(\d`, "[^a", "+"} {
		asked := &engine{}
		for _, operator := range []string{"regex", "not_regex"} {
			test, cause := compile(operator, quoted(t, pattern), match.Options{Regexp: asked})
			got, matchCause := test.Match(match.ValueOf("a"), noon)
			if got != match.No || cause != match.NoCause || matchCause != match.NoCause {
				t.Errorf("%s %q: got %v, causes %d and %d, want no", operator, pattern, got, cause, matchCause)
			}
		}
		if asked.compiled != nil {
			t.Errorf("%q: the engine was asked for a pattern that is invalid everywhere", pattern)
		}
	}
}

// Proves FL-23. Go takes some of these patterns, but the server reads them in another way, or may refuse them.
func TestAPatternThatTheServerMayReadOtherwiseIsOpen(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`(?=a)`, `(?!a)`, `(?<=a)`, `(?<!a)`, `(?>a)`, `(?P=n)`, `(?#c)`, `(?x) a`, `(?(1)a|b)`, `(?u)a`, `(?)a`, `(?U)a+`, `(?iU:a)`,
		`(a)\1`, `\12`, `\0`, `[\0]`, `\K`, `\Z`, `\h`, `\e`, `\G`, `\X`, `\R`, `\C`, `[\b]`, `\Qa+\E`, `\é`, "\\\t",
		`a++`, `a**`, `x{2}{3}`, `a{1001}`, `a{2,1}`, `a{,2}`, `{`, `a{`, `a{1`, `a{x}`, `a{1,x}`, `{2}`, `({2})`,
		`[a&&b]`, `[\d--5]`, `[a~~b]`, `[+--]`, `[a--b]`, `[a[b]]`, `[[]`, `[a[b](]`, `[]a]`, `[^]a]`, `[\d-z]`, `[[:digit:]-z]`, `[!-[:digit:]]`, `[[:]`,
		`[[:foo:]]`, `\p{Foo}`, `\P{Foo}`, `[\pX]`, `a\<`, `\>`, `[\<]`, `\b{start}a`,
		`^*a`, `(?:$)+`, `\b?a`, `(?:){2}`, `(?<1a>x)`, `(?P<1>x)`, `(?P<n>a)(?P<n>b)`,
		`\p{^Greek}`, `[\P{^Lu}]`, `\x{D800}`, `[^\x{dfff}]`, `(?ii)a`, `(?i-i:a)`,
		strings.Repeat("(", 200) + strings.Repeat(")", 200), strings.Repeat("a", 1<<16), strings.Repeat(`.{1000}`, 7), `[` + strings.Repeat(`\pL`, 2000) + `]`, `\w{200}`, `(?:\w\W){100}`, `(?:\pL\pN{0,5}){100}`,
	} {
		for _, operator := range []string{"regex", "not_regex"} {
			test, cause := compile(operator, quoted(t, pattern), match.Options{})
			got, matchCause := test.Match(match.ValueOf("a"), noon)
			if got != match.Inconclusive || cause != match.UnsupportedPattern || matchCause != match.UnsupportedPattern {
				t.Errorf("%s %.40q: got %v, causes %d and %d, want inconclusive, UnsupportedPattern", operator, pattern, got, cause, matchCause)
			}
		}
	}
}

// Proves FL-23.
func TestAPatternThatReadsTheSameEverywhereIsSearchedFor(t *testing.T) {
	t.Parallel()
	var addresses strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&addresses, `%d\.ada\.lovelace|`, i*7919)
	}
	for _, c := range []struct {
		pattern, text string
		want          match.Outcome
	}{
		{`^$`, "", match.Yes},
		{``, "x", match.Yes},
		{`B`, "abc", match.No},
		{`(?i)B`, "abc", match.Yes},
		{`(?i:B)C`, "abc", match.No},
		{`^(?P<user>[a-z0-9._%+-]+)@(?<host>example\.(com|org))$`, "ada@example.org", match.Yes},
		{`^[^@\]\[-]{2,}$`, "a-b", match.No},
		{`[a-c-e]`, "d", match.No},
		{`[-a]\-[a-]`, "--a", match.Yes},
		{`[[:alpha:][:^digit:]_]`, "7", match.No},
		{`\p{Greek}\pL{2}`, "όσο", match.Yes},
		{`\x41\x{42}\t\_\/`, "AB\t_/", match.Yes},
		{`é.\z`, "été", match.No},
		{`\Aé.é\z`, "été", match.Yes},
		{`^[a-z]{1,255}(\.[a-z]{1,255})?$`, "example.com", match.Yes},
		{`^\w[a-z]{1,255}$`, "word", match.Yes},
		{`a]}`, "a]}", match.Yes},
		{`\w{3}`, "ab_", match.Yes},
		{`\s`, "a\fb", match.Yes},
		{`\bb\B`, "a bc", match.Yes},
		{`a{2}`, "aa", match.Yes},
		{`\x{D7FF}|\x{E000}`, "\ue000", match.Yes},
		{`^(` + addresses.String() + `bob)@example\.com$`, "bob@example.com", match.Yes},
		{strings.Repeat(`.{0,1000}`, 5) + `x`, "x", match.Yes},
	} {
		for operator, want := range map[string]match.Outcome{"regex": c.want, "not_regex": c.want.Not()} {
			if got, cause := compiled(t, operator, quoted(t, c.pattern)).Match(match.ValueOf(c.text), noon); got != want || cause != match.NoCause {
				t.Errorf("%q %s %q: got %v, cause %d, want %v", c.text, operator, c.pattern, got, cause, want)
			}
		}
	}
}

// Proves FL-23. \d, \w, \s and \b are for ASCII in Go and for all of Unicode on the server.
func TestClassesAreOpenForTextsBeyondASCII(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		cause         match.Cause
	}{
		{`\d`, "é7", match.UnsupportedPattern},
		{`[\W]`, "é", match.UnsupportedPattern},
		{`\ba`, "éa", match.UnsupportedPattern},
		{`\s`, "a\vb", match.UnsupportedPattern},
		{`[^\S]`, "a\vb", match.UnsupportedPattern},
		{`\d`, "a\vb", match.NoCause},
		{`[0-9]`, "é7", match.NoCause},
		{`\.`, "é.", match.NoCause},
	} {
		for _, operator := range []string{"regex", "not_regex"} {
			if got, cause := compiled(t, operator, quoted(t, c.pattern)).Match(match.ValueOf(c.text), noon); cause != c.cause {
				t.Errorf("%q %s %q: got %v, cause %d, want cause %d", c.text, operator, c.pattern, got, cause, c.cause)
			}
		}
	}
}

// Proves FL-23.
func TestTheEngineRunsWhatGoCannot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern, fault string
		property             any
		want                 match.Outcome
		cause                match.Cause
	}{
		{name: "look-ahead", pattern: `a(?=b)`, property: "ab", want: match.Yes},
		{name: "look-ahead that is not found", pattern: `a(?=b)`, property: "ac", want: match.No},
		{name: "a number", pattern: `1(?=2)`, property: 12, want: match.Yes},
		{name: "digits beyond ASCII", pattern: `\d`, property: "٣", want: match.Yes},
		{name: "an engine that refuses", pattern: `a(?=b)`, fault: "refuses", property: "ab", want: match.Inconclusive, cause: match.UnsupportedPattern},
		{name: "an engine that panics at once", pattern: `a(?=b)`, fault: "panics at once", property: "ab", want: match.Inconclusive, cause: match.UnsupportedPattern},
		{name: "an engine that gives up", pattern: `a(?=b)`, fault: "gives up", property: "ab", want: match.Inconclusive, cause: match.PatternLimit},
		{name: "an engine that panics", pattern: `a(?=b)`, fault: "panics", property: "ab", want: match.Inconclusive, cause: match.PatternLimit},
		{name: "an engine that is not needed", pattern: `\d`, fault: "panics", property: "7", want: match.Yes},
		{name: "an engine that refuses what is sometimes needed", pattern: `\d`, fault: "refuses", property: "٣", want: match.Inconclusive, cause: match.UnsupportedPattern},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for operator, want := range map[string]match.Outcome{"regex": c.want, "not_regex": c.want.Not()} {
				test, _ := compile(operator, quoted(t, c.pattern), match.Options{Regexp: &engine{fault: c.fault}})
				if got, cause := test.Match(match.ValueOf(c.property), noon); got != want || cause != c.cause {
					t.Errorf("%v %s %q: got %v, cause %d, want %v, cause %d", c.property, operator, c.pattern, got, cause, want, c.cause)
				}
			}
		})
	}
}

func TestTheEngineIsNotAskedForWhatGoCanDo(t *testing.T) {
	t.Parallel()
	asked := &engine{}
	for _, pattern := range []string{`^a.b$`, `[0-9]+`, `\p{Greek}`} {
		if _, cause := compile("regex", quoted(t, pattern), match.Options{Regexp: asked}); cause != match.NoCause {
			t.Errorf("Compile(%q): cause %d", pattern, cause)
		}
	}
	if asked.compiled != nil {
		t.Errorf("the engine compiled %q, want nothing", asked.compiled)
	}
}

// A search takes at most 50 million steps: the bytes of the text times the instructions of the pattern.
func TestASearchThatWouldTakeTooLongIsOpen(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1<<16)
	for pattern, want := range map[string]match.Cause{"a{5}b": match.NoCause, "(?:a?){500}b": match.PatternLimit} {
		for _, operator := range []string{"regex", "not_regex"} {
			got, cause := compiled(t, operator, quoted(t, pattern)).Match(match.ValueOf(long), noon)
			if cause != want {
				t.Errorf("%s %q on 64 KB: got %v, cause %d, want cause %d", operator, pattern, got, cause, want)
			}
		}
	}
}

// Proves FL-23.
func FuzzRegexp(f *testing.F) {
	for _, pattern := range []string{`-10\d\d$`, "(", `a(?=b)`, `[[:alpha:]-z]`, `\p{Foo}`, `[a[b](]`, `(?i)ß|\w+`, `{2}`, `\b{end}`, `[]`, "x{2,3}?"} {
		f.Add(pattern, "build-1042")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		pattern, text = strings.ToValidUTF8(pattern, "?"), strings.ToValidUTF8(text, "?")
		positive, cause := compile("regex", quoted(t, pattern), match.Options{})
		negative, negativeCause := compile("not_regex", quoted(t, pattern), match.Options{})
		if cause != negativeCause {
			t.Fatalf("Compile(%q): got cause %d and, negated, cause %d", pattern, cause, negativeCause)
		}
		got, gotCause := positive.Match(match.ValueOf(text), noon)
		not, notCause := negative.Match(match.ValueOf(text), noon)
		if gotCause != notCause || (gotCause == match.NoCause) != (got != match.Inconclusive) {
			t.Fatalf("%q in %q: got %v, cause %d, and negated %v, cause %d", pattern, text, got, gotCause, not, notCause)
		}
		native, err := regexp.Compile(pattern)
		switch {
		case err != nil && (got == match.Yes || not == match.Yes):
			t.Errorf("%q in %q: got %v and %v, but it is no pattern: %v", pattern, text, got, not, err)
		case err == nil && got != match.Inconclusive && (got != match.Of(native.MatchString(text)) || not != got.Not()):
			t.Errorf("%q in %q: got %v and negated %v, want %v", pattern, text, got, not, native.MatchString(text))
		}
		if outcome, _ := negative.Match(match.Value{}, noon); outcome == match.Yes {
			t.Errorf("not_regex %q matches what cannot be interpreted", pattern)
		}
	})
}
