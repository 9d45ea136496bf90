package adapter_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestCaptureRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("/init", `{"host":"http://test-harness:8081"}`)
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"an event without a name":     {`{"distinct_id":"u"}`, http.StatusUnprocessableEntity},
		"an event of nobody":          {`{"event":"e"}`, http.StatusUnprocessableEntity},
		"a timestamp without a zone":  {`{"distinct_id":"u","event":"e","timestamp":"2025-01-02T03:04:05"}`, http.StatusBadRequest},
		"an unknown option":           {`{"distinct_id":"u","event":"e","options":{"colour":1}}`, http.StatusBadRequest},
		"properties that are no map":  {`{"distinct_id":"u","event":"e","properties":[]}`, http.StatusBadRequest},
		"a body that is not JSON":     {`distinct_id=u`, http.StatusBadRequest},
		"an event after another":      {`{"distinct_id":"u","event":"e"} {"distinct_id":"u","event":"e"}`, http.StatusBadRequest},
		"something after the event":   {`{"distinct_id":"u","event":"e"} !`, http.StatusBadRequest},
		"a distinct id of wrong type": {`{"distinct_id":7,"event":"e"}`, http.StatusBadRequest},
	} {
		if status, text := ask(w.adapter, http.MethodPost, "/capture", c.body); status != c.want {
			t.Errorf("%s: got status %d with %s, want %d", name, status, text, c.want)
		}
	}
	if got := w.state("")["total_events_captured"]; got != 0.0 {
		t.Errorf("events captured: got %v, want none", got)
	}
}

func TestCaptureChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", fill+`}`)
		uuid := w.post("/capture", `{"distinct_id":"u","event":"e","timestamp":"1999-12-31T08:34:05.123456789+05:30",`+
			`"properties":{"large":9007199254740993,"exact":1.50,"deep":{"list":[1,null,"x"]}},`+
			`"options":{"cookieless_mode":true,"disable_skew_correction":true,"process_person_profile":false,"product_tour_id":"t-1"}}`)["uuid"]
		w.post("/flush", "")
		event := w.server.Recorder(t).Event("e").Event()
		if event.UUID != uuid {
			t.Errorf("uuid: got %s on the wire and %v from /capture, want the same", event.UUID, uuid)
		}
		if want := "1999-12-31T03:04:05.123456789Z"; event.SentTimestamp != want {
			t.Errorf("timestamp: got %s, want %s", event.SentTimestamp, want)
		}
		for name, want := range map[string]any{
			"large":                   json.Number("9007199254740993"),
			"exact":                   json.Number("1.50"),
			"deep":                    map[string]any{"list": []any{json.Number("1"), nil, "x"}},
			"$cookieless_mode":        true,
			"$ignore_sent_at":         true,
			"$process_person_profile": false,
			"$product_tour_id":        "t-1",
		} {
			if got := event.Properties[name]; !reflect.DeepEqual(got, want) {
				t.Errorf("property %s: got %#v, want %#v", name, got, want)
			}
		}
	})
}

