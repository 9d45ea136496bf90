package match

import (
	"cmp"
	"math"
	"strconv"
	"time"
)

// number returns what v is for the operators that compare numbers: a JSON number, or a string that is one in
// decimal digits, with nothing before or after it. ok is false for anything else, and for what is beyond the range
// of float64.
func (v Value) number() (f float64, ok bool) {
	switch v.kind {
	case signedKind:
		return float64(int64(v.bits)), true //nolint:gosec // the bits of an int64
	case unsignedKind:
		return float64(v.bits), true
	case floatKind:
		return math.Float64frombits(v.bits), true
	case textKind:
		return parseNumber(v.text)
	default:
		return 0, false
	}
}

// parseNumber reads a number in the form of
//
//	[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?
//
// It keeps from [strconv.ParseFloat] what that would accept beside: other bases, underscores, infinities.
func parseNumber(text string) (f float64, ok bool) {
	rest := skipSign(text)
	whole := digits(rest)
	rest = rest[whole:]
	places := 0
	if rest != "" && rest[0] == '.' {
		places = digits(rest[1:])
		rest = rest[1+places:]
	}
	if whole+places == 0 {
		return 0, false
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = skipSign(rest[1:])
		exponent := digits(rest)
		if exponent == 0 {
			return 0, false
		}
		rest = rest[exponent:]
	}
	if rest != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func skipSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// compileNumeric makes the Test of an operator that compares numbers. The Test is nil if there is a cause.
func compileNumeric(operator string, operand Value) (Test, Cause) {
	switch operator {
	case "gt":
		return compileLimit(above, operand)
	case "gte", "min":
		return compileLimit(above|equal, operand)
	case "lt":
		return compileLimit(below, operand)
	case "lte", "max":
		return compileLimit(below|equal, operand)
	case "between":
		return compileInterval(true, operand)
	case "not_between":
		return compileInterval(false, operand)
	default:
		return nil, UnknownOperator
	}
}

// limit compares with a number.
type limit struct {
	wanted  ordering
	operand float64
}

func compileLimit(wanted ordering, operand Value) (Test, Cause) {
	f, ok := operand.number()
	if !ok {
		return nil, BadOperand
	}
	return &limit{wanted, f}, NoCause
}

// Match misses what is no number.
func (l *limit) Match(property Value, _ time.Time) (Outcome, Cause) {
	f, ok := property.number()
	return Of(ok && l.wanted.has(cmp.Compare(f, l.operand))), NoCause
}

// interval compares with two numbers, both of which belong to it.
type interval struct {
	low, high float64
	inside    bool // what is wanted
}

func compileInterval(inside bool, operand Value) (Test, Cause) {
	if operand.kind != arrayKind || len(operand.members) != 2 {
		return nil, BadOperand
	}
	low, lowOK := operand.members[0].number()
	high, highOK := operand.members[1].number()
	if !lowOK || !highOK || low > high {
		return nil, BadOperand
	}
	return &interval{low, high, inside}, NoCause
}

// Match misses what is no number, also when numbers outside are wanted.
func (i *interval) Match(property Value, _ time.Time) (Outcome, Cause) {
	f, ok := property.number()
	return Of(ok && (i.low <= f && f <= i.high) == i.inside), NoCause
}
