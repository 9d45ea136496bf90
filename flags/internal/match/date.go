package match

import (
	"cmp"
	"time"
)

// compileDate makes the Test of an operator that compares instants. The Test is nil if there is a cause. zone is
// where dates and times without an offset are.
func compileDate(operator string, operand Value, zone *time.Location) (Test, Cause) {
	var wanted ordering
	switch operator {
	case "is_date_before":
		wanted = below
	case "is_date_exact":
		wanted = equal
	case "is_date_after":
		wanted = above
	default:
		return nil, UnknownOperator
	}
	text, ok := operand.Contents()
	if !ok {
		return nil, BadOperand
	}
	if ago, ok := parseLookBack(text); ok {
		return &relativeDate{wanted, ago, zone}, NoCause
	}
	date, ok := parseMoment(text)
	if !ok {
		return nil, BadOperand
	}
	at, exists := date.in(zone)
	if !exists {
		return nil, NonexistentTime
	}
	return &absoluteDate{wanted, at, zone}, NoCause
}

// absoluteDate compares with an instant.
type absoluteDate struct {
	wanted  ordering
	operand instant
	zone    *time.Location
}

// Match misses what is no date.
func (d *absoluteDate) Match(property Value, _ time.Time) (Outcome, Cause) {
	return compareDate(property, d.wanted, d.operand, d.zone)
}

// relativeDate compares with an instant some time ago. It is found for each question: nothing is kept that would
// have to be guarded.
type relativeDate struct {
	wanted ordering
	ago    lookBack
	zone   *time.Location
}

// Match misses what is no date, if it knows what to compare it with.
func (d *relativeDate) Match(property Value, now time.Time) (Outcome, Cause) {
	if now.IsZero() {
		return Inconclusive, NoClock
	}
	operand, exists := d.ago.from(now, d.zone)
	if !exists {
		return Inconclusive, NonexistentTime
	}
	return compareDate(property, d.wanted, operand, d.zone)
}

func compareDate(property Value, wanted ordering, operand instant, zone *time.Location) (Outcome, Cause) {
	date, ok := property.moment()
	if !ok {
		return No, NoCause
	}
	at, exists := date.in(zone)
	if !exists {
		return Inconclusive, NonexistentTime
	}
	return Of(wanted.has(at.compare(operand))), NoCause
}

// The seconds since 1970 that the server's calendar covers, which are 262,143 years before Christ and as many
// after: a time in milliseconds is a date in a far future, and one in microseconds is none.
const (
	firstSecond = -8_334_601_228_800
	lastSecond  = 8_210_266_876_799
)

// moment returns the moment that v denotes: a string in one of the forms of a date, or whole seconds since 1970.
func (v Value) moment() (m moment, ok bool) {
	switch v.kind {
	case signedKind:
		return ofSeconds(int64(v.bits)) //nolint:gosec // the bits of an int64
	case textKind:
		return parseMoment(v.text)
	default:
		return moment{}, false
	}
}

func ofSeconds(seconds int64) (m moment, ok bool) {
	return moment{instant: instant{seconds: seconds}}, firstSecond <= seconds && seconds <= lastSecond
}

// instant is a point in time, or a time on a clock as if that was in UTC.
type instant struct {
	seconds     int64 // since 1970
	nanoseconds int32
}

func (i instant) compare(other instant) int {
	return cmp.Or(cmp.Compare(i.seconds, other.seconds), cmp.Compare(i.nanoseconds, other.nanoseconds))
}

// moment is what a text says about a point in time.
type moment struct {
	instant
	local bool // it is a time on a clock, of a zone that the text does not say
	leap  bool // it is a leap second, which Unix time does not have
}

// in returns the point in time, with clocks being those of zone. exists is false for a time that they skipped, and for a
// leap second.
func (m moment) in(zone *time.Location) (at instant, exists bool) {
	if m.leap {
		return instant{}, false
	}
	if !m.local {
		return m.instant, true
	}
	seconds, exists := shown(m.seconds, zone)
	return instant{seconds, m.nanoseconds}, exists
}

// shown returns when the clocks in zone first show a time, which is given as if they were in UTC. exists is
// false when they never do, because they are set forward past it. [time.Date] would answer too, but with either
// time when clocks are set back, and with a neighbor of one that is skipped.
func shown(clock int64, zone *time.Location) (seconds int64, exists bool) {
	if zone == time.UTC {
		return clock, true
	}
	const day = 24 * 60 * 60 // no offset is longer
	for t := time.Unix(clock-day, 0).In(zone); ; {
		_, offset := t.Zone()
		start, end := t.ZoneBounds()
		seconds := clock - int64(offset)
		if (start.IsZero() || start.Unix() <= seconds) && (end.IsZero() || seconds < end.Unix()) {
			return seconds, true
		}
		if end.IsZero() || end.Unix() > clock+day {
			return 0, false
		}
		t = end
	}
}
