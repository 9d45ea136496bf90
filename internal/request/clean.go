package request

import (
	"slices"
	"strings"
	"unicode"
)

// MaxLength is the number of characters that Clean keeps.
const MaxLength = 1000

// Clean returns what of a value from outside is kept: no control characters,
// U+FFFD for what is no UTF-8, no white space around it, and MaxLength
// characters at most.
func Clean(value string) string {
	if clean(value) {
		return value
	}
	var b strings.Builder
	kept := 0
	for _, r := range value { // bytes that are no UTF-8 come as U+FFFD
		if unicode.IsControl(r) || kept == 0 && unicode.IsSpace(r) {
			continue
		}
		if kept++; kept > MaxLength {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// clean reports whether value is short printable ASCII without spaces around
// it, as almost all values are.
func clean(value string) bool {
	if len(value) > MaxLength {
		return false
	}
	if value == "" {
		return true
	}
	if value[0] == ' ' || value[len(value)-1] == ' ' {
		return false
	}
	for i := range len(value) {
		if value[i] < ' ' || value[i] >= 0x7f {
			return false
		}
	}
	return true
}

// First returns the first of values of which Clean leaves something, cleaned,
// or nothing.
func First(values []string) string {
	for _, value := range values {
		if value = Clean(value); value != "" {
			return value
		}
	}
	return ""
}

// Header returns First of the values of a header, by the name that net/http
// gives it, or, in a map that others made, by any name that differs in case
// only.
func Header(all map[string][]string, canonical string) string {
	if values, ok := all[canonical]; ok {
		return First(values)
	}
	names := make([]string, 0, 1)
	for name := range all {
		if len(name) == len(canonical) && strings.EqualFold(name, canonical) {
			names = append(names, name)
		}
	}
	slices.Sort(names) // so that the answer is always the same
	for _, name := range names {
		if value := First(all[name]); value != "" {
			return value
		}
	}
	return ""
}
