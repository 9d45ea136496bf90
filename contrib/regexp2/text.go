package regexp2

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// differ returns an error for a text on which the engines may disagree.
func (t traits) differ(text string) error {
	if t.dollar && strings.HasSuffix(text, "\n") {
		return errors.New("$ before a final line feed")
	}
	if !t.words && !t.folds {
		return nil
	}
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
		case t.folds:
			return errors.New("letters outside of ASCII, regardless of case")
		case uncertain(r):
			return errors.New("characters that only one engine takes for a part of a word")
		}
	}
	return nil
}

// uncertain reports whether one engine counts r among the characters of a word and the other may not: .NET goes by
// category, Unicode's definition adds letters by property.
func uncertain(r rune) bool {
	return unicode.In(r, unicode.Nl, unicode.Other_Alphabetic, unicode.Join_Control, unicode.Me, unicode.Mc) || r == utf8.RuneError
}
