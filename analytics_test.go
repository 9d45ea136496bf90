package posthog_test

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// analytics is the configuration of a client that sends only when it is told
// to, to the endpoint that answers for each event.
func analytics() posthog.Config {
	return posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Interval: time.Hour, Workers: 1}
}

// Proves HV1-1: the request line and the headers, and a body without what has
// no place there.
func TestAnalyticsRequest(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.pass(90*time.Second + 123456*time.Nanosecond)
		w.enqueue(0, 3)
		w.flush()
		r := w.server.Requests()[0]
		if r.Method != "POST" || r.Path != "/i/v1/analytics/events" || len(r.Query) != 0 {
			w.Errorf("got %s %s %v, want POST /i/v1/analytics/events without a query", r.Method, r.Path, r.Query)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + testKey, "Content-Type": "application/json", "User-Agent": "hedgerow/" + posthog.Version,
			"Posthog-Sdk-Info": "hedgerow/" + posthog.Version, "Posthog-Attempt": "1", "Content-Encoding": "",
			"Posthog-Request-Timestamp": "2000-01-01T00:01:30.000123Z",
		} {
			if got := r.Header.Get(name); got != want {
				w.Errorf("header %s is %q, want %q", name, got, want)
			}
		}
		if !version7.MatchString(r.RequestID) {
			w.Errorf("PostHog-Request-Id is %q, want a UUIDv7", r.RequestID)
		}
		for _, forbidden := range []string{testKey, `"token"`, `"sent_at"`, `"historical_migration"`, `"$lib"`} {
			if strings.Contains(string(r.Body), forbidden) {
				w.Errorf("the body has %s: %s", forbidden, r.Body)
			}
		}
		w.wantRows(3)
		for _, row := range w.server.Rows() {
			if row.Properties["$lib"] != "hedgerow" || row.Properties["$lib_version"] != posthog.Version {
				w.Errorf("stored with $lib %v %v, want hedgerow %s", row.Properties["$lib"], row.Properties["$lib_version"], posthog.Version)
			}
		}
	})
}

// Proves HV1-2, HV1-7: what tells the attempts of a batch from each other, and
// what does not. Batches have ids of their own.
func TestAttemptsOfABatch(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: 2}, posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse})
		w.pass(time.Minute)
		begin := time.Now()
		w.enqueue(0, 3)
		w.flush()
		w.enqueue(3, 4)
		w.flush()
		requests := w.server.Requests()
		if len(requests) != 5 {
			w.Fatalf("got %d requests, want 4 of one batch and 1 of another", len(requests))
		}
		created := regexp.MustCompile(`^\{"created_at":"([^"]+)"`)
		first := created.FindStringSubmatch(string(requests[0].Body))
		if at, err := time.Parse(time.RFC3339Nano, first[1]); err != nil || !at.Equal(begin) || !strings.HasSuffix(first[1], "Z") {
			w.Errorf("created_at is %s, want the moment of the first attempt, %v, in UTC", first[1], begin)
		}
		var stamps []string
		for i, r := range requests[:4] {
			stamps = append(stamps, r.Header.Get("PostHog-Request-Timestamp"))
			if r.Attempt != i+1 || r.RequestID != requests[0].RequestID || !bytes.Equal(r.Body, requests[0].Body) {
				w.Errorf("request %d has attempt %d and id %s, want %d and %s, and the same body", i, r.Attempt, r.RequestID, i+1, requests[0].RequestID)
			}
			if !r.RequestTimestamp.Equal(r.Time.Truncate(time.Microsecond)) {
				w.Errorf("request %d says %v, and is made at %v", i, r.RequestTimestamp, r.Time)
			}
		}
		if slices.Sort(stamps); len(slices.Compact(stamps)) != 4 {
			w.Errorf("the timestamps of the attempts are %q, want four", stamps)
		}
		if last := requests[4]; last.Attempt != 1 || last.RequestID == requests[0].RequestID {
			w.Errorf("another batch has attempt %d and id %s, want 1 and another id", last.Attempt, last.RequestID)
		}
		w.wantRows(4)
	})
}

