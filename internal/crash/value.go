package crash

import (
	"strconv"
	"strings"
)

// plain are panics of the runtime's whose texts do not begin with "runtime error: ".
var plain = map[string]bool{
	"close of closed channel":        true,
	"close of nil channel":           true,
	"send on closed channel":         true,
	"assignment to entry in nil map": true,
	"makechan: size out of range":    true,

	"runtime: allocation size out of range": true,

	"panic called with nil argument":                                     true,
	"panic called with nil argument (use GODEBUG=panicnil=1 to disable)": true,
}

// meaning returns the type and the message of a panic by its text. The runtime writes the text of errors, and of
// what has a method String, as it is, without the type. It writes (main.T) 0xc000012345 for most other types, and
// main.T("x") for those that are texts, numbers or truth values at heart.
func meaning(text string) (title, message string) {
	switch {
	case strings.HasPrefix(text, "runtime error: "), strings.HasPrefix(text, "interface conversion: "), plain[text],
		strings.HasPrefix(text, "value method ") && strings.HasSuffix(text, " pointer") && strings.Contains(text, " called using nil *"):
		return "runtime.Error", text
	case strings.HasPrefix(text, "("):
		if title, rest, found := cutParenthesis(text); found && strings.HasPrefix(rest, " ") && isAddress(rest[1:]) {
			return title, ""
		}
	case strings.HasSuffix(text, ")"):
		if open := strings.IndexByte(text, '('); open > 0 && isType(text[:open]) {
			if literal, ok := literally(text[open+1 : len(text)-1]); ok {
				return text[:open], literal
			}
		}
	}
	return "panic", text
}

// cutParenthesis divides "(T) rest" after the parenthesis that belongs to the first one.
func cutParenthesis(text string) (inside, rest string, found bool) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[1:i], text[i+1:], i > 1
			}
		case '\n':
			return "", "", false
		}
	}
	return "", "", false
}

func isAddress(text string) bool {
	digits, found := strings.CutPrefix(text, "0x")
	if !found {
		return false
	}
	_, err := strconv.ParseUint(digits, 16, 64)
	return err == nil
}

// isType says whether text is the name of a type, with its package and without spaces.
func isType(text string) bool {
	return strings.Contains(text, ".") && !strings.ContainsAny(text, " \t\n\"'`,;=<>{}&|!?")
}

// literally returns the value of what the runtime writes between the parentheses. It writes text between quotation marks,
// and escapes nothing in it.
func literally(text string) (string, bool) {
	if value, found := strings.CutPrefix(text, `"`); found {
		return strings.CutSuffix(value, `"`)
	}
	switch text {
	case "true", "false", "NaN", "+Inf", "-Inf":
		return text, true
	}
	if _, err := strconv.ParseComplex(text, 128); err != nil {
		return "", false
	}
	return text, true
}
