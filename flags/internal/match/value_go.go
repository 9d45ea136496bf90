package match

import (
	"bytes"
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"
)

// ValueOf makes a value of a property, as the server would see it: through its JSON encoding. Strings, booleans,
// numbers and nil take no allocation. A float64 that is a whole number is an integer, because JSON does not tell
// them apart; a [json.Number] keeps its literal. A value that JSON cannot hold is unusable, and so is one whose
// methods panic.
func ValueOf(property any) Value {
	switch p := property.(type) {
	case nil:
		return Value{kind: nullKind}
	case string:
		return ofText(transmitted(p))
	case bool:
		return ofBool(p)
	case int:
		return ofSigned(int64(p))
	case int8:
		return ofSigned(int64(p))
	case int16:
		return ofSigned(int64(p))
	case int32:
		return ofSigned(int64(p))
	case int64:
		return ofSigned(p)
	case uint:
		return ofUnsigned(uint64(p))
	case uint8:
		return ofUnsigned(uint64(p))
	case uint16:
		return ofUnsigned(uint64(p))
	case uint32:
		return ofUnsigned(uint64(p))
	case uint64:
		return ofUnsigned(p)
	case uintptr:
		return ofUnsigned(uint64(p))
	case float64:
		return ofFloat64(p)
	case float32:
		return ofFloat32(p)
	case time.Duration:
		return ofSigned(int64(p))
	case json.Number:
		return ofNumber(p)
	case time.Time:
		return ofTime(p)
	case json.RawMessage:
		return ofRaw(p)
	default:
		return encoded(property)
	}
}

// wholes is the bound up to which every whole float64 is written as the integer that it is.
const wholes = 1 << 53

func ofFloat64(f float64) Value {
	if f != math.Trunc(f) || f == 0 && math.Signbit(f) {
		return ofFloat(f)
	}
	if math.Abs(f) <= wholes {
		return ofSigned(int64(f))
	}
	return ofLongFloat(f, 64)
}

func ofFloat32(f float32) Value {
	if wide := float64(f); wide == math.Trunc(wide) && math.Abs(wide) < 1<<24 {
		return ofFloat64(wide)
	}
	return ofLongFloat(float64(f), 32)
}

// ofLongFloat makes a value of what f is written as. The fewest digits that tell f from its neighbours may be
// another number in the eyes of a reader with more precision.
func ofLongFloat(f float64, bits int) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	var buffer [scalarText]byte
	format := byte('f')
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	return ofLiteral(string(strconv.AppendFloat(buffer[:0], f, format, -1, bits)))
}

func ofNumber(n json.Number) Value {
	switch {
	case n == "": // the zero value of the type, which encoding/json takes for a zero as well
		return ofSigned(0)
	case !isNumber(string(n)):
		return Value{}
	default:
		return ofLiteral(string(n))
	}
}

// isNumber reports whether s is a number as JSON writes it.
func isNumber(s string) bool {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if s != "" && s[0] == '.' {
		places := digits(s[1:])
		if places == 0 {
			return false
		}
		s = s[1+places:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		return s != "" && digits(s) == len(s)
	}
	return s == ""
}

// digits counts the decimal digits that s begins with.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

func ofTime(t time.Time) Value {
	rfc3339, err := t.MarshalText()
	if err != nil {
		return Value{}
	}
	return ofText(string(rfc3339))
}

func ofRaw(raw json.RawMessage) Value {
	if raw == nil {
		return Value{kind: nullKind}
	}
	v, _ := ParseValue(raw)
	return v
}

// encoded makes a value of the JSON encoding of a property of any type.
func encoded(property any) (v Value) {
	defer func() {
		if recover() != nil {
			v = Value{}
		}
	}()
	switch p := property.(type) {
	case json.Marshaler, encoding.TextMarshaler:
	case error:
		if pointer := reflect.ValueOf(p); pointer.Kind() != reflect.Pointer || !pointer.IsNil() {
			return ofText(transmitted(p.Error())) // its fields, which JSON would show, say nothing to anybody
		}
	}
	var document bytes.Buffer
	if json.NewEncoder(&document).Encode(property) != nil {
		return Value{}
	}
	v, _ = ParseValue(document.Bytes())
	return v
}
