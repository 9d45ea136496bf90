package reference

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// instant is what a date turned out to be: a moment, an hour that the clocks skipped or a leap second, or no date at all.
type instant struct {
	at       time.Time
	readable bool
	skipped  bool
}

var (
	relativeDate = regexp.MustCompile(`^-?([0-9]+)([hdwmy])$`)
	unixSeconds  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	calendarDate = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)
	dateAndTime  = regexp.MustCompile(
		`^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?$`)
)

// firstSecond and lastSecond bound the Unix time that the server can represent: 262143 years before and after year 0.
const (
	firstSecond = -8_334_601_228_800
	lastSecond  = 8_210_266_876_799
)

// compareDate is is_date_exact, is_date_after and is_date_before.
func (e *evaluation) compareDate(operator string, operand any) (test, verdict) {
	written, ok := operand.(string)
	if !ok {
		return nil, because(MalformedFilter)
	}
	bound, why := e.bound(written)
	if why == MalformedFilter || why == NonexistentTime && !relativeDate.MatchString(written) {
		return nil, because(why)
	}
	return func(property any) verdict {
		value := e.date(property)
		switch {
		case why != 0:
			return because(why)
		case !value.readable:
			return misses
		case value.skipped:
			return because(NonexistentTime)
		case operator == "is_date_after":
			return definite(value.at.After(bound))
		case operator == "is_date_before":
			return definite(value.at.Before(bound))
		default:
			return definite(value.at.Equal(bound))
		}
	}, matches
}

// bound is the moment that a filter names, by a date or by how long ago it is, or why there is none.
func (e *evaluation) bound(written string) (time.Time, Why) {
	found := instant{}
	if relative := relativeDate.FindStringSubmatch(written); relative == nil {
		found = e.date(written)
	} else if count, err := strconv.Atoi(relative[1]); err == nil && count <= 9999 {
		if e.subject.Now.IsZero() {
			return time.Time{}, NoClock
		}
		found = e.ago(count, relative[2])
	}
	switch {
	case !found.readable:
		return time.Time{}, MalformedFilter
	case found.skipped:
		return time.Time{}, NonexistentTime
	default:
		return found.at, 0
	}
}

// zone is the project's.
func (e *evaluation) zone() *time.Location {
	if e.subject.Location == nil {
		return time.UTC
	}
	return e.subject.Location
}

// date reads Unix seconds, a day, or a day and a time. What has no offset is meant in the project's zone.
func (e *evaluation) date(value any) instant {
	written, isText := value.(string)
	if literal, ok := value.(json.Number); ok {
		written, isText = literal.String(), true
		if !unixSeconds.MatchString(written) || written == "-0" { // which JSON has as a fraction
			return instant{}
		}
	}
	if !isText {
		return instant{}
	}
	if unixSeconds.MatchString(written) {
		seconds, err := strconv.ParseInt(written, 10, 64)
		return instant{at: time.Unix(seconds, 0), readable: err == nil && firstSecond <= seconds && seconds <= lastSecond}
	}
	if calendarDate.MatchString(written) {
		written += "T00:00"
	}
	part := dateAndTime.FindStringSubmatch(written)
	if part == nil {
		return instant{}
	}
	seconds, fraction, offset := part[6], part[7], part[8]
	if seconds == "" {
		if offset != "" { // RFC 3339 has seconds
			return instant{}
		}
		seconds = "00"
	}
	leap := seconds == "60" // which Unix time does not have
	if leap {
		seconds = "59"
	}
	wall, err := time.Parse("2006-01-02 15:04:05.999999999",
		fmt.Sprintf("%s-%s-%s %s:%s:%s.%s", part[1], part[2], part[3], part[4], part[5], seconds, (fraction + "000000000")[:9]))
	if err != nil {
		return instant{}
	}
	if offset == "" {
		found := e.onTheClock(wall)
		found.skipped = found.skipped || leap
		return found
	}
	if offset == "Z" || offset == "z" {
		return instant{at: wall, readable: true, skipped: leap}
	}
	hours, _ := strconv.Atoi(offset[1:3])
	minutes, _ := strconv.Atoi(offset[4:6])
	if hours > 23 || minutes > 59 {
		return instant{}
	}
	east := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if offset[0] == '-' {
		east = -east
	}
	return instant{at: wall.Add(-east), readable: true, skipped: leap}
}

// ago looks back from now, on the clock on the wall of the project's zone.
func (e *evaluation) ago(count int, unit string) instant {
	now := e.subject.Now.In(e.zone())
	wall := time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
	for range count {
		switch unit {
		case "h":
			wall = wall.Add(-time.Hour)
		case "d":
			wall = wall.Add(-24 * time.Hour)
		case "w":
			wall = wall.Add(-7 * 24 * time.Hour)
		case "m":
			wall = earlier(wall, 1)
		case "y":
			wall = earlier(wall, 12)
		}
	}
	return e.onTheClock(wall)
}

// earlier is the same day some months before, or the last one of that month if it is shorter.
func earlier(wall time.Time, months int) time.Time {
	day := wall.Day()
	first := wall.AddDate(0, 0, 1-day).AddDate(0, -months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, last)-1)
}

// onTheClock finds the moment at which the clocks of the project's zone show a time, given as if it were UTC. It tries
// every offset that the zone has around then. Where clocks go back, the earlier moment counts.
func (e *evaluation) onTheClock(wall time.Time) instant {
	found := instant{readable: true, skipped: true}
	for hour := -36; hour <= 36; hour += 12 {
		_, offset := wall.Add(time.Duration(hour) * time.Hour).In(e.zone()).Zone()
		moment := wall.Add(-time.Duration(offset) * time.Second)
		shown := moment.In(e.zone()).Format("2006-01-02T15:04:05.999999999")
		if shown == wall.Format("2006-01-02T15:04:05.999999999") && (found.skipped || moment.Before(found.at)) {
			found = instant{at: moment, readable: true}
		}
	}
	return found
}
