package exposure

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"strconv"

	"github.com/hedgerow/posthog/internal/wire"
)

// A Key stands for an exposure: 128 bits of a hash that differs from one Tracker to the next. Two exposures have the same
// key by chance less often than hardware fails.
type Key struct{ high, low uint64 }

// An Exposure is what makes a report a new one: somebody sees a value of a flag that they have not seen before.
type Exposure struct {
	// Project tells the exposures of several projects in one Tracker apart. It may be empty.
	Project string
	// DistinctID and DeviceID are who sees it. DeviceID may be empty.
	DistinctID, DeviceID string
	// Groups are those the flag was evaluated for, group type to key. A key counts as its text: 7 and "7" are one.
	Groups map[string]any
	// Flag is the key of the flag.
	Flag string
	// Value is what is seen.
	Value Value
}

// A Value is the value of a flag. The zero Value is that of a flag that is missing. Values of different kinds differ,
// whatever their text: a variant named true is not the value true.
type Value struct {
	kind    byte
	variant string
}

const (
	missing = iota
	off
	on
	named
)

// Enabled returns the value of a flag without variants.
func Enabled(enabled bool) Value {
	if enabled {
		return Value{kind: on}
	}
	return Value{kind: off}
}

// Variant returns the value of a flag that is on with a variant.
func Variant(variant string) Value { return Value{kind: named, variant: variant} }

// longField is the length from which the text of a field is replaced with its hash. It keeps what is hashed in the end
// small enough for the stack.
const longField = 56

// Key returns the key of e.
func (t *Tracker) Key(e Exposure) Key {
	var space [6 * (1 + longField)]byte
	text := append(space[:0], e.Value.kind)
	text = t.appendField(text, e.DistinctID)
	text = t.appendField(text, e.Flag)
	text = t.appendField(text, e.Value.variant)
	text = t.appendField(text, e.DeviceID)
	if len(e.Groups) > 0 {
		text = appendKey(text, t.groups(e.Groups))
	}
	if e.Project != "" {
		text = t.appendField(text, e.Project)
	}
	k := t.hash(text)
	if k.high == 0 { // which stands for no key
		k.high = 1
	}
	return k
}

// groups returns a key for the groups that does not depend on their order: the sum of those of each.
func (t *Tracker) groups(groups map[string]any) (sum Key) {
	var space [3 * (1 + longField)]byte
	for groupType, key := range groups {
		text := t.appendField(space[:0], groupType)
		text = t.appendGroupKey(text, key)
		k := t.hash(text)
		sum.high += k.high
		sum.low += k.low
	}
	return sum
}

// appendGroupKey appends the text of a group's key as a field.
func (t *Tracker) appendGroupKey(text []byte, key any) []byte {
	if s, ok := key.(string); ok {
		return t.appendField(text, s)
	}
	var space [32]byte
	number := space[:0]
	switch key := key.(type) {
	case int:
		number = strconv.AppendInt(number, int64(key), 10)
	case int64:
		number = strconv.AppendInt(number, key, 10)
	case int32:
		number = strconv.AppendInt(number, int64(key), 10)
	case uint64:
		number = strconv.AppendUint(number, key, 10)
	case float64:
		if key != math.Trunc(key) || math.Abs(key) > 1<<53 {
			return t.appendField(text, asWritten(key))
		}
		number = strconv.AppendInt(number, int64(key), 10)
	default:
		return t.appendField(text, asWritten(key))
	}
	return t.appendField(text, string(number))
}

// asWritten returns a value as events have it, without the quotes around text.
func asWritten(value any) string {
	var e wire.Encoder
	text, _ := e.AppendValue(nil, value)
	if n := len(text); n >= 2 && text[0] == '"' {
		text = text[1 : n-1]
	}
	return string(text)
}

// appendField appends s so that no other text looks the same: its length and itself, or the hash of what is long.
func (t *Tracker) appendField(text []byte, s string) []byte {
	if len(s) < longField {
		text = append(text, byte(len(s)))
		return append(text, s...)
	}
	return appendKey(append(text, math.MaxUint8), Key{maphash.String(t.seeds[0], s), maphash.String(t.seeds[1], s)})
}

func appendKey(text []byte, k Key) []byte {
	text = binary.LittleEndian.AppendUint64(text, k.high)
	return binary.LittleEndian.AppendUint64(text, k.low)
}

func (t *Tracker) hash(text []byte) Key {
	return Key{maphash.Bytes(t.seeds[0], text), maphash.Bytes(t.seeds[1], text)}
}
