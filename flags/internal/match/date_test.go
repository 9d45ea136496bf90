package match_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/hedgerow/posthog/flags/internal/match"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Proves FL-21.
func TestDatesAreComparedAsInstants(t *testing.T) {
	t.Parallel()
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"P064, a day ago is 2026-03-30T12:00Z", "is_date_before", `"2026-03-30"`, `"-1d"`, match.Yes},
		{"P065, months are clamped step by step", "is_date_exact", `"2026-01-28T12:00:00Z"`, `"-2m"`, match.Yes},
		{"P066, and not once", "is_date_exact", `"2026-01-31T12:00:00Z"`, `"-2m"`, match.No},
		{"P067, Unix seconds", "is_date_after", `1774951200`, `"2026-03-31"`, match.Yes},
		{"P068, no fractions of Unix seconds", "is_date_after", `1774951200.5`, `"2026-03-31"`, match.No},
		{"P070, an impossible date", "is_date_before", `"2026-02-30"`, `"2026-03-01"`, match.No},
		{"P071, a bad filter", "is_date_before", `"2026-01-01"`, `"soon"`, match.Inconclusive},
		{"P072, a count above 9999", "is_date_before", `"2026-01-01"`, `"-10000d"`, match.Inconclusive},
		{"P073, no plus sign", "is_date_before", `"2026-01-01"`, `"+1d"`, match.Inconclusive},
		{"P074, a boolean is no date", "is_date_before", `true`, `"2026-01-01"`, match.No},

		{"before is strict", "is_date_before", `"2026-03-31"`, `"2026-03-31"`, match.No},
		{"after is strict", "is_date_after", `"2026-03-31"`, `"2026-03-31"`, match.No},
		{"exact is the instant and not the day", "is_date_exact", `"2026-03-31T00:00:01"`, `"2026-03-31"`, match.No},
		{"nanoseconds count", "is_date_after", `"2026-03-31T00:00:00.000000001Z"`, `"2026-03-31"`, match.Yes},
		{"less does not", "is_date_exact", `"2026-03-31T00:00:00.0000000009Z"`, `"2026-03-31"`, match.Yes},
		{"a space for the T", "is_date_exact", `"2026-03-31 12:00"`, `"2026-03-31T12:00:00.000"`, match.Yes},
		{"an offset", "is_date_exact", `"2026-03-31T14:00:00+02:00"`, `"2026-03-31T12:00:00Z"`, match.Yes},
		{"an offset to the west", "is_date_exact", `"2026-03-30T23:30:00-12:30"`, `"2026-03-31 12:00"`, match.Yes},
		{"the offset -00:00", "is_date_exact", `"2026-03-31T12:00:00-00:00"`, `"2026-03-31T12:00:00Z"`, match.Yes},
		{"lower-case letters of RFC 3339", "is_date_exact", `"2026-03-31t12:00:00z"`, `"2026-03-31T12:00:00Z"`, match.Yes},
		{"a space in RFC 3339", "is_date_exact", `"2026-03-31 12:00:00+00:00"`, `"2026-03-31T12:00:00Z"`, match.Yes},
		{"a leap day", "is_date_exact", `"2028-02-29"`, `"2028-02-29T00:00:00Z"`, match.Yes},
		{"Unix seconds in a string", "is_date_exact", `"1774951200"`, `"2026-03-31T10:00"`, match.Yes},
		{"Unix seconds in a filter", "is_date_exact", `"2026-03-31T10:00"`, `"1774951200"`, match.Yes},
		{"seconds before 1970", "is_date_exact", `"-86400"`, `"1969-12-31"`, match.Yes},
		{"milliseconds are in a far future", "is_date_after", `1774951200000`, `"9999-12-31"`, match.Yes},
		{"microseconds are beyond the calendar", "is_date_after", `1774951200000000`, `"9999-12-31"`, match.No},
		{"integers beyond int64", "is_date_after", `18446744073709551615`, `"2026-01-01"`, match.No},
		{"a number as the filter", "is_date_before", `"2026-01-01"`, `1774951200`, match.Inconclusive},
		{"the first year", "is_date_before", `"0000-01-01"`, `"0001-01-01"`, match.Yes},
		{"century years are no leap years", "is_date_after", `"1900-02-29"`, `"1800-01-01"`, match.No},
		{"unless 400 divides them", "is_date_after", `"2000-02-29"`, `"1800-01-01"`, match.Yes},
	})
	for _, bad := range []string{
		`""`, `" 2026-03-31"`, `"2026-03-31 "`, `"2026-3-31"`, `"2026-03"`, `"2026-13-01"`, `"2026-00-01"`, `"2026-01-00"`, `"2026-04-31"`,
		`"20260331T120000Z"`, `"2026/03/31"`, `"31-03-2026"`, `"2026-03-31T"`, `"2026-03-31T12"`, `"2026-03-31T12:"`, `"2026-03-31T24:00"`,
		`"2026-03-31T12:60"`, `"2026-03-31T12:00:61"`, `"2026-03-31T12:00:61Z"`, `"2026-03-31T12:60:60Z"`, `"2026-03-31T12:00:60z+"`, `"2026-03-31T12:00:00."`, `"2026-03-31T12:00:00,5"`,
		`"2026-03-31t12:00"`, `"2026-03-31T12:00Z"`, `"2026-03-31T12:00:00+0200"`, `"2026-03-31T12:00:00+02"`, `"2026-03-31T12:00:00+24:00"`, `"2026-03-31T12:00:00+02:60"`,
		`"2026-03-31T12:00:00ZZ"`, `"2026-03-31T12:00:00 +02:00"`, `"2026-03-31_12:00"`, `"2026-03-31  12:00"`, `"+1774951200"`, `"01774951200"`,
		`"1774951200.0"`, `"1.77e9"`, `" 1774951200"`, `"-"`, `"8210266876800"`, `"99999999999999999999"`, `"now"`, `"٢٠٢٦-03-31"`,
	} {
		for _, operator := range []string{"is_date_exact", "is_date_before", "is_date_after"} {
			compare(t, time.UTC, match.BadOperand, []comparison{
				{"no date matches nothing", operator, bad, `"2026-03-31"`, match.No},
				{"no date is a bad filter", operator, `"2026-03-31"`, bad, match.Inconclusive},
			})
		}
	}
	for _, leap := range []string{`"2016-12-31T23:59:60Z"`, `"2016-12-31 23:59:60.5"`, `"2017-01-01t00:59:60+01:00"`} {
		compare(t, time.UTC, match.NonexistentTime, []comparison{
			{"a leap second is somewhere in between", "is_date_before", leap, `"2026-03-31"`, match.Inconclusive},
			{"in a filter, too", "is_date_after", `"2026-03-31"`, leap, match.Inconclusive},
		})
	}
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"properties are never relative", "is_date_before", `"-1d"`, `"2026-03-31"`, match.No},
		{"nor lists", "is_date_before", `["2026-01-01"]`, `"2026-03-31"`, match.No},
		{"and null is no date", "is_date_before", `null`, `"2026-03-31"`, match.No},
	})
}

