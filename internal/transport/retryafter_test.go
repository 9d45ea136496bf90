package transport_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/transport"
)

var (
	noon   = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	absent time.Time
)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, value string
		date        time.Time
		want        time.Duration // 0 = absent
	}{
		{"whole seconds", "3", absent, 3 * time.Second},
		{"seconds ignore the answer's date", "3", noon.Add(-time.Hour), 3 * time.Second},
		{"leading zeros", "007", absent, 7 * time.Second},
		{"decimal seconds", "0.25", absent, 250 * time.Millisecond},
		{"decimal seconds that binary fractions miss", "2.675", absent, 2675 * time.Millisecond},
		{"white space around", " \t12 ", absent, 12 * time.Second},
		{"a day", "86400", absent, 24 * time.Hour},
		{"zero", "0", absent, 0},
		{"zero with decimals", "0.000", absent, 0},
		{"below a nanosecond", "0.0000000001", absent, 0},
		{"negative", "-1", absent, 0},
		{"signed", "+1", absent, 0},
		{"empty", "", absent, 0},
		{"only white space", "  ", absent, 0},
		{"a word", "soon", absent, 0},
		{"NaN", "NaN", absent, 0},
		{"infinity", "Inf", absent, 0},
		{"an exponent", "1e3", absent, 0},
		{"hexadecimal", "0x10", absent, 0},
		{"underscores", "1_000", absent, 0},
		{"no digit before the point", ".5", absent, 0},
		{"no digit after the point", "5.", absent, 0},
		{"two points", "1.2.3", absent, 0},
		{"a unit", "3s", absent, 0},
		{"digits of another script", "٣", absent, 0},
		{"the last second that fits", "9223372035", absent, 9223372035 * time.Second},
		{"too long for a Duration", "9223372037", absent, 0},
		{"too long for any number", strings.Repeat("9", 4000), absent, 0},
		{"an IMF date", "Fri, 20 Nov 2026 12:00:30 GMT", absent, 30 * time.Second},
		{"an RFC 850 date", "Friday, 20-Nov-26 12:00:30 GMT", absent, 30 * time.Second},
		{"an asctime date", "Fri Nov 20 12:00:30 2026", absent, 30 * time.Second},
		{"a date measured by a server whose clock is behind", "Fri, 20 Nov 2026 11:00:30 GMT", noon.Add(-time.Hour), 30 * time.Second},
		{"a date measured by a server whose clock is ahead", "Fri, 20 Nov 2026 13:00:30 GMT", noon.Add(time.Hour), 30 * time.Second},
		{"a past date", "Fri, 20 Nov 2026 11:59:59 GMT", absent, 0},
		{"this very moment", "Fri, 20 Nov 2026 12:00:00 GMT", absent, 0},
		{"a date past on the server only", "Fri, 20 Nov 2026 12:00:30 GMT", noon.Add(time.Hour), 0},
		{"a date too far for a Duration", "Fri, 31 Dec 9999 23:59:59 GMT", absent, 0},
		{"a broken date", "Fri, 32 Nov 2026 12:00:30 GMT", absent, 0},
		{"a date in another style", "2026-11-20T12:00:30Z", absent, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := transport.ParseRetryAfter(c.value, noon, c.date)
			if got != c.want || ok != (c.want != 0) {
				t.Errorf("ParseRetryAfter(%.60q, noon, %v) = %v, %v, want %v, %v", c.value, c.date, got, ok, c.want, c.want != 0)
			}
		})
	}
}

// Proves HV0-3 as far as one request goes, and that a pause of a day parks nobody for a day.
func TestRetryAfterOfAnAnswer(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name         string
		status       int
		header, date string
		floor, asked time.Duration
	}{
		{"seconds on a 503", 503, "3", "", 3 * time.Second, 3 * time.Second},
		{"seconds on a 429", 429, "3", "", 3 * time.Second, 3 * time.Second},
		{"seconds on a partial 200", 200, "3", "", 3 * time.Second, 3 * time.Second},
		{"a day", 503, "86400", "", 5 * time.Minute, 24 * time.Hour},
		{"exactly the cap", 503, "300", "", 5 * time.Minute, 5 * time.Minute},
		{"a date by a clock years ahead", 503, "Fri, 20 Nov 2037 12:00:30 GMT", "Fri, 20 Nov 2037 12:00:00 GMT", 30 * time.Second, 30 * time.Second},
		{"nothing", 503, "", "", 0, 0},
		{"nonsense", 503, "soon", "", 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, wire := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					if c.header != "" {
						w.Header().Set("Retry-After", c.header)
					}
					if c.date != "" {
						w.Header().Set("Date", c.date)
					}
					w.WriteHeader(c.status)
				})
				got := sending(wire).Post(t.Context(), request(endpoint, "{}"))
				if got.RetryAfter != c.floor || got.RetryAfterAsked != c.asked {
					t.Errorf("Retry-After %q: got %v of %v asked, want %v of %v", c.header, got.RetryAfter, got.RetryAfterAsked, c.floor, c.asked)
				}
			})
		})
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, value := range []string{"3", "0.5", "-1", "1e9", "9223372036.9", "Fri, 20 Nov 2026 12:00:30 GMT",
		"Friday, 20-Nov-26 12:00:30 GMT", "Fri Nov 20 12:00:30 2026", "Fri, 31 Dec 9999 23:59:59 GMT", " ", ".", "\x00"} {
		f.Add(value, int64(0), false)
		f.Add(value, int64(3600), true)
	}
	f.Fuzz(func(t *testing.T, value string, skew int64, dated bool) {
		var date time.Time
		if dated {
			date = noon.Add(time.Duration(skew) * time.Second)
		}
		got, ok := transport.ParseRetryAfter(value, noon, date)
		if got < 0 || ok != (got > 0) {
			t.Errorf("ParseRetryAfter(%q, noon, %v) = %v, %v: want a positive wait exactly when there is one", value, date, got, ok)
		}
		if again, okAgain := transport.ParseRetryAfter(value, noon, date); again != got || okAgain != ok {
			t.Errorf("ParseRetryAfter(%q, noon, %v) = %v, %v, then %v, %v", value, date, got, ok, again, okAgain)
		}
		if seconds, err := strconv.ParseUint(value, 10, 31); err == nil && got != time.Duration(seconds)*time.Second {
			t.Errorf("ParseRetryAfter(%q, noon, %v) = %v, want %d s", value, date, got, seconds)
		}
	})
}
