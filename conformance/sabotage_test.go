package main_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// sabotage makes the library under test a worse one. Nil leaves it alone.
type sabotage struct {
	network func(next http.RoundTripper, r *http.Request) (*http.Response, error)
	idle    func(mock http.RoundTripper, id string) // at a flush of a test that captured nothing
	init    func(mock http.RoundTripper, id string) // at the beginning of a client
}

// between returns the way from the clients to the mock.
func (s *sabotage) between(next http.RoundTripper) http.RoundTripper {
	if s == nil || s.network == nil {
		return next
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) { return s.network(next, r) })
}

// before returns the way from the harness to the adapter.
func (s *sabotage) before(next http.Handler, mock http.RoundTripper) http.Handler {
	if s == nil || s.idle == nil && s.init == nil {
		return next
	}
	var captured sync.Map // ids of tests
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("test_id")
		switch r.URL.Path {
		case "/init":
			if s.init != nil {
				s.init(mock, id)
			}
		case "/capture":
			captured.Store(id, true)
		case "/flush":
			if _, some := captured.Load(id); !some && s.idle != nil {
				s.idle(mock, id)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// TestEveryTestCanFail plays the suites against libraries that get one thing wrong each, and states which tests notice.
func TestEveryTestCanFail(t *testing.T) {
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			noticed := make(map[string]bool)
			for _, broken := range sabotages[s.name] {
				t.Run(broken.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var got []string
						for name, failures := range s.playAll(t, s.names(), &broken.sabotage) {
							if len(failures) > 0 {
								got = append(got, bare(name))
								noticed[name] = true
							}
						}
						slices.Sort(got)
						want := slices.Sorted(slices.Values(broken.fails))
						switch broken.extent {
						case allBut:
							want = s.others(broken.fails)
						case amongOthers:
							got = slices.DeleteFunc(got, func(name string) bool { return !slices.Contains(want, name) })
						}
						if !slices.Equal(got, want) {
							t.Errorf("tests that fail: got %q, want %q", got, want)
						}
					})
				})
			}
			for _, name := range s.names() {
				if !noticed[name] && wholeRun() {
					t.Errorf("%s: no broken library makes it fail", name)
				}
			}
		})
	}
}

// sabotages are the broken libraries for each suite.
var sabotages = map[string][]brokenLibrary{
	"capture":              captureSabotages,
	"capture_analytics_v1": analyticsSabotages,
	"capture_ai":           aiSabotages,
	"feature_flags":        flagSabotages,
	"feature_flags_v1":     flagSabotages,
}

// brokenLibrary is a library that gets one thing wrong, and the tests that fail for it.
type brokenLibrary struct {
	name     string
	sabotage sabotage
	fails    []string
	extent   extent
}

// extent says what else fails for a broken library.
type extent uint8

const (
	these       extent = iota // nothing
	allBut                    // all tests but the named ones, which pass
	amongOthers               // whatever needs what the mock refuses
)

