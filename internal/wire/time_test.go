package wire_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

// Proves CAP-8.
func TestAppendTime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		time time.Time
		want string
	}{
		"a whole second":              {time.Date(2026, 8, 22, 9, 15, 4, 0, time.UTC), `"2026-08-22T09:15:04Z"`},
		"nanoseconds":                 {time.Date(2026, 8, 22, 9, 15, 4, 123456789, time.UTC), `"2026-08-22T09:15:04.123456789Z"`},
		"zeros at the end are cut":    {time.Date(2026, 8, 22, 9, 15, 4, 120000000, time.UTC), `"2026-08-22T09:15:04.12Z"`},
		"zeros at the front are kept": {time.Date(2026, 8, 22, 9, 15, 4, 1, time.UTC), `"2026-08-22T09:15:04.000000001Z"`},
		"another zone becomes UTC":    {time.Date(2026, 8, 22, 1, 15, 4, 0, time.FixedZone("", 19800)), `"2026-08-21T19:45:04Z"`},
		"the zero time":               {time.Time{}, `"0001-01-01T00:00:00Z"`},
		"a leap day":                  {time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), `"2024-02-29T23:59:59Z"`},
		"the first instant":           {time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), `"0000-01-01T00:00:00Z"`},
		"the last instant":            {time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), `"9999-12-31T23:59:59.999999999Z"`},
		"before the first instant":    {time.Date(-1, 12, 31, 23, 59, 59, 5, time.UTC), `"0000-01-01T00:00:00Z"`},
		"after the last instant":      {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), `"9999-12-31T23:59:59.999999999Z"`},
		"as far away as time goes":    {time.Unix(1<<62, 0), `"9999-12-31T23:59:59.999999999Z"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(wire.AppendTime(nil, tc.time)); got != tc.want {
				t.Errorf("AppendTime(%v) = %s, want %s", tc.time, got, tc.want)
			}
		})
	}
}

// The calendar repeats after 400 years: each day of the first 400 is tried, and one in 251 of those that follow.
func TestAppendTimeKnowsTheCalendar(t *testing.T) {
	t.Parallel()
	var got, want []byte
	const date = 24 * time.Hour
	step := date
	for day := time.Date(0, 1, 1, 12, 34, 56, 0, time.UTC); day.Year() < 10000; day = day.Add(step) {
		if day.Year() == 400 {
			step = 251 * date
		}
		got = wire.AppendTime(got[:0], day)
		want = day.AppendFormat(want[:0], `"2006-01-02T15:04:05Z"`)
		if !bytes.Equal(got, want) {
			t.Fatalf("AppendTime(%v) = %s, want %s", day, got, want)
		}
	}
}

func TestTimePropertiesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for range 2_000 {
		offset := rand.IntN(2*86399) - 86399
		moment := time.Unix(rand.Int64N(253402300799)-rand.Int64N(62167219200), rand.Int64N(1e9)).In(time.FixedZone("", offset))
		want, err := moment.MarshalJSON()
		got, losses := encode(t, moment)
		if err != nil {
			want = nil
		}
		if got != string(want) || (err != nil) != (losses != nil) {
			t.Fatalf("%v: got %s with losses %v, want %s with error %v", moment, got, losses, want, err)
		}
	}
}

func TestTimePropertiesRFC3339CannotWriteAreLost(t *testing.T) {
	t.Parallel()
	for name, moment := range map[string]time.Time{
		"the year 10000":                       time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"a year before 0":                      time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		"an offset of a day":                   time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 86400)),
		"year 9999 in UTC, 10000 in its zone":  time.Date(10000, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
		"a time beyond all calendars":          time.Unix(1<<62, 0),
		"the end of int64, in zone":            time.Unix(math.MaxInt64, 0).In(time.FixedZone("", 3600)),
		"the start of int64, in zone":          time.Unix(math.MinInt64, 0).In(time.FixedZone("", -3600)),
		"a time beyond all calendars, in zone": time.Unix(-1<<62, 0).In(time.FixedZone("", 3600)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, losses := encode(t, moment); got != "" || len(losses) != 1 {
				t.Errorf("got %s with losses %v for %v, want one loss", got, losses, moment)
			}
		})
	}
}
