package reference

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// pattern is regex and not_regex. Go knows fewer patterns than the server, so there are three kinds: those that mean
// the same to both, those that are wrong for everybody and never match, and those that only the server can decide.
func pattern(operator string, operand any) (test, verdict) {
	written, ok := operand.(string)
	if !ok {
		return nil, because(MalformedFilter)
	}
	if meansAnother(written) {
		return nil, because(UnsupportedPattern)
	}
	compiled, err := regexp.Compile(written)
	if err != nil && !wrongForEverybody(written, err) {
		return nil, because(UnsupportedPattern)
	}
	return func(property any) verdict {
		if compiled == nil {
			return misses
		}
		searched := text(property)
		if classOfLetters(written) && strings.ContainsFunc(searched, func(r rune) bool { return r > unicode.MaxASCII }) {
			return because(UnsupportedPattern)
		}
		return definite(compiled.MatchString(searched) == (operator == "regex"))
	}, matches
}

// wrongForEverybody is whether Go's complaint would be any engine's.
func wrongForEverybody(written string, err error) bool {
	if strings.Contains(written, "[:") || strings.Contains(written, `\p`) || strings.Contains(written, `\P`) {
		return false // classes that Go may not know
	}
	var complaint *syntax.Error
	if !errors.As(err, &complaint) {
		return false
	}
	switch complaint.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen, syntax.ErrMissingBracket, syntax.ErrInvalidCharRange,
		syntax.ErrMissingRepeatArgument, syntax.ErrTrailingBackslash, syntax.ErrInvalidUTF8:
		return true
	default:
		return false
	}
}

var (
	bracedEscape = regexp.MustCompile(`^\\[pPx]\{[^}]*\}`)
	repetition   = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)
)

// walk calls visit with every character of a pattern, the escaped ones with their backslash, and whether it is in
// brackets. It ends when visit returns true.
func walk(written string, visit func(rest string, bracketed bool) bool) bool {
	bracketed, first := false, false
	for place := 0; place < len(written); place++ {
		rest := written[place:]
		if visit(rest, bracketed) {
			return true
		}
		switch {
		case rest[0] == '\\':
			place += max(1, len(bracedEscape.FindString(rest))-1)
			first = false
		case !bracketed && rest[0] == '[':
			bracketed, first = true, true
			if strings.HasPrefix(rest, "[^") {
				place++
			}
		case bracketed && rest[0] == ']' && !first:
			bracketed = false
		default:
			first = false
		}
	}
	return false
}

// meansAnother is whether the server reads the pattern as something that Go's engine does not have: sets of
// characters within sets, the ends of words, and braces that are no repetition.
func meansAnother(written string) bool {
	return walk(written, func(rest string, bracketed bool) bool {
		if strings.HasPrefix(rest, "[]") || strings.HasPrefix(rest, "[^]") {
			return true
		}
		if bracketed {
			return rest[0] == '[' && !strings.HasPrefix(rest, "[:") || strings.HasPrefix(rest, "&&") || strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "~~")
		}
		return strings.HasPrefix(rest, `\<`) || strings.HasPrefix(rest, `\>`) || rest[0] == '{' && !repetition.MatchString(rest)
	})
}

// classOfLetters is whether the pattern has a class that covers all of Unicode on the server, and ASCII in Go.
func classOfLetters(written string) bool {
	return walk(written, func(rest string, _ bool) bool {
		return len(rest) > 1 && rest[0] == '\\' && strings.ContainsRune("dDwWsSbB", rune(rest[1]))
	})
}
