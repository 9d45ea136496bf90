package stack

import (
	"strings"
	"unicode/utf8"
)

const (
	maxType  = 255    // bytes of the name of a type, beyond which PostHog cuts
	maxValue = 10_000 // bytes of a message, beyond which PostHog cuts
	maxName  = 4096   // bytes of the name of a function or a file
)

// clip returns the text as valid UTF-8 of at most limit bytes. It ends between two characters. The result keeps
// nothing of a longer text in memory.
func clip(text string, limit int) string {
	whole := text
	if len(text) > limit {
		text = cut(text, limit)
	}
	if !utf8.ValidString(text) {
		return cut(strings.ToValidUTF8(text, "\uFFFD"), limit)
	}
	if len(text) < len(whole) {
		return strings.Clone(text)
	}
	return text
}

// cut returns the first limit bytes of the text, less if a character would be divided.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	if !utf8.RuneStart(text[end]) {
		end = limit // no UTF-8
	}
	return text[:end]
}
