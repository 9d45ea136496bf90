package protocol_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/protocol"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

var analytics = protocol.Analytics{
	Endpoint: "https://us.i.posthog.com", APIKey: "phc_test", SDK: "hedgerow/1.2.3",
}

// record returns the n-th event of a test.
func record(n int) queue.Record {
	id := [16]byte{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, byte(n)}
	open := fmt.Sprintf(`{"event":"order paid","distinct_id":"u_42","uuid":"%x-%x-%x-%x-%x","timestamp":"2026-08-22T09:15:04Z","properties":{"total":%d`,
		id[0:4], id[4:6], id[6:8], id[8:10], id[10:16], n)
	return queue.Record{Frame: segment.Frame{
		Payload: []byte(open + `,"$lib":"hedgerow","$lib_version":"1.2.3","$session_id":"s_9"}}`), UUID: id, Mark: uint32(len(open)),
	}}
}

func records(n int) []queue.Record {
	var all []queue.Record
	for i := range n {
		all = append(all, record(i))
	}
	return all
}

// attempt returns the first attempt to send records.
func attempt(records []queue.Record) *delivery.Attempt {
	a := &delivery.Attempt{ID: [16]byte{0x01, 0x98, 0xf2, 0xc5, 8: 0x9d}, Records: records}
	a.Advance(time.Date(2026, 8, 22, 11, 15, 4, 900001999, time.FixedZone("", 2*60*60)))
	return a
}

// inBytes returns a request as a golden file has it.
func inBytes(r transport.Request) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "POST %s\n", r.URL)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range r.Header {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(r.Header[name], "; "))
	}
	fmt.Fprintf(&out, "\n%s\n", r.Body(nil))
	return out.Bytes()
}

// Proves HV1-1, HV1-2: the whole request, and what is other in the next.
func TestRequests(t *testing.T) {
	t.Parallel()
	historical := analytics
	historical.Historical = true
	unknown := record(2)
	unknown.Mark = 0
	broken := queue.Record{Frame: segment.Frame{Payload: []byte(`{"event":`)}}
	for file, c := range map[string]struct {
		protocol delivery.Protocol
		records  []queue.Record
		advances int
	}{
		"analytics":            {analytics, records(2), 0},
		"analytics_again":      {analytics, records(2)[1:], 2},
		"analytics_historical": {historical, []queue.Record{unknown}, 0},
		"analytics_broken":     {analytics, []queue.Record{broken, record(0), broken, record(1), broken}, 0},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			a := attempt(c.records)
			for range c.advances {
				a.Advance(a.At.Add(time.Second))
			}
			golden.Compare(t, "testdata/"+file+".txt", inBytes(c.protocol.Request(a)))
		})
	}
	for file, p := range map[string]protocol.Batch{
		"batch": {Endpoint: "https://us.i.posthog.com", Route: protocol.RouteBatch, APIKey: "phc_test"},
		"ai":    {Endpoint: "https://us.i.posthog.com", Route: protocol.RouteAI, APIKey: "phc_test", Historical: true},
	} {
		t.Run(file, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // sent_at is midnight of 2000
				r := p.Request(attempt(records(2)))
				golden.Compare(t, "testdata/"+file+".txt", inBytes(r))
				if !r.GzipOnly || r.GzipQuery != (p.Route == protocol.RouteBatch) || p.Path() != p.Route {
					t.Errorf("got %+v, want gzip only, and its marker in the query of /batch/", r)
				}
			})
		})
	}
}

// A request that the transport makes by itself is the next attempt.
func TestARenewedRequestIsTheNextAttempt(t *testing.T) {
	t.Parallel()
	a := attempt(records(1))
	r := analytics.Request(a)
	next := r.Renew()
	if first, second := r.Header.Get("PostHog-Attempt"), next.Get("PostHog-Attempt"); first != "1" || second != "2" || a.Number != 2 {
		t.Errorf("got attempts %s and %s, and %d, want 1, 2 and 2", first, second, a.Number)
	}
	const stamp, id = "PostHog-Request-Timestamp", "PostHog-Request-Id"
	if r.Header.Get(stamp) == next.Get(stamp) || r.Header.Get(id) != next.Get(id) {
		t.Errorf("got %s and %s, want other times and one id", r.Header, next)
	}
}

// What an endpoint says about a request it takes nothing of.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status                     int
		body, message              string
		wantMessage, code, details string
		reading                    delivery.Reading
	}{
		"of the endpoint":       {400, `{"error":"invalid_batch","error_description":"no\nevents"}`, "{", "invalid_batch: no events", "invalid_batch", "no events", delivery.Alike},
		"without a description": {401, `{"error":"invalid_api_token"}`, "{", "invalid_api_token", "invalid_api_token", "", delivery.Alike},
		"of a proxy":            {403, "<p>Forbidden", "<p>Forbidden", "<p>Forbidden", "", "", delivery.Alike},
		"of doubles":            {400, `{"error":"duplicate_event_uuid"}`, "{", "duplicate_event_uuid", "duplicate_event_uuid", "", delivery.Doubled},
		"none":                  {0, "", "", "", "", "", delivery.Alike},
	} {
		answer := delivery.Answer{Response: transport.Response{Status: c.status, Outcome: transport.Classify(c.status), Body: []byte(c.body), Message: c.message}}
		analytics.Read(attempt(records(1)), &answer)
		if answer.Message != c.wantMessage || answer.Code != c.code || answer.Description != c.details || answer.Reading != c.reading {
			t.Errorf("%s: got %+v, want message %q, code %q, description %q, reading %d", name, answer, c.wantMessage, c.code, c.details, c.reading)
		}
		if want := "0198f2c5-0000-0000-9d00-000000000000"; answer.RequestID != want {
			t.Errorf("%s: got request id %q, want %q", name, answer.RequestID, want)
		}
	}
}

// An answer with details about every event of a large batch is kept whole.
func TestRequestsMakeRoomForTheirAnswers(t *testing.T) {
	t.Parallel()
	const events, each = 1000, 200
	if got := analytics.Request(attempt(records(events))).MaxBody; got < events*each {
		t.Errorf("for %d events, %d bytes of the answer are kept, want at least %d for each", events, got, each)
	}
}
