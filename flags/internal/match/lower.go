package match

import (
	"unicode"
	"unicode/utf8"
)

// Lower case is that of Unicode without a language, as the server has it: U+0130 becomes two runes and a sigma at
// the end of a word its final form, which unicode.ToLower does not know. Nothing is folded further: ß is not ss.

const (
	dottedI    = 'İ' // U+0130
	dotAbove   = '\u0307'
	sigma      = 'Σ'
	smallSigma = 'σ'
	finalSigma = 'ς'
)

// lowerAt returns the lower case of the rune at s[i:] and the size of that rune. second is zero but for U+0130.
func lowerAt(s string, i int) (first, second rune, size int) {
	r, size := utf8.DecodeRuneInString(s[i:])
	switch r {
	case dottedI:
		return 'i', dotAbove, size
	case sigma:
		if endsWord(s, i, i+size) {
			return finalSigma, 0, size
		}
		return smallSigma, 0, size
	default:
		return unicode.ToLower(r), 0, size
	}
}

// appendLower appends the lower case of s, but stops once dst is longer than limit.
func appendLower(dst []byte, s string, limit int) []byte {
	for i := 0; i < len(s) && len(dst) <= limit; {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, folded[c])
			i++
			continue
		}
		first, second, size := lowerAt(s, i)
		dst = utf8.AppendRune(dst, first)
		if second != 0 {
			dst = utf8.AppendRune(dst, second)
		}
		i += size
	}
	return dst
}

// lower returns the lower case of s.
func lower(s string) string { return string(appendLower(nil, s, 4*len(s))) }

// equalLower reports whether the lower case of s is lowered.
func equalLower(lowered, s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return i <= len(lowered) && equalLowerUnicode(lowered[i:], s, i)
		}
		if i >= len(lowered) || folded[c] != lowered[i] {
			return false
		}
	}
	return len(s) == len(lowered)
}

// equalLowerUnicode reports whether the lower case of s[i:] is lowered.
func equalLowerUnicode(lowered, s string, i int) bool {
	for i < len(s) {
		first, second, size := lowerAt(s, i)
		i += size
		var ok bool
		if lowered, ok = cutRune(lowered, first); !ok {
			return false
		}
		if second == 0 {
			continue
		}
		if lowered, ok = cutRune(lowered, second); !ok {
			return false
		}
	}
	return lowered == ""
}

// cutRune returns s without the rune that it begins with, if that is r.
func cutRune(s string, r rune) (rest string, ok bool) {
	first, size := utf8.DecodeRuneInString(s)
	return s[size:], first == r && size > 0
}

// endsWord reports whether the sigma at s[start:end] is the last letter of a word: a cased letter comes before
// it and none after it, with runes that casing ignores in between.
func endsWord(s string, start, end int) bool {
	before := false
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if !caseIgnorable(r) {
			before = cased(r)
			break
		}
		start -= size
	}
	if !before {
		return false
	}
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !caseIgnorable(r) {
			return !cased(r)
		}
		end += size
	}
	return true
}

// cased is the Unicode property of that name.
func cased(r rune) bool {
	return unicode.In(r, unicode.Lower, unicode.Upper, unicode.Title, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// caseIgnorable is the Unicode property of that name.
func caseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', '\u0387', '\u055F', '\u05F4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\uFE13', '\uFE52', '\uFE55', '\uFF07', '\uFF0E', '\uFF1A':
		return true // the punctuation that may stand within a word
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// folded is the lower case of ASCII letters; other bytes are as they are.
var folded = func() (table [256]byte) {
	for c := range table {
		table[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			table[c] += 'a' - 'A'
		}
	}
	return table
}()
