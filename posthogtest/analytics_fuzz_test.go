package posthogtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// FuzzAnalytics sends any body under good headers and checks what may never
// happen: an answer out of the table, an event without a verdict, a verdict
// that is not what was stored, an event the project could not hold.
func FuzzAnalytics(f *testing.F) {
	for _, seed := range []struct{ coding, body string }{
		{"", sheet(event("a", "u", 1), odd("uuid", `"`+uuid(2)+`"`, "options", `{"cookieless_mode":"1","product_tour_id":null}`))},
		{"", sheet(odd("distinct_id", `" \u0000null"`, "timestamp", `"9999-12-31T23:59:59-12:00"`, "options", `{"disable_skew_correction":1}`))},
		{"", sheet(odd("event", `"$performance_event"`), odd("uuid", `"urn:uuid:`+uuid(2)+`"`, "properties", "[]", "session_id", `"\ud800"`))},
		{"", `{"created_at":"1999-11-20T10:00:04Z","historical_migration":true,"batch":[]}`},
		{"gzip", zipped(sheet(odd("event", `"$groupidentify"`, "properties", `{"$group_type":"company","$group_set":7}`)))},
		{"deflate", "\x78\x9c"},
		{"deflate", "\x01\x02\x00\xfd\xff{}"},
		{"zstd", "\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00{}"},
	} {
		f.Add(seed.coding, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, coding string, body []byte) {
		s := posthogtest.NewServer(t, nil)
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, posthogtest.RouteAnalytics, strings.NewReader(string(body)))
		request.Header = flawless()
		request.Header.Set("PostHog-Request-Timestamp", time.Now().Format(time.RFC3339))
		request.Header["Content-Encoding"] = []string{coding}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request)

		switch w.Code {
		case 200:
		case 400, 413, 415:
			mistake(t, answer{w.Code, w.Header(), w.Body.String()})
			if n := len(s.Events()); n != 0 {
				t.Fatalf("got %d events stored by a request answered %d", n, w.Code)
			}
			return
		default:
			t.Fatalf("got status %d: %s", w.Code, w.Body)
		}
		checkResults(t, s.Requests()[0], w.Body.Bytes())
		for _, e := range s.Events() {
			checkHeld(t, e)
		}
	})
}

func checkResults(t *testing.T, request posthogtest.Request, body []byte) {
	t.Helper()
	var answered struct {
		Results map[string]struct{ Result posthogtest.Result }
	}
	if err := json.Unmarshal(body, &answered); err != nil {
		t.Fatalf("got results %q: %v", body, err)
	}
	stored := 0
	for _, v := range request.Verdicts {
		switch answered.Results[v.UUID].Result {
		case posthogtest.ResultOK:
			stored++
		case posthogtest.ResultDrop:
		default:
			t.Errorf("got %q about %s, want ok or drop", answered.Results[v.UUID].Result, v)
		}
	}
	if len(answered.Results) != len(request.Verdicts) || stored != request.Stored || stored != len(request.Events) || len(request.Verdicts) == 0 {
		t.Errorf("got %d results for %d events, %d of them stored, %d taken, %d said to be",
			len(answered.Results), len(request.Verdicts), request.Stored, len(request.Events), stored)
	}
}

// checkHeld is checkStorable where an event may ask for a time ahead.
func checkHeld(t *testing.T, e posthogtest.Event) {
	t.Helper()
	if year := e.Timestamp.Year(); year < 0 || year > 9999 {
		t.Errorf("got timestamp %s", e.Timestamp)
	}
	if ahead, _ := e.Properties["$ignore_sent_at"].(bool); ahead {
		e.Timestamp = e.Received
	}
	checkStorable(t, e)
}
