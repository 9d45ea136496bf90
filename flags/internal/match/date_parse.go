package match

import (
	"strconv"
	"time"
)

// parseMoment reads a date in one of these forms, with nothing before or after it:
//
//	2026-03-31                            midnight
//	2026-03-31T12:00 2026-03-31 12:00:00.5    seconds and their fraction may be left out
//	2026-03-31T12:00:00.5+02:00           RFC 3339, with T, t or a space, and Z, z or an offset
//	1774951200                            seconds since 1970, as JSON writes an integer
//
// A leap second is the second 60. The first two are on a clock of an unknown zone. Digits after the ninth of a fraction do not count.
func parseMoment(text string) (m moment, ok bool) {
	d := dateReader{rest: text}
	year, month, day, ok := d.date()
	if !ok {
		return parseSeconds(text)
	}
	if d.rest == "" {
		return moment{instant: onClock(year, month, day, 0, 0, 0), local: true}, true
	}
	separator := d.rest[0]
	if separator != 'T' && separator != 't' && separator != ' ' {
		return moment{}, false
	}
	d.rest = d.rest[1:]
	hour, minute, second, nanoseconds, toTheSecond, ok := d.clock()
	if !ok {
		return moment{}, false
	}
	m.instant = onClock(year, month, day, hour, minute, second)
	m.nanoseconds, m.leap = nanoseconds, second == 60
	if d.rest == "" {
		m.local = true
		return m, separator != 't' // it is RFC 3339 that allows it
	}
	offset, ok := d.offset()
	m.seconds -= offset
	return m, ok && toTheSecond && d.rest == ""
}

// parseSeconds reads seconds since 1970: an integer without a plus sign and leading zeros.
func parseSeconds(text string) (m moment, ok bool) {
	unsigned := text
	if unsigned != "" && unsigned[0] == '-' {
		unsigned = unsigned[1:]
	}
	const longest = len("8334601228800")
	count := digits(unsigned)
	if count == 0 || count > longest || count != len(unsigned) || count > 1 && unsigned[0] == '0' {
		return moment{}, false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return moment{}, false
	}
	return ofSeconds(seconds)
}

// onClock returns what a clock and a calendar show, as if they were in UTC.
func onClock(year, month, day, hour, minute, second int) instant {
	return instant{seconds: time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix()}
}

// daysIn returns the number of days of a month.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// dateReader reads the parts of a date. ok is false for a part in another form, and for one out of its range.
type dateReader struct {
	rest string
}

// date reads 2026-03-31.
func (d *dateReader) date() (year, month, day int, ok bool) {
	year, ok = d.number(4, 0, 9999)
	if ok && d.skip('-') {
		month, ok = d.number(2, 1, 12)
		if ok && d.skip('-') {
			day, ok = d.number(2, 1, daysIn(year, month))
			return year, month, day, ok
		}
	}
	return 0, 0, 0, false
}

// clock reads 12:00, 12:00:00 or 12:00:00.5. toTheSecond is false for the first.
func (d *dateReader) clock() (hour, minute, second int, nanoseconds int32, toTheSecond, ok bool) {
	hour, minute, ok = d.hours()
	if !ok || !d.skip(':') {
		return hour, minute, 0, 0, false, ok
	}
	second, ok = d.number(2, 0, 60)
	if !ok || !d.skip('.') {
		return hour, minute, second, 0, true, ok
	}
	nanoseconds, ok = d.fraction()
	return hour, minute, second, nanoseconds, true, ok
}

// offset reads Z or +02:00, in seconds.
func (d *dateReader) offset() (seconds int64, ok bool) {
	if d.skip('Z') || d.skip('z') {
		return 0, true
	}
	negative := d.skip('-')
	if !negative && !d.skip('+') {
		return 0, false
	}
	hour, minute, ok := d.hours()
	seconds = int64(hour)*60*60 + int64(minute)*60
	if negative {
		seconds = -seconds
	}
	return seconds, ok
}

// hours reads 12:00.
func (d *dateReader) hours() (hour, minute int, ok bool) {
	hour, ok = d.number(2, 0, 23)
	if !ok || !d.skip(':') {
		return 0, 0, false
	}
	minute, ok = d.number(2, 0, 59)
	return hour, minute, ok
}

// fraction reads the digits after a point, in nanoseconds.
func (d *dateReader) fraction() (nanoseconds int32, ok bool) {
	count := digits(d.rest)
	scale := int32(100_000_000)
	for i := range count {
		nanoseconds += int32(d.rest[i]-'0') * scale
		scale /= 10
	}
	d.rest = d.rest[count:]
	return nanoseconds, count > 0
}

// number reads a number of so many digits, from least to most.
func (d *dateReader) number(width, least, most int) (n int, ok bool) {
	if len(d.rest) < width || digits(d.rest[:width]) < width {
		return 0, false
	}
	for i := range width {
		n = n*10 + int(d.rest[i]-'0')
	}
	d.rest = d.rest[width:]
	return n, least <= n && n <= most
}

// skip passes over c, and reports whether it was there.
func (d *dateReader) skip(c byte) bool {
	if d.rest == "" || d.rest[0] != c {
		return false
	}
	d.rest = d.rest[1:]
	return true
}
