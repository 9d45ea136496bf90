package regexp2

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// traits are what makes the answer for some texts depend on the engine.
type traits struct {
	words  bool // \w or \b: the engines disagree about a few characters
	folds  bool // (?i): the engines fold letters outside of ASCII differently
	dollar bool // $: .NET's matches before a final line feed as well

	names               map[string]bool // those of groups
	numbered, referring bool            // references by number, and of any kind
}

// examine refuses what only one of the two engines has, or what they read differently. It lists what is known
// to be the same, so that syntax it has never heard of is refused.
func examine(pattern string) (traits, error) {
	var t traits
	var n nesting
	inClass, ascii := false, true
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		ascii = ascii && pattern[i] < utf8.RuneSelf
		switch c := pattern[i]; {
		case c == '\\':
			if len(rest) < 2 {
				return t, errors.New("it ends with a backslash")
			}
			if err := t.escape(rest, inClass); err != nil {
				return t, err
			}
			n.met(strings.IndexByte("bBAz", rest[1]) < 0)
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
			n.met(true)
		case c == '^', c == '$':
			t.dollar = t.dollar || c == '$'
			n.met(false)
		case c == '*', c == '+', c == '?', c == '{':
			if n.place {
				return t, errors.New("a repetition of a place")
			}
			length := repetition(rest)
			if length == 0 {
				return t, errors.New("a brace that is no repetition")
			}
			i += length - 1
		case strings.HasPrefix(rest, "(?"):
			kind, length, err := t.group(rest[2:])
			if err != nil {
				return t, err
			}
			n.enter(kind)
			i += 1 + length
		case c == '(':
			n.enter(capturing)
		case c == ')':
			n.leave()
		case c == '|':
			n.place = false
		default:
			n.met(true)
		}
	}
	switch {
	case inClass:
		return t, errors.New("a set that does not end")
	case len(t.names) > 0 && t.numbered:
		return t, errors.New("groups with names, and references by number")
	case t.folds && t.referring:
		return t, errors.New("references regardless of case")
	case t.folds && !ascii:
		return t, errors.New("letters outside of ASCII, regardless of case")
	}
	return t, nil
}

// repetition returns the length of the repetition that rest begins with, 0 for a brace that is none.
func repetition(rest string) int {
	if rest[0] != '{' {
		return 1
	}
	bounds, _, closed := strings.Cut(rest[1:], "}")
	least, most, _ := strings.Cut(bounds, ",")
	if !closed || least == "" || strings.Trim(least+most, "0123456789") != "" {
		return 0
	}
	return len("{}") + len(bounds)
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

// flagGroups are the flags that both engines have, each at most once: m changes what $ is, x what space is, and the rest
// only one engine has.
var flagGroups = []string{"i", "s", "is", "si", "-i", "-s", "-is", "-si", "i-s", "s-i"}

// group judges the group whose text after "(?" is rest, and says how long the beginning of that is.
func (t *traits) group(rest string) (kind groupKind, length int, err error) {
	switch {
	case strings.HasPrefix(rest, ":"):
		return plain, 1, nil
	case strings.HasPrefix(rest, ">"):
		return capturing, 1, nil
	case strings.HasPrefix(rest, "="), strings.HasPrefix(rest, "!"):
		return lookAround, 1, nil
	case strings.HasPrefix(rest, "<="), strings.HasPrefix(rest, "<!"):
		return lookAround, 2, fixedWidth(rest[2:])
	case strings.HasPrefix(rest, "<"):
		name, _, ok := strings.Cut(rest[1:], ">")
		if !ok || name == "" || strings.IndexFunc(name, notInName) >= 0 || '0' <= name[0] && name[0] <= '9' || t.names[name] {
			return capturing, 0, errors.New("a group with such a name")
		}
		if t.names == nil {
			t.names = map[string]bool{}
		}
		t.names[name] = true
		return capturing, len("<>") + len(name), nil
	}
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		return plain, 0, errors.New("a group that does not end")
	}
	if !slices.Contains(flagGroups, rest[:end]) {
		return plain, 0, errors.New("the group (?" + rest[:end+1])
	}
	t.folds = t.folds || strings.Contains(rest[:end], "i")
	if rest[end] == ')' {
		return none, end + 1, nil
	}
	return plain, end + 1, nil
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
