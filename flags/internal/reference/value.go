package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// received is a value of the caller's as the server would receive it. Not ok means that it cannot be sent.
func received(value any) (decoded any, ok bool) {
	var sent bytes.Buffer
	if err := json.NewEncoder(&sent).Encode(value); err != nil {
		return nil, false
	}
	decoder := json.NewDecoder(&sent)
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		return nil, false
	}
	return decoded, representable(decoded)
}

// representable is whether every number in a decoded value fits into a float64.
func representable(value any) bool {
	switch v := value.(type) {
	case json.Number:
		_, ok := number(v)
		return ok
	case []any:
		return !slices.ContainsFunc(v, func(element any) bool { return !representable(element) })
	case map[string]any:
		for _, element := range v {
			if !representable(element) {
				return false
			}
		}
	}
	return true
}

// text is the canonical text of a decoded value: a string itself, anything else as compact JSON.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return compact(value)
}

func compact(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return quoted(v)
	case json.Number:
		return numberText(v.String())
	case []any:
		parts := make([]string, len(v))
		for i, element := range v {
			parts[i] = compact(element)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, quoted(name)+":"+compact(v[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		return fmt.Sprint(v)
	}
}

// quoted is a JSON string with nothing escaped that need not be.
func quoted(s string) string {
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case short[r] != "":
			b.WriteString(short[r])
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// numberText is the text of a number literal. Integers that fit into 64 bits, signed or not, keep their digits.
// Everything else is a float64 in its shortest form.
func numberText(literal string) string {
	if !strings.ContainsAny(literal, ".eE") && literal != "-0" {
		integer, _ := new(big.Int).SetString(literal, 10)
		if integer != nil && (integer.IsInt64() || integer.IsUint64()) {
			return integer.String()
		}
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return literal
	}
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	exponent, _ := strconv.Atoi(power)
	if exponent < -5 || exponent > 15 {
		return fmt.Sprintf("%se%+d", mantissa, exponent)
	}
	fixed := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(fixed, ".") {
		fixed += ".0"
	}
	return fixed
}
