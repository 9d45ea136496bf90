package posthogtest

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// flaw is what PostHog's parser of exceptions would stumble over.
type flaw struct {
	where    string // a path, such as $exception_list[0].type
	is, want string
}

func (f *flaw) String() string { return f.where + " is " + f.is + ", want " + f.want }

// reading remembers the first flaw of what is read. What comes after it is read
// on, and is worth nothing.
type reading struct{ flaw *flaw }

func (r *reading) refuse(where, is, want string) {
	if r.flaw == nil {
		r.flaw = &flaw{where, is, want}
	}
}

// members are those of a JSON object that is read as strictly as PostHog reads
// it: a number is none as text, and null is nothing but for what may be missing.
type members struct {
	*reading
	path   string // of the object, with a dot at its end, "" for the properties
	values map[string]any
}

// refuse notes a member that is not what it should be.
func (m members) refuse(name, want string) {
	is := "missing"
	if value, there := m.values[name]; there {
		is = excerpt([]byte(compact(value)))
	}
	m.reading.refuse(m.path+name, is, want)
}

// object reads a value as an object. The path is the value's own.
func (r *reading) object(path string, value any) members {
	values, ok := value.(map[string]any)
	if !ok {
		r.refuse(path, excerpt([]byte(compact(value))), "an object")
	}
	return members{r, path + ".", values}
}

// required reads text that must be there.
func (m members) required(name, want string) string {
	value, ok := m.values[name].(string)
	if !ok {
		m.refuse(name, want)
	}
	return value
}

// usual reads text that is "" where it is missing, and cannot be null.
func (m members) usual(name string) string {
	if _, there := m.values[name]; !there {
		return ""
	}
	return m.required(name, `a string, "" for none`)
}

// text reads text that may be missing.
func (m members) text(name string) string {
	if m.values[name] == nil {
		return ""
	}
	return m.required(name, "a string, or leave it out")
}

// texts reads a list of texts that may be missing.
func (m members) texts(name string) []string {
	if m.values[name] == nil {
		return nil
	}
	list := m.list(name, "a list of strings, or leave it out")
	texts := make([]string, len(list))
	for i, value := range list {
		var ok bool
		if texts[i], ok = value.(string); !ok {
			m.reading.refuse(m.path+name+"["+strconv.Itoa(i)+"]", excerpt([]byte(compact(value))), "a string")
		}
	}
	return texts
}

// list reads a list that must be there.
func (m members) list(name, want string) []any {
	list, ok := m.values[name].([]any)
	if !ok {
		m.refuse(name, want)
	}
	return list
}

// flag reads true or false. It has a value where it is missing, and cannot be
// null.
func (m members) flag(name string, missing bool) bool {
	if _, there := m.values[name]; !there {
		return missing
	}
	value, ok := m.values[name].(bool)
	if !ok {
		m.refuse(name, "true or false")
	}
	return value
}

// tristate reads true, false, or nothing.
func (m members) tristate(name string) *bool {
	if m.values[name] == nil {
		return nil
	}
	value, ok := m.values[name].(bool)
	if !ok {
		m.refuse(name, "true or false, or leave it out")
	}
	return &value
}

// count reads a whole number from 0 to most, which may be missing if it is
// optional. ok is false where it is.
func (m members) count(name string, most uint64, optional bool) (n int, ok bool) {
	if optional && m.values[name] == nil {
		return 0, false
	}
	number, _ := m.values[name].(json.Number)
	value, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil || value > most {
		want := "a whole number from 0 on"
		if most < math.MaxUint64 {
			want = fmt.Sprintf("a whole number from 0 to %d", most)
		}
		if optional {
			want += ", or leave it out"
		} else {
			want += ", 0 where nobody knows"
		}
		m.refuse(name, want)
		return 0, false
	}
	return int(min(value, math.MaxInt)), true
}

// signed reads a whole number of 32 bits that may be missing, which is 0.
func (m members) signed(name string) int32 {
	if m.values[name] == nil {
		return 0
	}
	number, _ := m.values[name].(json.Number)
	value, err := strconv.ParseInt(string(number), 10, 32)
	if err != nil {
		m.refuse(name, "a whole number of 32 bits (leave out a goroutine's beyond 2147483647)")
	}
	return int32(value)
}

// address reads an address, which may be missing if it is optional.
func (m members) address(name string, optional bool) string {
	if optional && m.values[name] == nil {
		return ""
	}
	text, _ := m.values[name].(string)
	if _, ok := readAddress(text); !ok {
		m.refuse(name, `an address in hexadecimal, such as "0x401000"`)
	}
	return text
}

// readAddress reads an address as it is written on the wire.
func readAddress(text string) (at uint64, ok bool) {
	if len(text) < len("0x0") || text[:2] != "0x" {
		return 0, false
	}
	at, err := strconv.ParseUint(text[2:], 16, 64)
	return at, err == nil
}