// Proves FL-21.
func TestTimesWithoutAnOffsetAreOnTheProjectsClocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, property, operand string
		want                    match.Outcome
	}{
		"P069, midnight in Los Angeles":                    {"America/Los_Angeles", "2026-03-31T00:00:00-07:00", "2026-03-31", match.Yes},
		"P075, a time that Los Angeles skipped":            {"America/Los_Angeles", "2026-03-08T02:30", "2026-03-08", match.Inconclusive},
		"a filter may be skipped as well":                  {"America/Los_Angeles", "2026-03-08", "2026-03-08T02:30", match.Inconclusive},
		"an offset leaves no gap":                          {"America/Los_Angeles", "2026-03-08T02:30:00-08:00", "2026-03-08T03:30", match.Yes},
		"the last second before the gap":                   {"America/Los_Angeles", "2026-03-08T01:59:59", "2026-03-08T09:59:59Z", match.Yes},
		"the first second after the gap":                   {"America/Los_Angeles", "2026-03-08T03:00", "2026-03-08T10:00:00Z", match.Yes},
		"the first of two in Los Angeles":                  {"America/Los_Angeles", "2026-11-01T01:30", "2026-11-01T08:30:00Z", match.Yes},
		"only once after the overlap":                      {"America/Los_Angeles", "2026-11-01T02:00", "2026-11-01T10:00:00Z", match.Yes},
		"the first of two in London":                       {"Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00Z", match.Yes},
		"the first of two in Sydney":                       {"Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30:00Z", match.Yes},
		"half an hour in Lord Howe, twice":                 {"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", match.Yes},
		"half an hour in Lord Howe, never":                 {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04", match.Inconclusive},
		"a midnight that São Paulo skipped":                {"America/Sao_Paulo", "2018-11-04", "2018-11-03", match.Inconclusive},
		"a day that Apia skipped":                          {"Pacific/Apia", "2011-12-30T12:00", "2011-12-29", match.Inconclusive},
		"the day after it":                                 {"Pacific/Apia", "2011-12-31T12:00", "2011-12-30T22:00:00Z", match.Yes},
		"summer in Reykjavik, where clocks were never set": {"Atlantic/Reykjavik", "2026-07-01", "2026-07-01T00:00:00Z", match.Yes},
		"summer after the end of the tables":               {"Europe/Berlin", "2099-07-01", "2099-06-30T22:00:00Z", match.Yes},
		"local mean time, before there were zones":         {"Europe/Berlin", "1850-01-01", "1849-12-31T23:06:32Z", match.Yes},
	} {
		got, cause := answer(t, "is_date_exact", quoted(t, c.property), quoted(t, c.operand), zoneOf(t, c.zone), noon)
		wantCause := match.NoCause
		if c.want == match.Inconclusive {
			wantCause = match.NonexistentTime
		}
		if got != c.want || cause != wantCause {
			t.Errorf("%s: %s in %s is exactly %s is %v for cause %d, want %v for cause %d",
				name, c.property, c.zone, c.operand, got, cause, c.want, wantCause)
		}
	}
}