// captureSabotages are those for the suite capture.
var captureSabotages = []brokenLibrary{
	{"a library that sends nothing", sabotage{network: func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}}, []string{"flush_with_no_events_sends_nothing"}, allBut},
	{"a library that sends on an empty flush", sabotage{idle: func(mock http.RoundTripper, id string) {
		r, _ := http.NewRequest(http.MethodPost, host+"/batch/", strings.NewReader(`{"api_key":"phc_test","batch":[]}`))
		r.Header.Set("X-Test-Id", id)
		if response, err := mock.RoundTrip(r); err == nil {
			response.Body.Close()
		}
	}}, []string{"flush_with_no_events_sends_nothing"}, these},
	{"a library that retries nothing", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return answered(next, r, func(status int) int { return http.StatusOK })
	}}, []string{
		"retries_on_408",
		"retries_on_500",
		"retries_on_502",
		"retries_on_503",
		"retries_on_504",
		"implements_backoff",
		"max_retries_respected",
		"respects_retry_after_header",
		"preserves_uuid_on_retry",
		"preserves_uuid_and_timestamp_on_retry",
		"preserves_uuid_and_timestamp_on_batch_retry",
	}, these},
	{"a library that retries everything", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return answered(next, r, func(status int) int {
			if status >= 400 {
				return http.StatusServiceUnavailable
			}
			return status
		})
	}}, []string{
		"does_not_retry_on_400",
		"does_not_retry_on_401",
		"does_not_retry_on_403",
		"does_not_retry_on_413",
	}, these},
	{"a library that retries once more at once", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil || response.StatusCode < 429 {
			return response, err
		}
		response.Body.Close()
		return next.RoundTrip(copied(r))
	}}, []string{
		"implements_backoff",
		"max_retries_respected",
		"respects_retry_after_header",
	}, these},
	{"a library that does not read Retry-After", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil {
			response.Header.Del("Retry-After")
		}
		return response, err
	}}, []string{"respects_retry_after_header"}, these},
	{"a library that gives each attempt new uuids", sabotage{network: rewritten(func(_ object, event object) {
		event["uuid"] = fmt.Sprintf("0199c0de-0000-7000-8000-%012d", minted.Add(1))
	})}, []string{
		"event_has_uuid",
		"preserves_uuid_on_retry",
		"preserves_uuid_and_timestamp_on_retry",
		"preserves_uuid_and_timestamp_on_batch_retry",
	}, these},
	{"a library that gives every event the same uuid", sabotage{network: rewritten(func(_ object, event object) {
		event["uuid"] = "0199c0de-0000-7000-8000-000000000000"
	})}, []string{
		"event_has_uuid",
		"generates_unique_uuids",
		"no_duplicate_events_in_batch",
		"different_events_have_different_uuids",
	}, these},
	{"a library that gives each attempt a new timestamp", sabotage{network: rewritten(func(_ object, event object) {
		event["timestamp"] = fmt.Sprintf("2026-01-02T03:04:05.%09dZ", minted.Add(1))
	})}, []string{
		"non_utc_event_timestamp_is_converted_to_utc",
		"preserves_uuid_and_timestamp_on_retry",
		"preserves_uuid_and_timestamp_on_batch_retry",
	}, these},
	{"a library that sends local time", sabotage{network: rewritten(func(_ object, event object) {
		event["timestamp"] = strings.TrimSuffix(event["timestamp"].(string), "Z") + "+05:30"
	})}, []string{"event_has_timestamp", "non_utc_event_timestamp_is_converted_to_utc"}, these},
	{"a library that converts times in properties", sabotage{network: rewritten(func(_ object, event object) {
		event["properties"].(object)["seen_at"] = event["timestamp"]
	})}, []string{"non_utc_event_timestamp_is_converted_to_utc"}, these},
	{"a library that sends numbers as texts and ids as numbers", sabotage{network: rewritten(func(_ object, event object) {
		event["distinct_id"] = 12345
		event["properties"].(object)["number"] = "42"
	})}, []string{
		"custom_properties_preserved",
		"distinct_id_is_string",
		"event_has_required_fields",
	}, these},
	{"a library without a name", sabotage{network: rewritten(func(_ object, event object) {
		delete(event["properties"].(object), "$lib")
	})}, []string{"event_has_lib_properties"}, these},
	{"a library that puts the key into each event", sabotage{network: rewritten(func(batch, event object) {
		event["api_key"] = batch["api_key"]
		delete(batch, "api_key")
	})}, []string{"token_is_present", "uses_proper_batch_structure"}, these},
	{"a library that never compresses", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		plain := copied(r)
		plain.Header.Del("Content-Encoding")
		return next.RoundTrip(withBody(plain, body(r)))
	}}, []string{"sends_gzip_when_enabled"}, these},
	{"a library that sends each event alone", sabotage{network: alone}, []string{"multiple_events_batched_together", "preserves_uuid_and_timestamp_on_batch_retry"}, these},
}

// others returns the names of all tests but these, in order.
func (s *suite) others(these []string) []string {
	var list []string
	for _, name := range s.names() {
		if !slices.Contains(these, bare(name)) {
			list = append(list, bare(name))
		}
	}
	return slices.Sorted(slices.Values(list))
}

// minted counts what broken libraries make up, which must differ each time.
var minted atomic.Int64

// rewritten returns a network that changes each event on its way, and what is around it, unless it cannot read the body.
func rewritten(change func(batch, event object)) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "gzip" {
			return next.RoundTrip(r)
		}
		var batch object
		_ = json.Unmarshal(body(r), &batch)
		for _, event := range batch["batch"].([]any) {
			change(batch, event.(object))
		}
		changed, _ := json.Marshal(batch)
		return next.RoundTrip(withBody(copied(r), changed))
	}
}

// alone sends each event of a batch in a request of its own, and returns the last answer.
func alone(next http.RoundTripper, r *http.Request) (response *http.Response, err error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "gzip" {
		return next.RoundTrip(r)
	}
	var batch object
	_ = json.Unmarshal(body(r), &batch)
	for _, event := range batch["batch"].([]any) {
		single := maps.Clone(batch)
		single["batch"] = []any{event}
		sent, _ := json.Marshal(single)
		if response != nil {
			response.Body.Close()
		}
		if response, err = next.RoundTrip(withBody(copied(r), sent)); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// answered sends r and changes the status of the answer.
func answered(next http.RoundTripper, r *http.Request, change func(int) int) (*http.Response, error) {
	response, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.StatusCode = change(response.StatusCode)
	return response, nil
}

// copied returns r, to be sent once more.
func copied(r *http.Request) *http.Request {
	again := r.Clone(r.Context())
	again.Body, _ = r.GetBody()
	return again
}

// body returns what r carries, as plain text.
func body(r *http.Request) []byte {
	var from io.Reader
	from, _ = r.GetBody()
	if r.Header.Get("Content-Encoding") == "gzip" {
		from, _ = gzip.NewReader(from)
	}
	plain, _ := io.ReadAll(from)
	return plain
}

// withBody gives r another body, in the encoding that its header names.
func withBody(r *http.Request, plain []byte) *http.Request {
	var sent bytes.Buffer
	if r.Header.Get("Content-Encoding") == "gzip" {
		w := gzip.NewWriter(&sent)
		_, _ = w.Write(plain)
		_ = w.Close()
	} else {
		sent.Write(plain)
	}
	r.ContentLength = int64(sent.Len())
	r.Body = io.NopCloser(&sent)
	r.GetBody = nil
	return r
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
