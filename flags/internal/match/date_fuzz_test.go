package match_test

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// FuzzDate compares with the forms as regular expressions, the time package's parser and a search for offsets.
func FuzzDate(f *testing.F) {
	f.Add("2026-03-31", "-1d", int64(1774958400), uint8(0))
	f.Add("2026-03-08T02:30", "2026-03-08 03:30:00", int64(1774958400), uint8(1))
	f.Add("2026-10-25 01:30:00.25", "2m", int64(1793000000), uint8(2))
	f.Add("2026-03-31t12:00:00.123456789123-12:30", "1774951200", int64(-9e9), uint8(3))
	f.Add("-86400", "9999m", int64(1), uint8(4))
	f.Add("2011-12-30", "24h", int64(1325282400), uint8(5))
	f.Add("2028-02-29T00:00:00Z", "1y", int64(1835395200), uint8(6))
	zones := oddZones(f)
	f.Fuzz(func(t *testing.T, property, operand string, unix int64, which uint8) {
		now := time.Unix(unix%1e11, unix%7) // within some thousand years
		checkDates(t, property, operand, now, zones[int(which)%len(zones)])
	})
}

// oddZones are UTC and zones whose clocks are set in unusual ways.
func oddZones(tb testing.TB) []*time.Location {
	tb.Helper()
	zones := []*time.Location{time.UTC}
	for _, name := range []string{
		"America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Atlantic/Azores", "Pacific/Apia", "Australia/Sydney", "Africa/Casablanca",
	} {
		zones = append(zones, zoneOf(tb, name))
	}
	return zones
}

// Proves FL-21.
func TestDatesWhenClocksAreSet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	day := func() string {
		return pick(random, "2026-", "2011-", "2028-", "1918-") +
			pick(random, "03-29", "03-08", "10-25", "11-01", "04-05", "10-04", "12-30", "12-31", "02-28", "02-29", "02-30")
	}
	clock := func() string {
		return pick(random, "T", " ", "t") + pick(random, "00:", "01:", "02:", "03:", "24:") + pick(random, "00", "15", "30", "59", "60")
	}
	date := func() string {
		switch random.IntN(6) {
		case 0:
			return day()
		case 1:
			return pick(random, "", "-") + pick(random, "0", "1", "3", "12", "24", "26", "400", "9999", "10000") + pick(random, "h", "d", "w", "m", "y")
		case 2:
			return pick(random, "1774951200", "-86400", "8210266876799", "8210266876800", "-8334601228800", "-8334601228801", "007", "-0")
		case 3:
			return day() + clock() + ":00" + pick(random, "Z", "z", "+01:00", "-09:30", "+24:00", "")
		default:
			return day() + clock() + pick(random, "", "", ":00", ":30.5", ":59.1234567891", ":60", ":61")
		}
	}
	zones := oddZones(t)
	for range 500 {
		now := time.Date(2026+2*random.IntN(2), time.Month(1+random.IntN(12)), 1+random.IntN(31), random.IntN(5), 30, 0, 0, time.UTC)
		checkDates(t, date(), date(), now, zones[random.IntN(len(zones))])
	}
}

// checkDates asks all operators that compare dates.
func checkDates(t *testing.T, property, operand string, now time.Time, zone *time.Location) {
	t.Helper()
	want, wantKnown := slowDate(operand, zone)
	if ago, ok := slowLookBack(operand, now.In(zone)); ok {
		want, wantKnown = slowShown(ago, zone), true
	}
	date, dateKnown := slowDate(property, zone)
	for operator, wanted := range map[string]int{"is_date_before": -1, "is_date_exact": 0, "is_date_after": 1} {
		outcome := match.No
		switch {
		case !wantKnown, want.IsZero():
			outcome = match.Inconclusive
		case !dateKnown:
		case date.IsZero():
			outcome = match.Inconclusive
		default:
			outcome = match.Of(date.Compare(want) == wanted)
		}
		if got, cause := answer(t, operator, quoted(t, property), quoted(t, operand), zone, now); got != outcome {
			t.Errorf("%q %s %q at %v in %v is %v for cause %d, want %v", property, operator, operand, now.UTC(), zone, got, cause, outcome)
		}
	}
}

var (
	localDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$`)
	rfc3339   = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	integer   = regexp.MustCompile(`^-?(0|[1-9]\d*)$`)
	lookBack  = regexp.MustCompile(`^-?(\d+)([hdwmy])$`)
)

// slowDate returns the zero time for one that the clocks in zone skipped.
func slowDate(text string, zone *time.Location) (date time.Time, ok bool) {
	if before, after, leap := strings.Cut(text, ":60"); leap && len(before) == len("2026-03-31T12:00") {
		_, ok = slowDate(before+":59"+after, time.UTC)
		return time.Time{}, ok // as if it was skipped
	}
	switch {
	case rfc3339.MatchString(text):
		date, err := time.Parse(time.RFC3339Nano, strings.Replace(strings.ToUpper(text), " ", "T", 1))
		return date, err == nil
	case localDate.MatchString(text):
		layout := "2006-01-02T15:04:05"[:min(len(text), len("2006-01-02T15:04:05"))]
		clock, err := time.Parse(layout, strings.Replace(text, " ", "T", 1))
		return slowShown(clock, zone), err == nil
	case integer.MatchString(text):
		seconds, err := strconv.ParseInt(text, 10, 64)
		date = time.Unix(seconds, 0)
		return date, err == nil && -262143 <= date.UTC().Year() && date.UTC().Year() <= 262142
	default:
		return time.Time{}, false
	}
}

// slowShown tries all offsets that zone has on the days around.
func slowShown(clock time.Time, zone *time.Location) (first time.Time) {
	const layout = "2006-01-02 15:04:05.999999999"
	tried := make(map[int]bool)
	for around := -26 * time.Hour; around <= 26*time.Hour; around += 15 * time.Minute {
		_, offset := clock.Add(around).In(zone).Zone()
		if tried[offset] {
			continue
		}
		tried[offset] = true
		candidate := clock.Add(-time.Duration(offset) * time.Second)
		if candidate.In(zone).Format(layout) == clock.Format(layout) && (first.IsZero() || candidate.Before(first)) {
			first = candidate
		}
	}
	return first
}

// slowLookBack returns what clocks show that now show what those of now do.
func slowLookBack(text string, now time.Time) (clock time.Time, ok bool) {
	parts := lookBack.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, false
	}
	count, err := strconv.Atoi(parts[1])
	if err != nil || count > 9999 {
		return time.Time{}, false
	}
	clock = time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
	for range count {
		switch parts[2] {
		case "h":
			clock = clock.Add(-time.Hour)
		case "d":
			clock = clock.AddDate(0, 0, -1)
		case "w":
			clock = clock.AddDate(0, 0, -7)
		case "m":
			clock = stepBack(clock, 0, 1)
		case "y":
			clock = stepBack(clock, 1, 0)
		}
	}
	return clock, true
}

// stepBack goes back to the last day of a month that is too short.
func stepBack(clock time.Time, years, months int) time.Time {
	first := clock.AddDate(0, 0, 1-clock.Day()).AddDate(-years, -months, 0)
	last := first.AddDate(0, 1, -1)
	return first.AddDate(0, 0, min(clock.Day(), last.Day())-1)
}