func TestState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		empty := map[string]any{
			"pending_events": 0.0, "total_events_captured": 0.0, "total_events_sent": 0.0, "total_retries": 0.0,
			"last_error": nil, "requests_made": []any{},
		}
		if got := w.state("?test_id=t-1"); !reflect.DeepEqual(got, empty) {
			t.Errorf("state of a test without a client: got %v, want %v", got, empty)
		}
		w.server.Inject(
			posthogtest.Fault{Status: http.StatusServiceUnavailable},
			posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse},
			posthogtest.Fault{Status: http.StatusOK},
			posthogtest.Fault{Status: http.StatusBadRequest, Body: "too odd"},
		)
		began := time.Now().UnixMilli()
		w.post("/init?test_id=t-1", `{"host":"http://test-harness:8081","enable_compression":true}`)
		var uuids []any
		for range 20 {
			uuids = append(uuids, w.post("/capture?test_id=t-1", `{"distinct_id":"u","event":"e"}`)["uuid"])
		}
		if got := w.state("?test_id=t-1")["pending_events"]; got != 20.0 {
			t.Errorf("pending events before the flush: got %v, want 20", got)
		}
		if got := w.post("/flush?test_id=t-1", "")["events_flushed"]; got != 20.0 {
			t.Errorf("events flushed: got %v, want 20", got)
		}
		refused := w.post("/capture?test_id=t-1", `{"distinct_id":"u","event":"e"}`)["uuid"]
		if got := w.post("/flush?test_id=t-1", "")["events_flushed"]; got != 0.0 {
			t.Errorf("events flushed while the server refuses: got %v, want none", got)
		}
		synctest.Wait()

		got := w.state("?test_id=t-1")
		requests := got["requests_made"].([]any)
		for i, want := range []map[string]any{
			{"status_code": 503.0, "retry_attempt": 0.0, "event_count": 20.0, "uuid_list": uuids},
			{"status_code": 0.0, "retry_attempt": 1.0, "event_count": 20.0, "uuid_list": uuids},
			{"status_code": 200.0, "retry_attempt": 2.0, "event_count": 20.0, "uuid_list": uuids},
			{"status_code": 400.0, "retry_attempt": 0.0, "event_count": 1.0, "uuid_list": []any{refused}},
		} {
			if i >= len(requests) {
				t.Fatalf("requests made: got %d, want 4", len(requests))
			}
			request := requests[i].(map[string]any)
			if at := int64(request["timestamp_ms"].(float64)); at < began || at > time.Now().UnixMilli() {
				t.Errorf("time of request %d: got %d, want it from %d on", i, at, began)
			}
			delete(request, "timestamp_ms")
			if !reflect.DeepEqual(request, want) {
				t.Errorf("request %d: got %v, want %v", i, request, want)
			}
		}
		delete(got, "requests_made")
		if text, _ := got["last_error"].(string); text == "" {
			t.Errorf("last error: got %v, want what became of the refused event", got["last_error"])
		}
		delete(got, "last_error")
		want := map[string]any{"pending_events": 0.0, "total_events_captured": 21.0, "total_events_sent": 20.0, "total_retries": 2.0}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("state: got %v, want %v", got, want)
		}
	})
}

func TestAFlushThatRunsOutOfTimeLeavesTheEventsQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.Inject(posthogtest.Fault{Status: http.StatusServiceUnavailable, Times: -1})
		w.post("/init", fill+`,"max_retries":100}`)
		w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		if got := w.post("/flush", "")["events_flushed"]; got != 0.0 {
			t.Errorf("events flushed: got %v, want none", got)
		}
		got := w.state("")
		if got["pending_events"] != 1.0 || got["last_error"] == nil {
			t.Errorf("state: got %v, want one event pending and an error", got)
		}
	})
}

// FuzzCapture states that whatever /capture is given, it answers: with a uuid, or with the reason why not.
func FuzzCapture(f *testing.F) {
	for _, seed := range []string{
		`{"distinct_id":"u","event":"e","properties":null,"timestamp":null}`,
		`{"distinct_id":"u","event":"e","properties":{"a":[{"b":1e999}]},"timestamp":"2025-01-02T08:34:05+05:30"}`,
		`{"distinct_id":"u","event":"e","timestamp":"9999-12-31T23:59:59-23:59"}`,
		`{"distinct_id":"u","event":"e","options":{"cookieless_mode":{}}}`,
		`{"event":"\u0000"}`, `[]`, `null`, ``, `{}{}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWorld(t)
		w.post("/init", `{"host":"http://test-harness:8081","flush_at":1000}`)
		status, text := ask(w.adapter, http.MethodPost, "/capture", body)
		var got struct{ UUID, Error string }
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: got %q, want a JSON object", body, text)
		}
		switch status {
		case http.StatusOK:
			if len(got.UUID) != 36 {
				t.Errorf("%q: got uuid %q, want one", body, got.UUID)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
			if got.Error == "" {
				t.Errorf("%q: got status %d without a reason, want one", body, status)
			}
		default:
			t.Errorf("%q: got status %d with %s, want 200, 400, 413 or 422", body, status, text)
		}
	})
}
