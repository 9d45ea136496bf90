package jsonview

import (
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Value is a JSON value as it is written, without white space around it. Nil is a value that is not there.
type Value []byte

// Kind is the type of a value.
type Kind uint8

// The kinds of values.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind in a sentence: "a string".
func (k Kind) String() string {
	return [...]string{"missing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Of is the value that a checked text consists of.
func Of(text []byte) Value {
	at := space(text, 0)
	end := skip(text, at)
	return text[at:end:end]
}

// Kind returns the type of the value.
func (v Value) Kind() Kind {
	if len(v) == 0 {
		return Absent
	}
	switch v[0] {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	default:
		return Number
	}
}

// True reports whether the value is true.
func (v Value) True() bool { return len(v) > 0 && v[0] == 't' }

// Text returns the contents of a string, unescaped: a part of the value if that has nothing to replace. As with
// [encoding/json], what is not UTF-8 becomes U+FFFD. It returns nil for other kinds.
func (v Value) Text() []byte {
	if v.Kind() != String {
		return nil
	}
	contents := v[1 : len(v)-1 : len(v)-1]
	if plain(contents) {
		return contents
	}
	var text string
	if json.Unmarshal(v, &text) != nil {
		return nil
	}
	return []byte(text)
}

// plain reports whether the contents of a string stand for themselves.
func plain(contents []byte) bool {
	ascii := true
	for _, c := range contents {
		if c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(contents)
}

// Members are the names, unescaped, and the values of an object, duplicates included. Other kinds have none.
func (v Value) Members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for at := space(v, 1); v[at] == '"'; {
			end := skip(v, at)
			name := v[at:end:end].Text()
			at = space(v, space(v, end)+1) // beyond the colon
			end = skip(v, at)
			if !yield(name, v[at:end:end]) {
				return
			}
			at = next(v, end)
		}
	}
}

// Elements are the values of an array. Other kinds have none.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != Array {
			return
		}
		for at := space(v, 1); v[at] != ']'; {
			end := skip(v, at)
			if !yield(v[at:end:end]) {
				return
			}
			at = next(v, end)
		}
	}
}

// next returns where the member or the element after the one that ends at end begins, or the container ends.
func next(v Value, end int) int {
	at := space(v, end)
	if v[at] == ',' {
		at = space(v, at+1)
	}
	return at
}

// skip returns the end of the value that begins at at.
func skip(text []byte, at int) int {
	depth := 0
	for ; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = closing(text, at)
			if depth == 0 {
				return at + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth <= 1 {
				return at + depth // a number or a word ends before the end of its container
			}
			depth--
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return at
			}
		}
	}
	return at
}

// closing returns the position of the quote that ends the string that begins at at.
func closing(text []byte, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at
}
