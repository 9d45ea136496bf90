package posthogtest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestTimestampsAreStoredAsTheServiceWould(t *testing.T) {
	t.Parallel()
	const noon = "2026-11-20T12:00:00Z"
	now, _ := time.Parse(time.RFC3339, noon)
	for name, c := range map[string]struct {
		sentAt, event, query string
		want                 string
		warning              posthogtest.WarningKind
	}{
		"without sent_at it is used as it is":            {event: `"timestamp":"2026-11-20T10:00:00.123456789Z"`, want: "2026-11-20T10:00:00.123456789Z"},
		"a zone is converted":                            {event: `"timestamp":"2025-01-02T08:34:05+05:30"`, want: "2025-01-02T03:04:05Z"},
		"a zone of hours alone":                          {event: `"timestamp":"2026-11-20T10:00:00.5+03"`, want: "2026-11-20T07:00:00.5Z"},
		"a zone without colon":                           {event: `"timestamp":"2026-11-20T10:00:00+0300"`, want: "2026-11-20T07:00:00Z"},
		"no zone is UTC":                                 {event: `"timestamp":"2026-11-20T10:00:00"`, want: "2026-11-20T10:00:00Z"},
		"a space in the middle":                          {event: `"timestamp":"2026-11-20 10:00:00"`, want: "2026-11-20T10:00:00Z"},
		"a plain date":                                   {event: `"timestamp":"2026-11-19"`, want: "2026-11-19T00:00:00Z"},
		"a date with slashes":                            {event: `"timestamp":"2026/11/19"`, want: "2026-11-19T00:00:00Z"},
		"a mail date":                                    {event: `"timestamp":"Thu, 19 Nov 2026 10:00:00 +0100"`, want: "2026-11-19T09:00:00Z"},
		"epoch seconds as text":                          {event: `"timestamp":"1700000000.5"`, want: "2023-11-14T22:13:20.5Z"},
		"epoch milliseconds as text":                     {event: `"timestamp":"1700000000500"`, want: "2023-11-14T22:13:20.5Z"},
		"none at all is now":                             {want: noon},
		"an empty one is now":                            {event: `"timestamp":""`, want: noon},
		"an unreadable one is now, with a warning":       {event: `"timestamp":"yesterday"`, want: noon, warning: posthogtest.TimestampUnreadable},
		"a client clock an hour behind is corrected":     {sentAt: `"2026-11-20T11:00:00Z"`, event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T11:59:00Z"},
		"a client clock a day ahead is corrected":        {sentAt: `"2026-11-21T12:00:00Z"`, event: `"timestamp":"2026-11-21T11:59:00Z"`, want: "2026-11-20T11:59:00Z"},
		"unless the event says no":                       {sentAt: `"2026-11-20T11:00:00Z"`, event: `"timestamp":"2026-11-20T10:59:00Z","properties":{"$ignore_sent_at":true}`, want: "2026-11-20T10:59:00Z"},
		"a sent_at inside the event is not used":         {event: `"timestamp":"2026-11-20T10:59:00Z","sent_at":"2026-11-20T11:00:00Z"`, want: "2026-11-20T10:59:00Z"},
		"a sent_at in the query":                         {query: "?sent_at=1795172400000", event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T11:59:00Z"},
		"a sent_at in the query by its short name":       {query: "?_=1795172400000", event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T11:59:00Z"},
		"a sent_at in the query before 2020 is no clock": {query: "?_=1000", event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T10:59:00Z"},
		"the wrapper's sent_at wins over the query's":    {sentAt: `"2026-11-20T12:00:00Z"`, query: "?_=1795172400000", event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T10:59:00Z"},
		"an unreadable sent_at corrects nothing":         {sentAt: `"soon"`, event: `"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T10:59:00Z", warning: posthogtest.SentAtUnreadable},
		"23 hours ahead is believed":                     {event: `"timestamp":"2026-11-21T11:00:00Z"`, want: "2026-11-21T11:00:00Z"},
		"more is now, with a warning":                    {event: `"timestamp":"2026-11-21T11:00:01Z"`, want: noon, warning: posthogtest.TimestampInFuture},
		"the past has no bound":                          {event: `"timestamp":"1815-12-10T00:00:00Z"`, want: "1815-12-10T00:00:00Z"},
		"a year before 0 is the epoch":                   {sentAt: `"2126-01-01T00:00:00Z"`, event: `"timestamp":"0001-01-01T00:00:00Z"`, want: "1970-01-01T00:00:00Z"},
		"an offset counts back from now":                 {event: `"offset":1500,"timestamp":"2026-11-20T10:59:00Z"`, want: "2026-11-20T11:59:58.5Z"},
		"a negative offset far ahead is now":             {event: `"offset":-9223372036854775807`, want: noon, warning: posthogtest.TimestampInFuture},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, &posthogtest.Config{Now: func() time.Time { return now }})
			sentAt := c.sentAt
			if sentAt == "" {
				sentAt = "null"
			}
			fields := `"event":"a","distinct_id":"u"`
			if c.event != "" {
				fields += "," + c.event
			}
			body := fmt.Sprintf(`{"api_key":"phc_test","sent_at":%s,"batch":[{%s}]}`, sentAt, fields)
			if got := call(t, s, http.MethodPost, "/batch/"+c.query, nil, body); got.status != 200 {
				t.Fatalf("%s: got %d %s, want 200", body, got.status, got.body)
			}
			want, _ := time.Parse(time.RFC3339Nano, c.want)
			if got := s.Events()[0]; !got.Timestamp.Equal(want) || got.Timestamp.Location() != time.UTC {
				t.Errorf("%s: got %s, want %s", body, got.Timestamp.Format(time.RFC3339Nano), c.want)
			}
			if got := kinds(s); (c.warning == "") != (len(got) == 0) || len(got) > 0 && got[0] != c.warning {
				t.Errorf("%s: got warnings %v, want %q", body, got, c.warning)
			}
		})
	}
}

func TestTheWireTimestampAndTheMigrationFlagAreKept(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, `{"api_key":"phc_test","historical_migration":true,"batch":[{"event":"a","distinct_id":"u","timestamp":"2025-01-02T08:34:05+05:30"}]}`, 200)
	got := s.Events()[0]
	if got.SentTimestamp != "2025-01-02T08:34:05+05:30" || !got.Historical {
		t.Errorf("got sent timestamp %q and historical %t, want the text on the wire and true", got.SentTimestamp, got.Historical)
	}
}
