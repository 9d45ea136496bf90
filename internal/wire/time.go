package wire

import "time"

const (
	secondsPerDay = 24 * 60 * 60

	firstSecond = -62167219200 // 0000-01-01T00:00:00Z in Unix time: RFC 3339 has no earlier one
	lastSecond  = 253402300799 // 9999-12-31T23:59:59Z, and no later one
)

// AppendTime appends t to dst as a quoted RFC 3339 timestamp in UTC and returns the extended buffer.
//
// The fraction goes down to nanoseconds, without trailing zeros, and is absent for a whole second. An instant
// RFC 3339 cannot write, before the year 0 or after 9999, becomes the nearest one it can.
func AppendTime(dst []byte, t time.Time) []byte {
	second, nanosecond := t.Unix(), t.Nanosecond()
	if second < firstSecond {
		second, nanosecond = firstSecond, 0
	} else if second > lastSecond {
		second, nanosecond = lastSecond, 999_999_999
	}
	dst = append(dst, '"')
	dst = appendClock(dst, second, nanosecond)
	return append(dst, 'Z', '"')
}

// appendZonedTime appends t as encoding/json does: with the offset it carries. It reports false, and appends
// nothing, for a year or an offset RFC 3339 has no room for.
func appendZonedTime(dst []byte, t time.Time) ([]byte, bool) {
	_, offset := t.Zone()
	second := t.Unix()
	if offset == 0 && firstSecond <= second && second <= lastSecond {
		dst = append(dst, '"')
		dst = appendClock(dst, second, t.Nanosecond())
		return append(dst, 'Z', '"'), true
	}
	second += int64(offset) // a sum that overflows comes out beyond the other end, and is out of range as well
	if second < firstSecond || second > lastSecond || offset <= -secondsPerDay || offset >= secondsPerDay {
		return dst, false
	}
	dst = append(dst, '"')
	dst = appendClock(dst, second, t.Nanosecond())
	sign, minutes := byte('+'), offset/60 // seconds of an offset are cut off, as encoding/json does
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	hour, minute := minutes/60*2, minutes%60*2
	return append(dst, sign, digitPairs[hour], digitPairs[hour+1], ':', digitPairs[minute], digitPairs[minute+1], '"'), true
}

// appendClock appends date, time and fraction. The second counts from 1970 and lies within the range RFC 3339
// can write.
func appendClock(dst []byte, second int64, nanosecond int) []byte {
	sinceYearZero := uint64(second - firstSecond)
	year, month, day := civil(uint32(sinceYearZero / secondsPerDay))
	inDay := uint32(sinceYearZero % secondsPerDay)

	var text [len("2006-01-02T15:04:05.999999999")]byte
	putPair(text[0:], year/100)
	putPair(text[2:], year%100)
	text[4] = '-'
	putPair(text[5:], month)
	text[7] = '-'
	putPair(text[8:], day)
	text[10] = 'T'
	putPair(text[11:], inDay/3600)
	text[13] = ':'
	putPair(text[14:], inDay/60%60)
	text[16] = ':'
	putPair(text[17:], inDay%60)

	fraction := uint32(nanosecond)
	if fraction == 0 {
		return append(dst, text[:19]...)
	}
	text[19] = '.'
	putPair(text[20:], fraction/10_000_000)
	putPair(text[22:], fraction/100_000%100)
	putPair(text[24:], fraction/1_000%100)
	putPair(text[26:], fraction/10%100)
	text[28] = '0' + byte(fraction%10)
	end := len(text)
	for text[end-1] == '0' {
		end--
	}
	return append(dst, text[:end]...)
}

// civil turns a number of days since 0000-01-01 into a date of the Gregorian calendar. It counts years from
// March, which puts the leap day last and makes the length of the months before it a straight line.
func civil(days uint32) (year, month, day uint32) {
	const (
		daysPerCentury  = 36524 // without the leap day every fourth century has
		daysPer4Century = 146097
	)
	days += daysPer4Century - 60 // since the first of March, 400 years before year 0
	era := days / daysPer4Century
	inEra := days % daysPer4Century
	yearOfEra := (inEra - inEra/1460 + inEra/daysPerCentury - inEra/(daysPer4Century-1)) / 365
	inYear := inEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	monthFromMarch := (5*inYear + 2) / 153
	day = inYear - (153*monthFromMarch+2)/5 + 1
	month = monthFromMarch + 3
	year = era*400 + yearOfEra - 400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// putPair writes v, which is below 100, as two digits.
func putPair(dst []byte, v uint32) {
	dst[0], dst[1] = digitPairs[2*v], digitPairs[2*v+1]
}

const digitPairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"
