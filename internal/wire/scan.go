package wire

import "bytes"

// These functions find where things end in JSON text. They look at quotes, brackets and separators alone: what they
// return for text that is no JSON is somewhere within it.

// stringEnd returns where the string that begins at text[at] ends, behind its closing quote, or -1 if it has none.
func stringEnd(text []byte, at int) int {
	if at >= len(text) || text[at] != '"' {
		return -1
	}
	for end := at + 1; ; {
		n := bytes.IndexByte(text[end:], '"')
		if n < 0 {
			return -1
		}
		end += n + 1
		slashes := 0
		for text[end-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
	}
}

// valueEnd returns where the value that begins at text[at] ends, or -1 if there is none or if it is cut off.
func valueEnd(text []byte, at int) int {
	if at >= len(text) {
		return -1
	}
	switch text[at] {
	case '"':
		return stringEnd(text, at)
	case '{', '[':
		return containerEnd(text, at)
	}
	end := at
	for end < len(text) && !separates(text[end]) {
		end++
	}
	if end == at {
		return -1
	}
	return end
}

// containerEnd is valueEnd for an object or a list.
func containerEnd(text []byte, at int) int {
	for depth := 0; at < len(text); {
		switch text[at] {
		case '"':
			if at = stringEnd(text, at); at < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
		at++
	}
	return -1
}

// separates reports whether b ends a number or a word.
func separates(b byte) bool {
	switch b {
	case ',', ':', '}', ']', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// memberAt splits the member `"key":value` that begins at text[at], with no space in it. End is where the value ends,
// -1 if there is no member.
func memberAt(text []byte, at int) (key, value []byte, end int) {
	colon := stringEnd(text, at)
	if colon < 0 || colon == len(text) || text[colon] != ':' {
		return nil, nil, -1
	}
	if end = valueEnd(text, colon+1); end < 0 {
		return nil, nil, -1
	}
	return text[at+1 : colon-1], text[colon+1 : end], end
}
