package uuid7

import "strings"

// Parse reads a UUID of any version and reports whether s is one. It accepts the canonical 36 characters, the
// same in braces or after "urn:uuid:", and 32 hexadecimal digits without hyphens, each in upper, lower or mixed
// case. Anything else, surrounding space included, is not a UUID and gives the zero UUID.
func Parse(s string) (UUID, bool) {
	const urn = "urn:uuid:"
	switch len(s) {
	case 32:
		return parseDigits(s)
	case textLength + 2:
		if s[0] != '{' || s[len(s)-1] != '}' {
			return UUID{}, false
		}
		s = s[1 : len(s)-1]
	case textLength + len(urn):
		if !strings.EqualFold(s[:len(urn)], urn) {
			return UUID{}, false
		}
		s = s[len(urn):]
	case textLength:
	default:
		return UUID{}, false
	}
	if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UUID{}, false
	}
	return parseDigits(s[0:8], s[9:13], s[14:18], s[19:23], s[24:36])
}

// parseDigits reads 32 hexadecimal digits from groups of even length.
func parseDigits(groups ...string) (UUID, bool) {
	var u UUID
	i := 0
	for _, group := range groups {
		for ; group != ""; group = group[2:] {
			high, low := digit(group[0]), digit(group[1])
			if high|low > 15 {
				return UUID{}, false
			}
			u[i] = high<<4 | low
			i++
		}
	}
	return u, true
}

// digit returns the value of a hexadecimal digit, and 255 for any other byte.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
