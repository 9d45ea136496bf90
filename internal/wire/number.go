package wire

import (
	"math"
	"strconv"
)

// appendFloat appends f as encoding/json does: the fewest digits that read back as the same float, plain
// between 1e-6 and 1e21 and with an exponent outside. NaN and the infinities, which JSON has no words for,
// become null. Bits is 32 or 64, the size of the type f came from.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if bits == 64 {
		if out, ok := appendShortDecimal(dst, f); ok {
			return out
		}
	}
	format, abs := byte('f'), math.Abs(f)
	if abs != 0 {
		tiny, huge := abs < 1e-6, abs >= 1e21
		if bits == 32 { // the borders are float32 numbers too
			tiny, huge = float32(abs) < 1e-6, float32(abs) >= 1e21
		}
		if tiny || huge {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

// appendShortDecimal handles the floats that amounts, counts and durations are made of: at most four decimal
// places and at most fifteen digits. Two decimals of that length are never the same float, so one that reads
// back as f is the shortest that does. For any other float it reports false and appends nothing.
func appendShortDecimal(dst []byte, f float64) ([]byte, bool) {
	const scale, fifteenDigits = 10_000, 1e15
	scaled := math.Abs(f) * scale
	if scaled >= fifteenDigits || f == 0 && math.Signbit(f) {
		return dst, false
	}
	units := uint64(scaled + 0.5)
	if float64(units)/scale != math.Abs(f) {
		return dst, false
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	dst = strconv.AppendUint(dst, units/scale, 10)
	fraction := uint32(units % scale)
	if fraction == 0 {
		return dst, true
	}
	high, low := 2*(fraction/100), 2*(fraction%100)
	dst = append(dst, '.', digitPairs[high], digitPairs[high+1], digitPairs[low], digitPairs[low+1])
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst, true
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
		n := digits(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := digits(s)
		if n == 0 {
			return false
		}
		s = s[n:]
	}
	return s == ""
}

// digits counts the decimal digits s begins with.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
