package match

import "time"

// lookBack is a date relative to now, which is always before it: 7d and -7d are both a week ago.
type lookBack struct {
	count int  // 0 to 9999
	unit  byte // h, d, w, m for months, or y
}

// mostUnits is the greatest count of a look-back.
const mostUnits = 9999

// parseLookBack reads -7d or 7d.
func parseLookBack(text string) (b lookBack, ok bool) {
	if text != "" && text[0] == '-' {
		text = text[1:]
	}
	count := digits(text)
	if count == 0 || len(text) != count+1 {
		return lookBack{}, false
	}
	for i := range count {
		b.count = b.count*10 + int(text[i]-'0')
		if b.count > mostUnits {
			return lookBack{}, false
		}
	}
	b.unit = text[count]
	switch b.unit {
	case 'h', 'd', 'w', 'm', 'y':
		return b, true
	default:
		return lookBack{}, false
	}
}

// from returns when it was so long before now, by the clocks of zone: a day ago they showed the same time, were it
// 23 hours ago or 25. exists is false when they skipped that time.
func (b lookBack) from(now time.Time, zone *time.Location) (at instant, exists bool) {
	now = now.In(zone)
	year, month, day := now.Date()
	clock := b.before(year, int(month), day)
	hour, minute, second := now.Clock()
	clock.seconds += int64(hour)*60*60 + int64(minute)*60 + int64(second)
	clock.nanoseconds = int32(now.Nanosecond()) //nolint:gosec // less than a second
	if b.unit == 'h' {
		clock.seconds -= int64(b.count) * 60 * 60
	}
	return moment{instant: clock, local: true}.in(zone)
}

// before returns the midnight of the day that is so many days, weeks, months or years before another.
//
// Months and years are counted one at a time, and every step that leads to a month that is too short goes to its
// last day. So two months before March 31 is January 28, and one year is enough to lose February 29.
func (b lookBack) before(year, month, day int) instant {
	switch b.unit {
	case 'd':
		day -= b.count
	case 'w':
		day -= 7 * b.count
	case 'm':
		left := b.count
		for ; left > 0 && day > 28; left-- { // two years at most, until the day is in every month
			month--
			if month == 0 {
				year, month = year-1, 12
			}
			day = min(day, daysIn(year, month))
		}
		month -= left
	case 'y':
		if b.count > 0 && month == 2 {
			day = min(day, 28) // no two years in succession are leap years
		}
		year -= b.count
	}
	return onClock(year, month, day, 0, 0, 0) // puts days and months below 1 right
}
