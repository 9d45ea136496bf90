package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Errors of [DecodeResults].
var (
	// ErrTruncated says that an answer is the beginning of a JSON value and nothing else: the rest was lost on the
	// way, and what it said is unknown.
	ErrTruncated = errors.New("answer breaks off")
	// ErrMalformed says that an answer came whole and is not what the endpoint answers.
	ErrMalformed = errors.New("answer holds no results")
)

// DecodeResults reads the body of a 200 of the analytics endpoint and calls each for every result, in the order of
// the text. An event that is named twice is told twice, and the later result is the one that counts. What the server
// gives no name or no details for is "". A member that names no UUID belongs to no event and is left out.
//
// Results and details the package knows are constants; others are new strings, and text of unknown origin. Beyond
// those, the usual form of the answer costs no allocation.
//
// The error is nil if the answer was whole, or else wraps [ErrTruncated] or [ErrMalformed]. The results up to there
// have been told by then.
func DecodeResults(answer []byte, each func(event [16]byte, result, details string)) error {
	r := resultReader{text: answer}
	if r.read(each) {
		return nil
	}
	return fmt.Errorf("decode results: %w", whyUnreadable(answer))
}

// whyUnreadable tells an answer that was cut from one that was never right.
func whyUnreadable(answer []byte) error {
	var value json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(answer)).Decode(&value); errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return ErrMalformed
}

// resultReader walks through an answer. It accepts what encoding/json accepts: what it does not read itself, it hands
// to encoding/json piece by piece.
type resultReader struct {
	text []byte
	at   int // what comes before was read
}

// read reads the whole answer and reports whether it has results.
func (r *resultReader) read(each func(event [16]byte, result, details string)) bool {
	found := false
	ok := r.members(func(key []byte) bool {
		if string(key) != "results" {
			return r.skip()
		}
		found = true
		return r.members(func(key []byte) bool {
			event, known := parseUUID(key)
			result, details, ok := r.result()
			if ok && known {
				each(event, result, details)
			}
			return ok
		})
	})
	return ok && found && r.at == len(r.text)
}

// members reads an object, and the space around it, and calls value where the value of a key begins. It stops and
// reports false where value does, or where the text is no object.
func (r *resultReader) members(value func(key []byte) bool) bool {
	r.space()
	if !r.take('{') {
		return false
	}
	r.space()
	if r.take('}') {
		r.space()
		return true
	}
	for {
		r.space()
		key, ok := r.key()
		if !ok {
			return false
		}
		r.space()
		if !r.take(':') {
			return false
		}
		r.space()
		if !value(key) {
			return false
		}
		r.space()
		if r.take(',') {
			continue
		}
		ok = r.take('}')
		r.space()
		return ok
	}
}

// key reads the key of a member.
func (r *resultReader) key() (key []byte, ok bool) {
	end := stringEnd(r.text, r.at)
	if end < 0 {
		return nil, false
	}
	quoted := r.text[r.at:end]
	r.at = end
	if n := plainText(quoted[1:]); n == len(quoted)-2 {
		return quoted[1 : n+1], true
	}
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return nil, false
	}
	return []byte(text), true
}

// skip reads a value of no interest.
func (r *resultReader) skip() bool {
	end := valueEnd(r.text, r.at)
	if end < 0 || !json.Valid(r.text[r.at:end]) {
		return false
	}
	r.at = end
	return true
}

// result reads what is said about one event.
func (r *resultReader) result() (result, details string, ok bool) {
	if result, details, ok = r.usualResult(); ok {
		return result, details, true
	}
	return r.anyResult()
}

// anyResult is result for every form that JSON allows.
func (r *resultReader) anyResult() (result, details string, ok bool) {
	end := valueEnd(r.text, r.at)
	if end < 0 {
		return "", "", false
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(r.text[r.at:end], &members) != nil || members == nil {
		return "", "", false
	}
	r.at = end
	if word, given := members["result"]; given && (word[0] != '"' || json.Unmarshal(word, &result) != nil) {
		return "", "", false
	}
	if text := members["details"]; len(text) > 0 && text[0] == '"' { // it only explains, so another type does no harm
		if json.Unmarshal(text, &details) != nil {
			return "", "", false
		}
	}
	return result, details, true
}

// usualResult reads {"result":"…"} or {"result":"…","details":"…"}, and nothing if it is not one of them.
func (r *resultReader) usualResult() (result, details string, ok bool) {
	rest, ok := bytes.CutPrefix(r.text[r.at:], []byte(`{"result":"`))
	if !ok {
		return "", "", false
	}
	n := plainText(rest)
	if n < 0 {
		return "", "", false
	}
	word, rest := rest[:n], rest[n+1:]
	var text []byte
	if after, more := bytes.CutPrefix(rest, []byte(`,"details":"`)); more {
		if n = plainText(after); n < 0 {
			return "", "", false
		}
		text, rest = after[:n], after[n+1:]
	}
	if len(rest) == 0 || rest[0] != '}' {
		return "", "", false
	}
	r.at = len(r.text) - len(rest) + 1
	return resultWord(word), detailsWord(text), true
}

// plainText returns the length of text up to the quote that ends it, or -1 if it is cut off or holds anything but
// printable ASCII without escapes.
func plainText(text []byte) int {
	for i, b := range text {
		if b == '"' {
			return i
		}
		if escapes[b] != 0 {
			return -1
		}
	}
	return -1
}

// space reads the space between two tokens.
func (r *resultReader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// take reads b if it is next.
func (r *resultReader) take(b byte) bool {
	if r.at < len(r.text) && r.text[r.at] == b {
		r.at++
		return true
	}
	return false
}
