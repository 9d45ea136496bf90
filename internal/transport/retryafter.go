package transport

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ParseRetryAfter reads the value of a Retry-After header and returns how long to wait from now on.
//
// It accepts whole or decimal seconds in plain digits, and the three date forms of HTTP. A date is
// measured against date, the answer's own Date header, so that a wrong local clock does no harm; a
// zero date means there was none, and now is used. A value that is zero, negative, past, too large
// for a Duration or unreadable counts as absent: the result is then 0 and false. Nothing is capped.
func ParseRetryAfter(value string, now, date time.Time) (time.Duration, bool) {
	value = strings.Trim(value, " \t")
	if whole, fraction, pointed := strings.Cut(value, "."); isDigits(whole) && (!pointed || isDigits(fraction)) {
		return seconds(whole, fraction)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date.IsZero() {
		date = now
	}
	wait := until.Sub(date)
	if wait <= 0 || wait == math.MaxInt64 { // Sub stops there when the distance does not fit
		return 0, false
	}
	return wait, true
}

// seconds reads a decimal number of seconds whose digits before and after the point are given. Whole
// seconds are exact, the fraction is rounded to the nanosecond.
func seconds(whole, fraction string) (time.Duration, bool) {
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n >= math.MaxInt64/int64(time.Second) {
		return 0, false
	}
	part, err := strconv.ParseFloat("0."+fraction+"0", 64)
	if err != nil {
		return 0, false
	}
	wait := time.Duration(n)*time.Second + time.Duration(math.Round(part*float64(time.Second)))
	return wait, wait > 0
}

// isDigits reports whether s is one or more of 0 to 9. Signs, exponents, hexadecimal and the words for
// infinity are not seconds, though strconv reads them.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
