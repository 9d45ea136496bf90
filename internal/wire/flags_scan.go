package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// These functions take valid JSON apart, one level at a time, without recursion. Text that is of another type than
// they look for has nothing in it.

// eachMember calls each for the members of an object, in order.
func eachMember(object []byte, each func(key, value []byte)) {
	r := resultReader{text: object}
	r.members(func(key []byte) bool {
		end := valueEnd(r.text, r.at)
		if end < 0 {
			return false
		}
		each(key, r.text[r.at:end])
		r.at = end
		return true
	})
}

// eachElement calls each for the elements of a list, in order.
func eachElement(list []byte, each func(element []byte)) {
	r := resultReader{text: list}
	r.space()
	if !r.take('[') {
		return
	}
	for {
		r.space()
		end := valueEnd(r.text, r.at)
		if end < 0 {
			return
		}
		each(r.text[r.at:end])
		r.at = end
		r.space()
		if !r.take(',') {
			return
		}
	}
}

// isObject reports whether value is an object.
func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }

// textOf returns what a string says. It reports false for any other value.
func textOf(value []byte) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	if plainText(value[1:]) == len(value)-2 {
		return string(value[1 : len(value)-1]), true
	}
	if json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, true
}

// wholeOf returns a whole number, which may be written with a fraction of nothing. It reports false for any other
// value.
func wholeOf(value []byte) (n int64, ok bool) {
	whole, fraction, _ := bytes.Cut(value, []byte("."))
	if len(bytes.Trim(fraction, "0")) > 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(whole), 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}
