package posthogtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// odd is a good event with uuid 1 and some members replaced: names and JSON
// values, "" for one that is missing.
func odd(edits ...string) string {
	members := map[string]string{
		"event": `"a"`, "uuid": `"` + uuid(1) + `"`, "distinct_id": `"u"`, "timestamp": `"1999-11-20T10:00:00Z"`,
	}
	for i := 0; i < len(edits); i += 2 {
		members[edits[i]] = edits[i+1]
	}
	var pairs []string
	for name, value := range members {
		if value != "" {
			pairs = append(pairs, `"`+name+`":`+value)
		}
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

func TestEachEventOfTheAnalyticsRouteIsJudgedByItself(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string { return `"` + s + `"` }
	for name, c := range map[string]struct {
		event string
		want  string // "ok" where empty
		kind  posthogtest.WarningKind
	}{
		"a good one":                              {event: odd()},
		"no name":                                 {event: odd("event", ""), want: "drop missing_event_name"},
		"an empty name":                           {event: odd("event", `""`), want: "drop missing_event_name"},
		"a name of 200 bytes":                     {event: odd("event", quoted(strings.Repeat("é", 100)))},
		"a name of 201 bytes":                     {event: odd("event", quoted(strings.Repeat("é", 100)+"e")), want: "drop event_name_too_long"},
		"no distinct id":                          {event: odd("distinct_id", ""), want: "drop missing_distinct_id"},
		"a blank distinct id":                     {event: odd("distinct_id", `" \t"`), want: "drop missing_distinct_id"},
		"a distinct id in the properties alone":   {event: odd("distinct_id", "", "properties", `{"distinct_id":"u"}`), want: "drop missing_distinct_id"},
		"a distinct id of 200 bytes in spaces":    {event: odd("distinct_id", quoted(" "+strings.Repeat("u", 200)+" "))},
		"a distinct id of 201 bytes":              {event: odd("distinct_id", quoted(strings.Repeat("é", 100)+"u")), want: "drop distinct_id_too_large"},
		"no timestamp":                            {event: odd("timestamp", ""), want: "drop invalid_event_timestamp"},
		"a timestamp the older protocol can read": {event: odd("timestamp", `"1999-11-20"`), want: "drop invalid_event_timestamp"},
		"a timestamp in another zone":             {event: odd("timestamp", `"1999-11-20T10:00:00.000001+05:30"`)},
		"a timestamp a day ahead":                 {event: odd("timestamp", `"1999-11-21T10:00:00Z"`), kind: posthogtest.TimestampInFuture},
		"properties that are a list":              {event: odd("properties", "[]"), want: "drop malformed_event_properties"},
		"properties that are text":                {event: odd("properties", `"{}"`), want: "drop malformed_event_properties"},
		"options that are a list":                 {event: odd("options", "[]"), want: "drop invalid_options"},
		"an option it does not know":              {event: odd("options", `{"colour":[1]}`)},
		"an option that is unset":                 {event: odd("options", `{"cookieless_mode":null,"product_tour_id":null}`)},
		"a flag as text":                          {event: odd("options", `{"cookieless_mode":" TRUE "}`)},
		"a flag as a digit in text":               {event: odd("options", `{"disable_skew_correction":"0"}`)},
		"a flag as a number":                      {event: odd("options", `{"process_person_profile":1}`)},
		"a flag as a number that is neither":      {event: odd("options", `{"process_person_profile":2}`), want: "drop invalid_options"},
		"a flag as a word":                        {event: odd("options", `{"process_person_profile":"yes"}`), want: "drop invalid_options"},
		"a flag as a list":                        {event: odd("options", `{"cookieless_mode":[true]}`), want: "drop invalid_options"},
		"a tour that is a number":                 {event: odd("options", `{"product_tour_id":7}`), want: "drop invalid_options"},
		"a performance event":                     {event: odd("event", `"$performance_event"`), want: "drop dropped_performance_event"},
		"an event larger than allowed":            {event: odd("properties", `{"a":"`+strings.Repeat("a", 2000)+`"}`), want: "drop event_too_big"},
		"an AI event, no larger here than any":    {event: odd("event", `"$ai_trace"`, "properties", `{"a":"`+strings.Repeat("a", 2000)+`"}`), want: "drop event_too_big"},
		"a distinct id of many":                   {event: odd("distinct_id", `" Anonymous "`), want: "ok person_processing_disabled", kind: posthogtest.PersonProcessingDisabled},
		"a distinct id of many on servers":        {event: odd("distinct_id", `"system"`), want: "ok person_processing_disabled", kind: posthogtest.PersonProcessingDisabled},
		"a distinct id of nobody":                 {event: odd("distinct_id", `"NULL"`), want: "ok person_processing_disabled", kind: posthogtest.PersonProcessingDisabled},
		"person properties of an exception":       {event: odd("event", `"$exception"`, "properties", `{"$set":{"a":1},"$exception_list":[{"type":"T"}]}`), kind: posthogtest.SetOnException},
		"an AI cost in words":                     {event: odd("event", `"$ai_generation"`, "properties", `{"$ai_total_cost_usd":"cheap"}`), kind: posthogtest.AICostNotNumber},
		"an AI cost":                              {event: odd("event", `"$ai_generation"`, "properties", `{"$ai_total_cost_usd":0.5}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Limits: posthogtest.Limits{Event: 2000, AIEvent: 1 << 20}})
			got := report(t, s, sheet(event("other", "v", 2), c.event))
			if got.status != 200 {
				t.Fatalf("%s: got %d %s, want 200", cut(c.event), got.status, got.body)
			}
			want, stored := c.want, 2
			if want == "" {
				want = "ok"
			}
			var kind []posthogtest.WarningKind
			if c.kind != "" {
				kind = append(kind, c.kind)
			}
			if strings.HasPrefix(want, "drop") {
				stored, kind = 1, []posthogtest.WarningKind{posthogtest.EventDropped}
			}
			if word := result(t, got, 1); word != want {
				t.Errorf("%s: got %q, want %q", cut(c.event), word, want)
			}
			if word := result(t, got, 2); word != "ok" {
				t.Errorf("%s: got %q for the event beside it, want ok", cut(c.event), word)
			}
			if n := len(s.Events()); n != stored {
				t.Errorf("%s: got %d events stored, want %d", cut(c.event), n, stored)
			}
			if got := kinds(s); !slices.Equal(got, kind) {
				t.Errorf("%s: got warnings %v, want %v", cut(c.event), s.Warnings(), kind)
			}
			if got.header.Get("Retry-After") != "" {
				t.Errorf("got Retry-After %q without a retry", got.header.Get("Retry-After"))
			}
		})
	}
}

func TestADroppedEventIsNamedInItsWarning(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	report(t, s, sheet(odd("timestamp", "")))
	want := `event_dropped: the answer was drop (invalid_event_timestamp) (event "a", distinct id "u", uuid ` + uuid(1) + `)`
	got := s.Warnings()[0]
	if got.String() != want || got.Route != posthogtest.RouteAnalytics || got.Token != "phc_test" || !got.Time.Equal(arrival) {
		t.Errorf("got  %s (%+v)\nwant %s", got, got, want)
	}
}

func TestAnEventOfTheAnalyticsRouteBecomesTheRowThePipelineStores(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	body := sheet(odd("distinct_id", `" u-17 "`, "session_id", `"s-1"`, "window_id", `"w-1"`,
		"options", `{"cookieless_mode":"1","disable_skew_correction":0,"process_person_profile":false,"product_tour_id":"t-1"}`,
		"properties", `{"n":9007199254740993,"$lib":"mine","$process_person_profile":"x","$set":{"a":1},"$session_id":"old"}`,
		"$set", `{"b":2}`))
	report(t, s, strings.Replace(body, "{", `{"historical_migration":true,`, 1), "PostHog-Sdk-Info", "a/b/1.0")
	got := s.Recorder(t)
	check := got.Event("a").DistinctID("u-17").Via("/i/v1/analytics/events/").
		Property("n", int64(9007199254740993)).
		Property("$lib", "a/b").Property("$lib_version", "1.0").
		Property("$session_id", "s-1").Property("$window_id", "w-1").
		Property("$cookieless_mode", true).Property("$ignore_sent_at", false).
		Property("$process_person_profile", false).Property("$product_tour_id", "t-1").
		Set("a", 1)
	e := check.Event()
	if _, merged := e.Properties["$set"].(map[string]any)["b"]; merged {
		t.Errorf("got $set %v, want the top-level one ignored", e.Properties["$set"])
	}
	if e.Token != "phc_test" || !e.Historical || e.UUID != uuid(1) || e.Route != posthogtest.RouteAnalytics || !strings.Contains(string(e.Raw), "cookieless_mode") {
		t.Errorf("got event %+v, want its key, flag, uuid, route and JSON", e)
	}
	got.NoWarnings()
}

func TestPropertiesGainNothingThatWasNotSent(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	report(t, s, sheet(odd("session_id", `""`, "options", `{"process_person_profile":null}`)))
	if got := s.Events()[0].Properties; len(got) != 2 {
		t.Errorf("got properties %v, want $lib and $lib_version alone", got)
	}
}

func TestTheClientsClockErrorIsRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event, sent string
		want        time.Time
		kind        posthogtest.WarningKind
	}{
		"a clock that is right":               {odd(), "1999-11-20T10:00:05Z", arrival.Add(-5 * time.Second), ""},
		"a clock an hour ahead":               {odd(), "1999-11-20T11:00:05Z", arrival.Add(-5*time.Second - time.Hour), ""},
		"a clock an hour behind":              {odd(), "1999-11-20T09:00:05Z", arrival.Add(-5*time.Second + time.Hour), ""},
		"a correction the event does without": {odd("options", `{"disable_skew_correction":true}`), "1999-11-20T11:00:05Z", arrival.Add(-5 * time.Second), ""},
		"a future that is corrected away":     {odd("timestamp", `"1999-11-22T10:00:05Z"`), "1999-11-22T10:00:05Z", arrival, ""},
		"a future made by the correction":     {odd(), "1999-11-19T09:00:00Z", arrival, posthogtest.TimestampInFuture},
		"a future without a correction":       {odd("timestamp", `"2099-01-01T00:00:00Z"`, "options", `{"disable_skew_correction":true}`), "1999-11-20T11:00:05Z", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		"a year before all years":             {odd("timestamp", `"0000-01-01T00:00:00+05:00"`, "options", `{"disable_skew_correction":true}`), "1999-11-20T11:00:05Z", time.Unix(0, 0), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			if got := report(t, s, sheet(c.event), "PostHog-Request-Timestamp", c.sent); got.status != 200 {
				t.Fatalf("%s: got %d %s", c.event, got.status, got.body)
			}
			if got := s.Events()[0].Timestamp; !got.Equal(c.want) {
				t.Errorf("%s sent at %s: got %s, want %s", c.event, c.sent, got, c.want)
			}
			if got := kinds(s); (c.kind == "") != (len(got) == 0) {
				t.Errorf("%s: got warnings %v, want %q", c.event, got, c.kind)
			}
		})
	}
}

func TestAnEventIsOneRowWhateverRouteItCameBy(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	post(t, s, batch(event("a", "u", 1), event("b", "u", 2)), 200)
	report(t, s, sheet(event("a", "u", 1)))
	call(t, s, http.MethodPost, posthogtest.RouteAIBatch, nil, batch(event("$ai_trace", "u", 3)))
	if events, rows := len(s.Events()), len(s.Rows()); events != 4 || rows != 3 {
		t.Errorf("got %d events and %d rows, want 4 and 3", events, rows)
	}
	got := s.Recorder(t)
	got.Via(posthogtest.RouteAnalytics).Event("a")
	got.Via(posthogtest.RouteBatch).Exactly([]posthogtest.Want{{Name: "b"}})
	got.Via(posthogtest.RouteAIBatch + "/").Exactly([]posthogtest.Want{{Name: "$ai_trace"}})
	got.NoWarnings()
}
