package match_test

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// What follows says the same as the package in another and slower way, for comparison.

// slowText is the canonical text of what encoding/json decodes with UseNumber.
func slowText(decoded any, inside bool) string {
	switch v := decoded.(type) {
	case string:
		if !inside {
			return v
		}
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(v)
		quoted := strings.TrimSuffix(b.String(), "\n")
		// An odd number of backslashes makes an escape; a literal \\u2028 has an even one.
		return unescapeSeparators(quoted)
	case json.Number:
		return slowNumberText(string(v))
	case []any:
		parts := make([]string, len(v))
		for i, element := range v {
			parts[i] = slowText(element, true)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		parts := make([]string, len(names))
		for i, name := range names {
			parts[i] = slowText(name, true) + ":" + slowText(v[name], true)
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		text, _ := json.Marshal(v)
		return string(text)
	}
}

func unescapeSeparators(quoted string) string {
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		switch {
		case strings.HasPrefix(quoted[i:], `\u2028`), strings.HasPrefix(quoted[i:], `\u2029`):
			b.WriteRune(map[byte]rune{'8': '\u2028', '9': '\u2029'}[quoted[i+5]])
			i += 5
		case quoted[i] == '\\':
			b.WriteString(quoted[i : i+2])
			i++
		default:
			b.WriteByte(quoted[i])
		}
	}
	return b.String()
}

func slowNumberText(literal string) string {
	if !strings.ContainsAny(literal, ".eE") && literal != "-0" {
		if _, err := strconv.ParseInt(literal, 10, 64); err == nil {
			return literal
		}
		if _, err := strconv.ParseUint(literal, 10, 64); err == nil {
			return literal
		}
	}
	f, _ := strconv.ParseFloat(literal, 64)
	if f == 0 {
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent)
	sign := ""
	if f < 0 {
		sign = "-"
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	switch {
	case e < -5 || e > 15:
		if e < 0 {
			return sign + mantissa + "e" + strconv.Itoa(e)
		}
		return sign + mantissa + "e+" + strconv.Itoa(e)
	case e < 0:
		return sign + "0." + strings.Repeat("0", -e-1) + digits
	case len(digits) <= e+1:
		return sign + digits + strings.Repeat("0", e+1-len(digits)) + ".0"
	default:
		return sign + digits[:e+1] + "." + digits[e+1:]
	}
}

// slowLower is the lower case of the Unicode standard, chapter 3.13, rune by rune.
func slowLower(s string) string {
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		switch r {
		case 'İ':
			b.WriteString("i\u0307")
		case 'Σ':
			if slowCasedNext(slices.Backward(runes[:i])) && !slowCasedNext(slices.All(runes[i+1:])) {
				b.WriteRune('ς')
			} else {
				b.WriteRune('σ')
			}
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func slowCasedNext(runes func(func(int, rune) bool)) bool {
	const punctuation = "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a"
	for _, r := range runes {
		if strings.ContainsRune(punctuation, r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) ||
			unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Lm, r) || unicode.Is(unicode.Sk, r) {
			continue
		}
		return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) ||
			unicode.Is(unicode.Other_Lowercase, r) || unicode.Is(unicode.Other_Uppercase, r)
	}
	return false
}

func slowFold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// slowExact is the rule of equality on what encoding/json decodes.
func slowExact(operand, property any, version int) bool {
	list, isList := operand.([]any)
	if isList && len(list) == 0 || version != 2 && slowBoolLike(operand) {
		return slowTruthy(operand) == slowTruthy(property)
	}
	text := slowLower(slowText(property, false))
	if isList {
		return slices.ContainsFunc(list, func(member any) bool { return slowLower(slowText(member, false)) == text })
	}
	return slowLower(slowText(operand, false)) == text
}

func slowBoolLike(v any) bool {
	switch v := v.(type) {
	case bool:
		return true
	case string:
		return slowLower(v) == "true" || slowLower(v) == "false"
	case []any:
		for _, element := range v {
			if !slowBoolLike(element) {
				return false
			}
		}
		return true
	}
	return false
}

func slowTruthy(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return slowLower(v) == "true"
	case []any:
		for _, element := range v {
			if !slowTruthy(element) {
				return false
			}
		}
		return true
	}
	return false
}
