package match

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Text returns the canonical text of v, which is what most operators compare: a string without quotes, anything
// else as compact JSON with sorted names and the server's way of writing numbers. It is empty for a value that
// is unusable.
func (v Value) Text() string {
	switch {
	case v.text != "" || v.kind == textKind:
		return v.text
	case v.kind == arrayKind || v.kind == objectKind:
		return string(v.appendJSON(nil))
	default:
		return string(v.appendScalar(nil))
	}
}

// appendScalar appends the text of a number, a boolean or null.
func (v Value) appendScalar(dst []byte) []byte {
	switch v.kind {
	case nullKind:
		return append(dst, "null"...)
	case boolKind:
		return strconv.AppendBool(dst, v.bits == 1)
	case signedKind:
		return strconv.AppendInt(dst, int64(v.bits), 10) //nolint:gosec // the bits of an int64
	case unsignedKind:
		return strconv.AppendUint(dst, v.bits, 10)
	case floatKind:
		return appendFloat(dst, math.Float64frombits(v.bits))
	default:
		return dst
	}
}

// scalarText is room for whatever appendScalar appends.
const scalarText = 32

// appendJSON appends v as it is written within an array or an object.
func (v Value) appendJSON(dst []byte) []byte {
	switch v.kind {
	case textKind:
		return appendQuoted(dst, v.text)
	case arrayKind:
		dst = append(dst, '[')
		for i, element := range v.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = element.appendJSON(dst)
		}
		return append(dst, ']')
	case objectKind:
		dst = append(dst, '{')
		for i, member := range v.members {
			switch {
			case i%2 == 1:
				dst = append(dst, ':')
			case i > 0:
				dst = append(dst, ',')
			}
			dst = member.appendJSON(dst)
		}
		return append(dst, '}')
	default:
		return v.appendScalar(dst)
	}
}

// appendQuoted appends s as a JSON string in which only the quote, the backslash and control characters are
// escaped.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendFloat appends the fewest digits that read back as f: plain between 1e-5 and 1e16, where a whole number
// ends in ".0", and with an exponent outside. The server tells 25.0 from 25 that way.
func appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	if abs := math.Abs(f); abs == 0 || 1e-5 <= abs && abs < 1e16 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		for _, c := range dst[start:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, '.', '0')
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

// transmitted returns s as it reaches the server: each byte that is no UTF-8 becomes U+FFFD. It allocates only
// if there is one.
func transmitted(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
