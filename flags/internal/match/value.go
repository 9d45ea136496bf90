package match

import "math"

// Value is a property or an operand made ready for comparison. Making one of a string, a boolean or a number
// allocates nothing. The zero Value is unusable: present, and impossible to interpret. A Value is immutable.
type Value struct {
	kind kind
	// bits holds a boolean (0 or 1), an int64, a uint64 or the bits of a float64.
	bits uint64
	// text is the contents of a string, and the canonical text of an array or an object unless it is a member.
	text string
	// members are the elements of an array, or the names and values of an object in turn, sorted by name.
	members []Value
}

// kind is what JSON calls a type, with numbers told apart as the server tells them apart.
type kind uint8

const (
	unusable     kind = iota // NaN, a channel, a cycle: no operator matches it, negative ones neither
	nullKind                 // null
	boolKind                 // true or false
	signedKind               // an integer that fits into int64
	unsignedKind             // an integer above that fits into uint64
	floatKind                // any other number
	textKind                 // a string
	arrayKind
	objectKind
)

func ofText(contents string) Value { return Value{kind: textKind, text: contents} }

func ofBool(b bool) Value {
	if b {
		return Value{kind: boolKind, bits: 1}
	}
	return Value{kind: boolKind}
}

func ofSigned(i int64) Value { return Value{kind: signedKind, bits: uint64(i)} } //nolint:gosec // the bits are kept, not the number

func ofUnsigned(u uint64) Value {
	if u <= math.MaxInt64 {
		return Value{kind: signedKind, bits: u}
	}
	return Value{kind: unsignedKind, bits: u}
}

func ofFloat(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{kind: floatKind, bits: math.Float64bits(f)}
}

// Usable reports whether the value can be interpreted. No operator but is_set matches one that cannot.
func (v Value) Usable() bool { return v.kind != unusable }

// Bool returns the value of a boolean. ok is false for anything else, the string "true" included.
func (v Value) Bool() (value, ok bool) {
	return v.kind == boolKind && v.bits == 1, v.kind == boolKind
}

// Contents returns the contents of a string. ok is false for anything else.
func (v Value) Contents() (contents string, ok bool) {
	if v.kind != textKind {
		return "", false
	}
	return v.text, true
}

// KeyText returns the text of a value that can be an identifier: a string that is not empty, or a number. ok is
// false for anything else.
func (v Value) KeyText() (key string, ok bool) {
	switch v.kind {
	case textKind:
		return v.text, v.text != ""
	case signedKind, unsignedKind, floatKind:
		return v.Text(), true
	default:
		return "", false
	}
}

// held returns the canonical text of a value that has it at hand: a string, an array or an object.
func (v *Value) held() (contents string, ok bool) { return v.text, v.kind >= textKind }
