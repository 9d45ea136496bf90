package regexp2

import (
	"errors"
	"strings"
)

// traits are what makes the answer for some texts depend on the engine.
type traits struct {
	words  bool // \w or \b: the engines disagree about a few characters
	folds  bool // (?i): the engines fold letters outside of ASCII differently
	dollar bool // $: .NET's matches before a final line feed as well

	named, numbered, referring bool // named groups, references by number, references of any kind
}

// examine refuses what only one of the two engines has, or what they read differently. It lists what is known
// to be the same, so that syntax it has never heard of is refused.
func examine(pattern string) (traits, error) {
	var t traits
	inClass := false
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch c := pattern[i]; {
		case c == '\\':
			if len(rest) < 2 {
				return t, errors.New("it ends with a backslash")
			}
			if err := t.escape(rest, inClass); err != nil {
				return t, err
			}
			i++
		case inClass:
			if c == ']' {
				inClass = false
				continue
			}
			if c == '[' || strings.HasPrefix(rest, "&&") || strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "~~") || strings.HasPrefix(rest, "-[") {
				return t, errors.New("sets within sets")
			}
		case c == '[':
			inClass = true
			if strings.HasPrefix(rest, "[^]") || strings.HasPrefix(rest, "[]") {
				return t, errors.New("a bracket that opens a set")
			}
		case c == '$':
			t.dollar = true
		case c == '{' && (len(rest) < 2 || rest[1] < '0' || '9' < rest[1]):
			return t, errors.New("a brace that is no repetition")
		case strings.HasPrefix(rest, "(?"):
			if err := t.group(rest[2:]); err != nil {
				return t, err
			}
		}
	}
	switch {
	case inClass:
		return t, errors.New("a set that does not end")
	case t.named && t.numbered:
		return t, errors.New("groups with names, and references by number")
	case t.folds && t.referring:
		return t, errors.New("references regardless of case")
	}
	return t, nil
}

// escape judges the escape that rest begins with.
func (t *traits) escape(rest string, inClass bool) error {
	switch c := rest[1]; {
	case c == 'w' || c == 'W':
		t.words = true
	case c == 'b' || c == 'B':
		if inClass {
			return errors.New(`\b within a set`)
		}
		t.words = true
	case strings.IndexByte("dDsSntr", c) >= 0, strings.IndexByte(`\.+*?()|[]{}^$#-/&~`, c) >= 0:
	case '1' <= c && c <= '9' && !inClass:
		if len(rest) > 2 && '0' <= rest[2] && rest[2] <= '9' {
			return errors.New("a back-reference of two digits")
		}
		t.numbered, t.referring = true, true
	case c == 'A' || c == 'z':
	case c == 'k' && !inClass && strings.HasPrefix(rest, `\k<`):
		t.referring = true
	default:
		return errors.New(`the escape \` + string(c))
	}
	return nil
}

// group judges the group whose text after "(?" is rest.
func (t *traits) group(rest string) error {
	switch {
	case strings.HasPrefix(rest, ":"), strings.HasPrefix(rest, "="), strings.HasPrefix(rest, "!"), strings.HasPrefix(rest, ">"):
		return nil
	case strings.HasPrefix(rest, "<="), strings.HasPrefix(rest, "<!"):
		return fixedWidth(rest[2:])
	case strings.HasPrefix(rest, "<"):
		name, _, ok := strings.Cut(rest[1:], ">")
		if !ok || name == "" || strings.IndexFunc(name, notInName) >= 0 || '0' <= name[0] && name[0] <= '9' {
			return errors.New("a group with such a name")
		}
		t.named = true
		return nil
	}
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		return errors.New("a group that does not end")
	}
	for _, c := range rest[:end] {
		switch c {
		case 'i':
			t.folds = true
		case 's', '-':
		default: // m changes what $ is, x what space is, and the rest only one engine has
			return errors.New("the group (?" + rest[:end+1])
		}
	}
	return nil
}

func notInName(c rune) bool {
	return c != '_' && (c < 'a' || 'z' < c) && (c < 'A' || 'Z' < c) && (c < '0' || '9' < c)
}

// fixedWidth refuses a look-behind whose text may be of more than one length, which older builds of the
// server's engine do not have.
func fixedWidth(rest string) error {
	depth := 1
	for i := 0; i < len(rest) && depth > 0; i++ {
		switch c := rest[i]; c {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		case '*', '+', '?', '{', '|', '[':
			return errors.New("a look-behind that may be of several lengths")
		}
	}
	return nil
}