// The halves of a batch that was too large are requests of their own, of
// events that were first sent when the whole was.
func TestHalvesHaveRequestIDsOfTheirOwn(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503}, posthogtest.Fault{Status: 413})
		w.enqueue(0, 4)
		w.flush()
		requests := w.server.Requests()
		if len(requests) != 4 {
			w.Fatalf("got %d requests, want a failure, a 413 and two halves", len(requests))
		}
		ids := make(map[string]bool)
		for i, attempt := range []int{1, 2, 1, 1} {
			ids[requests[i].RequestID] = true
			if requests[i].Attempt != attempt {
				w.Errorf("request %d is attempt %d, want %d", i, requests[i].Attempt, attempt)
			}
			if prefix := string(requests[0].Body[:45]); !strings.HasPrefix(string(requests[i].Body), prefix) {
				w.Errorf("request %d begins with %s, want %s", i, requests[i].Body[:45], prefix)
			}
		}
		if len(ids) != 3 {
			w.Errorf("the requests have %d ids, want 3", len(ids))
		}
		w.wantRows(4)
	})
}

// A server that cannot undo the compression gets the same batch plain, at once,
// as the next attempt.
func TestUnsupportedEncodingIsSentPlain(t *testing.T) {
	config := analytics()
	config.Compression = posthog.CompressionZstd
	log := new(logLines)
	config.Logger = log
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: http.StatusUnsupportedMediaType})
		w.enqueue(0, 3)
		w.flush()
		requests := w.server.Requests()
		if len(requests) != 2 || requests[0].Header.Get("Content-Encoding") != "zstd" || requests[1].Encoding != "" {
			w.Fatalf("got %d requests, want a compressed and a plain one", len(requests))
		}
		if a, b := requests[0], requests[1]; b.Attempt != 2 || a.RequestID != b.RequestID || !b.RequestTimestamp.After(a.RequestTimestamp) {
			w.Errorf("the plain request has attempt %d, id %s, time %v, want 2, %s and a time after %v", b.Attempt, b.RequestID, b.RequestTimestamp, a.RequestID, a.RequestTimestamp)
		}
		w.wantRows(3)
		log.requireLine(w.T, "WARN", "415", "zstd")
	})
}

// Two events of one uuid are refused together by the endpoint, and with them
// everything in their request. They arrive all the same.
func TestEventsOfOneUUID(t *testing.T) {
	config := analytics()
	told := new(outcomes)
	config.Callback = told
	inWorld(t, config, func(w *world) {
		w.enqueue(0, 5)
		twin := event(5)
		twin.Uuid = posthog.NewUUID()
		enqueue(w.T, w.client, twin, twin, event(6), twin)
		w.flush()
		w.wantStats(9, 9)
		w.wantRows(7)
		if n := len(w.server.Requests()); n != 5 { // refused, 7 and 2, refused, 1 and 1
			w.Errorf("got %d requests, want 5", n)
		}
		result, err := w.client.Send(w.Context(), twin, event(7), twin)
		if err != nil || result.Persisted() != 3 {
			w.Errorf("Send: got %d of 3 events, %v", result.Persisted(), err)
		}
	})
}

// An error about events of several requests names none of them.
func TestRequestIDsOfSend(t *testing.T) {
	config := analytics()
	config.FlushAt, config.BatchSize = 2, 2
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 400, Times: -1})
		for events, named := range map[int]bool{2: true, 4: false} {
			var msgs []posthog.Message
			for i := range events {
				msgs = append(msgs, event(i))
			}
			_, err := w.client.Send(w.Context(), msgs...)
			var failure *posthog.DeliveryError
			if !errors.As(err, &failure) || failure.Events != events || failure.RequestID != "" != named {
				w.Errorf("Send of %d events in requests of 2: got %+v, want a request id: %v", events, failure, named)
			}
		}
	})
}