// Proves FL-21.
func TestRelativeDatesLookBackOnTheProjectsClocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, now, filter, want string
	}{
		"hours":                                    {"UTC", "2026-03-31T12:00:00Z", "-25h", "2026-03-30T11:00:00Z"},
		"days":                                     {"UTC", "2026-03-31T12:00:00Z", "-31d", "2026-02-28T12:00:00Z"},
		"weeks":                                    {"UTC", "2026-03-31T12:00:00Z", "-2w", "2026-03-17T12:00:00Z"},
		"months":                                   {"UTC", "2026-03-30T12:00:00Z", "-4m", "2025-11-28T12:00:00Z"},
		"years":                                    {"UTC", "2026-03-31T12:00:00Z", "-10y", "2016-03-31T12:00:00Z"},
		"the sign does not matter":                 {"UTC", "2026-03-31T12:00:00Z", "3d", "2026-03-28T12:00:00Z"},
		"now":                                      {"UTC", "2026-03-31T12:00:00Z", "-0m", "2026-03-31T12:00:00Z"},
		"zeros in front":                           {"UTC", "2026-03-31T12:00:00Z", "-0003d", "2026-03-28T12:00:00Z"},
		"the most":                                 {"UTC", "2026-03-31T12:00:00Z", "-9999d", "1998-11-14T12:00:00Z"},
		"nanoseconds are kept":                     {"UTC", "2026-03-31T12:00:00.000000007Z", "-1h", "2026-03-31T11:00:00.000000007Z"},
		"the last day of a long month":             {"UTC", "2026-03-31T12:00:00Z", "-1m", "2026-02-28T12:00:00Z"},
		"the last day of a leap year's February":   {"UTC", "2028-03-31T12:00:00Z", "-1m", "2028-02-29T12:00:00Z"},
		"which a year of months loses":             {"UTC", "2028-03-31T12:00:00Z", "-13m", "2027-02-28T12:00:00Z"},
		"and never gets back":                      {"UTC", "2028-03-31T12:00:00Z", "-26m", "2026-01-28T12:00:00Z"},
		"no February on the way":                   {"UTC", "2026-12-31T12:00:00Z", "-5m", "2026-07-30T12:00:00Z"},
		"months across the turn of the year":       {"UTC", "2026-01-31T12:00:00Z", "-1m", "2025-12-31T12:00:00Z"},
		"thirty days in a row":                     {"UTC", "2026-01-30T12:00:00Z", "-10m", "2025-03-30T12:00:00Z"},
		"many months":                              {"UTC", "2026-03-31T12:00:00Z", "-1000m", "1942-11-28T12:00:00Z"},
		"a leap day a year ago":                    {"UTC", "2028-02-29T12:00:00Z", "-1y", "2027-02-28T12:00:00Z"},
		"a leap day four years ago":                {"UTC", "2028-02-29T12:00:00Z", "-4y", "2024-02-28T12:00:00Z"},
		"a leap day no year ago":                   {"UTC", "2028-02-29T12:00:00Z", "-0y", "2028-02-29T12:00:00Z"},
		"a day with 23 hours":                      {"America/Los_Angeles", "2026-03-08T20:00:00Z", "-1d", "2026-03-07T21:00:00Z"},
		"the same as 24 hours on the clock":        {"America/Los_Angeles", "2026-03-08T20:00:00Z", "-24h", "2026-03-07T21:00:00Z"},
		"a time that was skipped":                  {"America/Los_Angeles", "2026-03-08T10:30:00Z", "-1h", ""},
		"a day before a time that was skipped":     {"America/Los_Angeles", "2026-03-09T09:30:00Z", "-1d", ""},
		"the first of two":                         {"America/Los_Angeles", "2026-11-02T09:30:00Z", "-1d", "2026-11-01T08:30:00Z"},
		"now, when it is the second of two":        {"America/Los_Angeles", "2026-11-01T09:30:00Z", "-0h", "2026-11-01T08:30:00Z"},
		"it is another day there":                  {"Pacific/Auckland", "2026-03-30T12:00:00Z", "-1m", "2026-02-27T12:00:00Z"},
		"a year ago in summer":                     {"Europe/London", "2026-07-01T12:00:00Z", "-6m", "2026-01-01T13:00:00Z"},
		"a clock without an offset is no obstacle": {"Europe/London", "2026-10-26T01:30:00Z", "-1d", "2026-10-25T00:30:00Z"},
	} {
		now, err := time.Parse(time.RFC3339Nano, c.now)
		if err != nil {
			t.Fatal(err)
		}
		property, want, wantCause := c.want, match.Yes, match.NoCause
		if c.want == "" {
			property, want, wantCause = "2026-01-01", match.Inconclusive, match.NonexistentTime
		}
		got, cause := answer(t, "is_date_exact", quoted(t, property), quoted(t, c.filter), zoneOf(t, c.zone), now)
		if got != want || cause != wantCause {
			t.Errorf("%s: at %s in %s, %s being %s is %v for cause %d, want %v for cause %d",
				name, c.now, c.zone, c.filter, property, got, cause, want, wantCause)
		}
	}
	compare(t, time.UTC, match.BadOperand, []comparison{
		{"no unit", "is_date_before", `"2026-01-01"`, `"-d"`, match.Inconclusive},
		{"no count", "is_date_after", `"2026-01-01"`, `"-"`, match.Inconclusive},
		{"two signs", "is_date_after", `"2026-01-01"`, `"--1d"`, match.Inconclusive},
		{"upper case", "is_date_after", `"2026-01-01"`, `"-1D"`, match.Inconclusive},
		{"minutes", "is_date_after", `"2026-01-01"`, `"-1i"`, match.Inconclusive},
		{"white space", "is_date_after", `"2026-01-01"`, `"-1d "`, match.Inconclusive},
		{"a fraction", "is_date_after", `"2026-01-01"`, `"-1.5d"`, match.Inconclusive},
		{"a count of many digits", "is_date_after", `"2026-01-01"`, `"-99999999999999999999d"`, match.Inconclusive},
		{"a property that is no date", "is_date_after", `"soon"`, `"-1d"`, match.No},
	})
}

// Proves FL-21.
func TestRelativeDatesNeedAClock(t *testing.T) {
	t.Parallel()
	for _, property := range []string{`"2026-01-01"`, `"soon"`} {
		got, cause := answer(t, "is_date_before", property, `"-1d"`, time.UTC, time.Time{})
		if got != match.Inconclusive || cause != match.NoClock {
			t.Errorf("%s before -1d is %v for cause %d, want inconclusive for cause %d", property, got, cause, match.NoClock)
		}
	}
	if got, cause := answer(t, "is_date_before", `"2026-01-01"`, `"2026-01-02"`, time.UTC, time.Time{}); got != match.Yes {
		t.Errorf("absolute dates without a clock are %v for cause %d, want yes", got, cause)
	}
}
