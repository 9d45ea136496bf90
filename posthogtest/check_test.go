package posthogtest_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestATimestampIsTheOneStoredOrTheOneSent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 830_000, time.UTC) // 830 us after the usual sent_at
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, c := range map[string]struct {
		sentAt string // default: noon
		event  string
		want   time.Time
		fail   string
	}{
		"the instant sent":                              {event: `"timestamp":"2026-11-20T10:00:00Z"`, want: at("2026-11-20T10:00:00Z")},
		"the instant sent, in another zone":             {event: `"timestamp":"2026-11-20T11:00:00+01:00"`, want: at("2026-11-20T10:00:00Z")},
		"the instant stored":                            {event: `"timestamp":"2026-11-20T10:00:00Z"`, want: at("2026-11-20T10:00:00.00083Z")},
		"the server's, where none was sent":             {want: now},
		"neither of the two":                            {event: `"timestamp":"2026-11-20T10:00:00Z"`, want: at("2026-11-20T10:00:00.0001Z"), fail: "  want: 2026-11-20T10:00:00.0001Z\n  got:  2026-11-20T10:00:00.00083Z\n  off by: 730µs (sent as \"2026-11-20T10:00:00Z\")\n"},
		"a time no event was sent with":                 {want: time.Time{}, fail: "  want: 0001-01-01T00:00:00Z\n  got:  2026-11-20T12:00:00.00083Z\n  off by: 2562047h47m16.854775807s (sent as \"\")\n"},
		"one the server replaced, too far":              {event: `"timestamp":"2026-11-22T10:00:00Z"`, want: at("2026-11-22T10:00:00Z"), fail: "  want: 2026-11-22T10:00:00Z\n  got:  2026-11-20T12:00:00.00083Z\n  off by: -45h59m59.99917s (sent as \"2026-11-22T10:00:00Z\")\n"},
		"one that an offset took the place of":          {event: `"offset":1000,"timestamp":"2026-11-20T10:00:00Z"`, want: at("2026-11-20T10:00:00Z"), fail: "  want: 2026-11-20T10:00:00Z\n  got:  2026-11-20T11:59:59.00083Z\n  off by: 1h59m59.00083s (sent as \"2026-11-20T10:00:00Z\")\n"},
		"one that correction drove out of the calendar": {sentAt: "2126-11-20T12:00:00Z", event: `"timestamp":"0001-06-01T00:00:00Z"`, want: at("0001-06-01T00:00:00Z"), fail: "  want: 0001-06-01T00:00:00Z\n  got:  1970-01-01T00:00:00Z\n  off by: 2562047h47m16.854775807s (sent as \"0001-06-01T00:00:00Z\")\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, &posthogtest.Config{Now: func() time.Time { return now }})
			fields := `"event":"a","distinct_id":"u"`
			if c.event != "" {
				fields += "," + c.event
			}
			post(t, s, fmt.Sprintf(`{"api_key":"phc_test","sent_at":%q,"batch":[{%s}]}`, cmp.Or(c.sentAt, "2026-11-20T12:00:00Z"), fields), 200)
			tb := new(fakeTB)
			s.Recorder(tb).Event("a").Timestamp(c.want)
			var want []string
			if c.fail != "" {
				want = []string{"event \"a\" of \"u\": timestamp\n" + c.fail}
			}
			if !slices.Equal(tb.errors, want) {
				t.Errorf("%s: got failures:\n%q\nwant:\n%q", fields, tb.errors, want)
			}
		})
	}
}
