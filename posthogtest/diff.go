package posthogtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// difference is one property that is not as wanted.
type difference struct {
	property  string
	want, got string
}

func (d difference) String() string {
	return fmt.Sprintf("property %q: want %s, got %s", d.property, d.want, d.got)
}

// absent stands for a property that is not there.
const absent = "(absent)"

// compareProperties lists the wanted properties that differ, by name.
func compareProperties(want, got map[string]any) []difference {
	var differs []difference
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, ok := got[name]
		switch {
		case !ok:
			differs = append(differs, difference{name, show(want[name]), absent})
		case !sameJSON(want[name], value):
			differs = append(differs, difference{name, show(want[name]), show(value)})
		}
	}
	return differs
}

// sameJSON compares a Go value with a decoded one by what they are in JSON, so
// 12.5, json.Number("12.50") and float32(12.5) are the same.
func sameJSON(want, got any) bool {
	encoded, err := marshal(want)
	if err != nil {
		return false
	}
	var decoded any
	if unmarshalExact(encoded, &decoded) != nil {
		return false
	}
	return sameValue(decoded, got)
}

// sameValue compares two decoded JSON values.
func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, sameValue)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && plainNumber(string(a)) == plainNumber(string(b))
	default:
		switch b.(type) {
		case map[string]any, []any:
			return false
		}
		return a == b
	}
}

// plainNumber writes a JSON number in one way only: digits without leading or
// trailing zeros and a power of ten. It never expands the exponent, so it is
// safe on "1e999999999".
func plainNumber(text string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "-", rest
	}
	digits, exponent := text, int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		digits = text[:i]
		n, err := strconv.ParseInt(text[i+1:], 10, 32)
		if err != nil {
			return sign + text
		}
		exponent = n
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent -= int64(len(fraction))
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	exponent += int64(len(digits) - len(short))
	return sign + short + "e" + strconv.FormatInt(exponent, 10)
}

// show is a value as a person reads it in a failure: JSON on one line, cut.
func show(value any) string {
	const most = 200
	s := compact(value)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + fmt.Sprintf("... (%d characters)", len(r))
	}
	return s
}

// compact is a value as JSON on one line, or Go syntax if it has no JSON.
func compact(value any) string {
	b, err := marshal(value)
	if err != nil {
		return fmt.Sprintf("%#v", value)
	}
	return string(b)
}

// marshal is json.Marshal that leaves <, > and & readable.
func marshal(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
