package posthogtest_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestABodyOfTheAnalyticsRouteIsTakenStrictly(t *testing.T) {
	t.Parallel()
	ok := event("a", "u", 1)
	created := `"created_at":"1999-11-20T10:00:04Z"`
	for name, c := range map[string]struct {
		body   string
		status int
		word   string
		text   string
	}{
		"a batch":                             {sheet(ok), 200, "", ""},
		"members it does not know":            {`{` + created + `,"x":1,"batch":[{"x":[1],` + ok[1:] + `]}`, 200, "", ""},
		"members of the older protocol":       {`{"api_key":7,"sent_at":7,` + created + `,"batch":[` + ok + `]}`, 200, "", ""},
		"flags that are unset":                {`{` + created + `,"historical_migration":null,"capture_internal":null,"batch":[` + ok + `]}`, 200, "", ""},
		"flags":                               {`{` + created + `,"historical_migration":true,"capture_internal":false,"batch":[` + ok + `]}`, 200, "", ""},
		"optional members that are null":      {sheet(`{"session_id":null,"window_id":null,"options":null,` + ok[1:]), 200, "", ""},
		"properties that are null":            {sheet(`{"event":"a","uuid":"` + uuid(1) + `","distinct_id":"u","timestamp":"1999-11-20T10:00:00Z","properties":null}`), 200, "", ""},
		"no body":                             {"", 400, "empty_body", "no body"},
		"no JSON":                             {"<xml/>", 400, "request_parsing_error", "not a JSON object"},
		"a list":                              {"[" + ok + "]", 400, "request_parsing_error", "not a JSON object"},
		"JSON and more":                       {sheet(ok) + "x", 400, "request_parsing_error", "not a JSON object"},
		"JSON cut short":                      {sheet(ok)[:60], 400, "request_parsing_error", "not a JSON object"},
		"no text":                             {"{\"a\":\"\xff\"}", 400, "request_parsing_error", "UTF-8"},
		"no created_at":                       {`{"batch":[` + ok + `]}`, 400, "request_parsing_error", "created_at is missing"},
		"created_at as a number":              {`{"created_at":7,"batch":[` + ok + `]}`, 400, "request_parsing_error", "created_at is 7"},
		"created_at as a date":                {`{"created_at":"1999-11-20","batch":[` + ok + `]}`, 400, "invalid_batch", `created_at is "1999-11-20"`},
		"created_at in another member's case": {`{"Created_At":"1999-11-20T10:00:04Z","batch":[` + ok + `]}`, 400, "request_parsing_error", "created_at is missing"},
		"a migration flag that is text":       {`{` + created + `,"historical_migration":"true","batch":[` + ok + `]}`, 400, "request_parsing_error", "historical_migration"},
		"an internal flag that is a number":   {`{` + created + `,"capture_internal":1,"batch":[` + ok + `]}`, 400, "request_parsing_error", "capture_internal is 1"},
		"no batch":                            {`{` + created + `}`, 400, "request_parsing_error", "batch is missing"},
		"a batch that is null":                {`{` + created + `,"batch":null}`, 400, "request_parsing_error", "batch is null"},
		"a batch that is an event":            {`{` + created + `,"batch":` + ok + `}`, 400, "request_parsing_error", "want an array"},
		"an empty batch":                      {sheet(), 400, "empty_batch", "empty"},
		"an event that is no object":          {sheet(ok, "7"), 400, "request_parsing_error", "event 2 of 2: the event is 7"},
		"an event that is null":               {sheet("null"), 400, "request_parsing_error", "want an object"},
		"a name that is a number":             {sheet(`{"event":7,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "event is 7, want a string"},
		"a name that is null":                 {sheet(`{"event":null,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "event is null"},
		"a distinct id that is a number":      {sheet(`{"event":"a","distinct_id":7,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "distinct_id is 7"},
		"a timestamp that is a number":        {sheet(`{"event":"a","distinct_id":"u","timestamp":7,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "timestamp is 7"},
		"a session id that is a number":       {sheet(`{"event":"a","session_id":7,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "session_id is 7"},
		"a window id that is a number":        {sheet(`{"event":"a","window_id":7,"uuid":"` + uuid(1) + `"}`), 400, "request_parsing_error", "window_id is 7"},
		"an event without a uuid":             {sheet(ok, `{"event":"a","distinct_id":"u"}`), 400, "missing_event_uuid", "event 2 of 2"},
		"an event with an empty uuid":         {sheet(`{"event":"a","distinct_id":"u","uuid":""}`), 400, "missing_event_uuid", "no uuid"},
		"an event with another id":            {sheet(`{"event":"a","distinct_id":"u","uuid":"17"}`), 400, "invalid_event_uuid", `uuid "17"`},
		"a uuid twice":                        {sheet(ok, event("b", "v", 2), event("c", "w", 1)), 400, "duplicate_event_uuid", "event 3 of 3: uuid " + uuid(1) + " is event 1's as well"},
		"a uuid twice in other letters":       {sheet(ok, strings.ReplaceAll(ok, uuid(1), strings.ToUpper(uuid(1)))), 400, "duplicate_event_uuid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			got := report(t, s, c.body)
			if got.status != c.status {
				t.Fatalf("%s: got %d %s, want %d", c.body, got.status, got.body, c.status)
			}
			request := s.Requests()[0]
			if c.status == 200 {
				if n := len(s.Events()); n != 1 || request.Stored != 1 || len(request.Verdicts) != 1 {
					t.Errorf("%s: got %d events stored, want 1", c.body, n)
				}
				return
			}
			if word, text := mistake(t, got); word != c.word || !strings.Contains(text, c.text) {
				t.Errorf("%s: got %s: %s, want %s with %q", c.body, word, text, c.word, c.text)
			}
			if n := len(s.Events()); n != 0 || len(request.Events) != 0 || len(request.Verdicts) != 0 {
				t.Errorf("%s: got %d events stored, %d shown and %d verdicts, want none", c.body, n, len(request.Events), len(request.Verdicts))
			}
		})
	}
}

func TestAUuidThatIsNoneIsNamedAmongTheWarnings(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	report(t, s, sheet(`{"event":"a","distinct_id":"u","uuid":"17"}`))
	if got := kinds(s); len(got) != 1 || got[0] != posthogtest.InvalidUUID {
		t.Errorf("got warnings %v, want %s", got, posthogtest.InvalidUUID)
	}
}
