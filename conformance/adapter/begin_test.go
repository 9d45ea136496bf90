package adapter_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestDefaultsAreTheContracts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.Inject(posthogtest.Fault{Status: http.StatusServiceUnavailable, Times: -1})
		w.post("/init", `{"host":"http://test-harness:8081"}`)
		began := time.Now()
		for range 99 {
			w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		}
		synctest.Wait()
		if got := len(w.server.Requests()); got != 0 {
			t.Fatalf("requests after 99 events: got %d, want none", got)
		}
		<-time.After(time.Minute)
		requests := w.server.Requests()
		if len(requests) != 4 {
			t.Fatalf("requests while the server fails: got %d, want one and 3 retries", len(requests))
		}
		first := requests[0]
		if waited := first.Time.Sub(began); waited != 500*time.Millisecond {
			t.Errorf("99 events: sent after %v, want after 500ms", waited)
		}
		if first.Encoding != "" {
			t.Errorf("encoding of a large body: got %q, want none", first.Encoding)
		}
		event := first.Events[0]
		if event.Token != "phc_test_key" {
			t.Errorf("api key: got %q, want phc_test_key", event.Token)
		}
		if event.Historical {
			t.Error("historical_migration: got true, want it absent")
		}
		if value, there := event.Properties["$geoip_disable"]; there {
			t.Errorf("$geoip_disable: got %v, want it absent", value)
		}
	})
}

func TestAHundredEventsGoAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", `{"host":"http://test-harness:8081"}`)
		for range 100 {
			w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		}
		synctest.Wait()
		if got := len(w.server.Events()); got != 100 {
			t.Errorf("events that arrived at once: got %d, want 100", got)
		}
	})
}

func TestSettingsReachTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", `{"host":"http://TEST-HARNESS:8081/","api_key":"phc_test","flush_at":2000,"flush_interval_ms":7000,`+
			`"max_retries":0,"enable_compression":true,"disable_geoip":true,"historical_migration":true,"unheard_of":1}`)
		w.server.Inject(posthogtest.Fault{Status: http.StatusServiceUnavailable})
		began := time.Now()
		for range 1999 {
			w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		}
		<-time.After(time.Hour)
		requests := w.server.Requests()
		if len(requests) != 1 {
			t.Fatalf("requests without retries: got %d, want 1", len(requests))
		}
		r := requests[0]
		if waited := r.Time.Sub(began); waited != 7*time.Second {
			t.Errorf("1999 of 2000 events: sent after %v, want after 7s", waited)
		}
		if got := len(r.Events); got != 1999 {
			t.Errorf("events of the request: got %d, want 1999", got)
		}
		if r.Encoding != "gzip" {
			t.Errorf("encoding: got %q, want gzip", r.Encoding)
		}
		event := r.Events[0]
		if event.Token != "phc_test" || !event.Historical || event.Properties["$geoip_disable"] != true {
			t.Errorf("event: got token %q, historical %v, $geoip_disable %v, want phc_test, true, true",
				event.Token, event.Historical, event.Properties["$geoip_disable"])
		}
	})
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"a host that is not on the list":     {`{"host":"http://example.com"}`, http.StatusForbidden},
		"a host that begins like a good one": {`{"host":"http://test-harness.example.com"}`, http.StatusForbidden},
		"a good host as the user":            {`{"host":"http://test-harness@example.com"}`, http.StatusForbidden},
		"an address without a scheme":        {`{"host":"test-harness"}`, http.StatusForbidden},
		"another scheme":                     {`{"host":"file://localhost/etc/passwd"}`, http.StatusForbidden},
		"no host":                            {`{}`, http.StatusForbidden},
		"a host that is no address":          {`{"host":"http://[::1"}`, http.StatusForbidden},
		"a negative flush_at":                {fill[:len(fill)-1] + `-1}`, http.StatusBadRequest},
		"a flush_at of a million":            {fill + `000000}`, http.StatusBadRequest},
		"a negative interval":                {fill + `,"flush_interval_ms":-1}`, http.StatusBadRequest},
		"an interval of two hours":           {fill + `,"flush_interval_ms":7200000}`, http.StatusBadRequest},
		"negative retries":                   {fill + `,"max_retries":-1}`, http.StatusBadRequest},
		"a text for a number":                {fill + `,"max_retries":"3"}`, http.StatusBadRequest},
		"a list":                             {`[]`, http.StatusBadRequest},
		"two objects":                        {fill + `}{}`, http.StatusBadRequest},
		"half an object":                     {fill, http.StatusBadRequest},
		"nothing":                            {``, http.StatusBadRequest},
		"a body over a megabyte":             {fill + `,"x":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		if status, text := ask(w.adapter, http.MethodPost, "/init", c.body); status != c.want || !strings.HasPrefix(text, `{"error":"`) {
			t.Errorf("%s: got status %d with %s, want %d with an error", name, status, text, c.want)
		}
	}
}

func TestRedirectsStayOnTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.Inject(posthogtest.Fault{
			Status: http.StatusTemporaryRedirect,
			Header: http.Header{"Location": {"http://example.com/batch/"}},
			Times:  -1,
		})
		w.post("/init", fill+`,"max_retries":0}`)
		w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		w.post("/flush", "")
		if got := len(w.server.Requests()); got != 1 {
			t.Errorf("requests with a redirect to another host: got %d, want 1", got)
		}
	})
}

func TestInitReplacesTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", `{"host":"http://test-harness:8081"}`)
		w.post("/capture", `{"distinct_id":"u","event":"before"}`)
		w.post("/init", `{"host":"http://test-harness:8081"}`)
		w.post("/capture", `{"distinct_id":"u","event":"after"}`)
		w.post("/flush", "")
		<-time.After(time.Hour)
		w.server.Recorder(t).Order("after")
	})
}
