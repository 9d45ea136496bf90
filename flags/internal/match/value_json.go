package match

import (
	"bytes"
	"encoding/json"
	"sort"
	"strconv"
	"strings"
)

// maxDepth is how deep arrays and objects may be nested in a value, which is the server's limit too.
const maxDepth = 128

// ParseValue reads a JSON value. Numbers keep the kind of their literal: 25 is an integer and 25.0 is not. Of
// members with the same name the last counts. ok is false for what is no JSON, for a number beyond the range
// of float64 and for nesting deeper than 128; the Value is then unusable.
func ParseValue(raw []byte) (v Value, ok bool) {
	if !json.Valid(raw) {
		return Value{}, false
	}
	r := reader{rest: raw}
	v = r.value(0)
	return v.rendered(), v.Usable()
}

// rendered has the text of an array or object ready, so that it is not put together for each comparison.
func (v Value) rendered() Value {
	if v.kind < textKind {
		return v
	}
	v.text = v.Text()
	if v.kind == objectKind {
		v.members = nil
	}
	return v
}

// reader takes a document apart that is known to be valid JSON.
type reader struct {
	rest []byte
}

// peek returns the next byte that is not white space.
func (r *reader) peek() byte {
	start := 0
	for r.rest[start] == ' ' || r.rest[start] == '\t' || r.rest[start] == '\r' || r.rest[start] == '\n' {
		start++
	}
	r.rest = r.rest[start:]
	return r.rest[0]
}

// skip passes over the next byte that is not white space if it is c, and reports whether it was.
func (r *reader) skip(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// value reads a value. It is unusable if any part of it is.
func (r *reader) value(depth int) Value {
	if depth > maxDepth {
		return Value{}
	}
	switch r.peek() {
	case '"':
		return ofText(r.text())
	case '[':
		return r.array(depth)
	case '{':
		return r.object(depth)
	}
	switch literal := r.literal(); literal {
	case "null":
		return Value{kind: nullKind}
	case "true", "false":
		return ofBool(literal == "true")
	default:
		return ofLiteral(literal)
	}
}

func (r *reader) array(depth int) Value {
	elements := []Value{}
	for r.skip('['); !r.skip(']'); r.skip(',') {
		element := r.value(depth + 1)
		if !element.Usable() {
			return Value{}
		}
		elements = append(elements, element)
	}
	return Value{kind: arrayKind, members: elements}
}

func (r *reader) object(depth int) Value {
	type member struct {
		name  string
		value Value
	}
	var members []member
	for r.skip('{'); !r.skip('}'); r.skip(',') {
		r.peek()
		name := r.text()
		r.skip(':')
		value := r.value(depth + 1)
		if !value.Usable() {
			return Value{}
		}
		members = append(members, member{name, value})
	}
	sort.SliceStable(members, func(i, j int) bool { return members[i].name < members[j].name })
	flat := make([]Value, 0, 2*len(members))
	for i, m := range members {
		if i+1 < len(members) && members[i+1].name == m.name {
			continue
		}
		flat = append(flat, ofText(m.name), m.value)
	}
	return Value{kind: objectKind, members: flat}
}

// text reads a string.
func (r *reader) text() string {
	end, escaped := 1, false
	for r.rest[end] != '"' {
		if r.rest[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	quoted := r.rest[:end+1]
	r.rest = r.rest[end+1:]
	if !escaped {
		return transmitted(string(quoted[1:end]))
	}
	var contents string
	_ = json.Unmarshal(quoted, &contents) // it is valid
	return contents
}

// literal reads a number or a word.
func (r *reader) literal() string {
	end := bytes.IndexAny(r.rest, ",]} \t\r\n")
	if end < 0 {
		end = len(r.rest)
	}
	literal := r.rest[:end]
	r.rest = r.rest[end:]
	return string(literal)
}

// ofLiteral makes a value of a JSON number. It is unusable beyond the range of float64.
func ofLiteral(number string) Value {
	if number != "-0" && !strings.ContainsAny(number, ".eE") {
		if i, err := strconv.ParseInt(number, 10, 64); err == nil {
			return ofSigned(i)
		}
		if u, err := strconv.ParseUint(number, 10, 64); err == nil {
			return ofUnsigned(u)
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return Value{}
	}
	return ofFloat(f)
}
