package reference

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
)

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// numeric reads a number, or a string that is one and nothing else.
func numeric(value any) (float64, bool) {
	var literal string
	switch v := value.(type) {
	case json.Number:
		literal = v.String()
	case string:
		literal = v
	}
	if !decimal.MatchString(literal) {
		return 0, false
	}
	f, err := strconv.ParseFloat(literal, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// compareNumber is gt, gte (also named min), lt, and lte (also named max).
func compareNumber(operator string, operand any) (test, verdict) {
	bound, ok := numeric(operand)
	if !ok {
		return nil, because(MalformedFilter)
	}
	return func(property any) verdict {
		value, ok := numeric(property)
		if !ok {
			return misses
		}
		switch operator {
		case "gt":
			return definite(value > bound)
		case "gte", "min":
			return definite(value >= bound)
		case "lt":
			return definite(value < bound)
		default:
			return definite(value <= bound)
		}
	}, matches
}

// between takes two bounds, both of which are inside.
func between(operator string, operand any) (test, verdict) {
	bounds, _ := operand.([]any)
	if len(bounds) != 2 {
		return nil, because(MalformedFilter)
	}
	low, ok1 := numeric(bounds[0])
	high, ok2 := numeric(bounds[1])
	if !ok1 || !ok2 || low > high {
		return nil, because(MalformedFilter)
	}
	return func(property any) verdict {
		value, ok := numeric(property)
		if !ok {
			return misses
		}
		return definite((low <= value && value <= high) == (operator == "between"))
	}, matches
}
