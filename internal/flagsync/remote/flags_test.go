package remote_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/wire"
)

// Proves FR-01, FR-02, FR-03, FR-04 and FR-05, with a secret key at hand.
func TestHowFlagsAreAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, says(200, enabled))
		client := asking(way, func(c *remote.Config) { c.Endpoint += "/base//" })
		got, err := client.Flags(t.Context(), person)
		if err != nil || !got.Flags["new-nav"].Enabled || got.RequestID != "r-1" {
			t.Fatalf("Flags = %+v, %v, want the server's answer", got, err)
		}
		seen := s.seen()
		if len(seen) != 1 {
			t.Fatalf("%d requests, want 1", len(seen))
		}
		v := seen[0]
		const body = `{"token":"phc_test","distinct_id":"u-9","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true,` +
			`"flag_keys_to_evaluate":["new-nav"],"evaluation_runtime":"server"}`
		if v.method != "POST" || v.url != "/base/flags/?v=2" || v.body != body {
			t.Errorf("request is %s %s %s, want POST /base/flags/?v=2 %s", v.method, v.url, v.body, body)
		}
		for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "hedgerow/1.2.3", "Authorization": ""} {
			if got := v.header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

// Proves FR-13 and FR-14.
func TestEachCallIsARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, says(200, enabled))
		client := asking(way, nil)
		if n := len(s.seen()); n != 0 {
			t.Errorf("%d requests for a new Client, want none", n)
		}
		var running sync.WaitGroup
		for range 10 {
			running.Go(func() {
				for range 2 {
					if _, err := client.Flags(t.Context(), person); err != nil {
						t.Errorf("Flags: %v", err)
					}
				}
			})
		}
		running.Wait()
		if n := len(s.seen()); n != 20 {
			t.Errorf("%d requests for 20 calls, want 20", n)
		}
	})
}

// Proves FR-09, FR-10 and FR-12: what an answer of 200 becomes.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want remote.Error // its Kind, Status and Attempts
		word string
		on   bool // new-nav
	}{
		"flags":                     {enabled, remote.Error{}, "", true},
		"flags in space":            {"\n" + strings.Repeat(" ", 100_000) + enabled + "\r\n", remote.Error{}, "", true},
		"flags of an old server":    {`{"featureFlags":{"new-nav":true},"featureFlagPayloads":{}}`, remote.Error{}, "", true},
		"no flags":                  {`{"flags":{}}`, remote.Error{}, "", false},
		"a part of the flags":       {`{"flags":{"new-nav":{"enabled":true}},"errorsWhileComputingFlags":true}`, remote.Error{}, "", true},
		"over the quota":            {`{"flags":{},"quotaLimited":["feature_flags"],"requestId":"r-1"}`, remote.Error{Kind: remote.QuotaLimited, Status: 200}, "quota_limited", false},
		"over another quota":        {`{"flags":{"new-nav":{"enabled":true}},"quotaLimited":["recordings"]}`, remote.Error{}, "", true},
		"a page":                    {`<html>`, remote.Error{Status: 200}, "unknown_error", false},
		"nothing":                   {``, remote.Error{Status: 200}, "unknown_error", false},
		"an object without flags":   {`{"status":1}`, remote.Error{Status: 200}, "unknown_error", false},
		"text that was cut earlier": {enabled[:40], remote.Error{Status: 200}, "unknown_error", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, says(200, tc.body))
				got, err := asking(way, nil).Flags(t.Context(), person)
				failed := failure(t, err)
				if failed.Kind != tc.want.Kind || failed.Status != tc.want.Status {
					t.Errorf("answer %.100q: error %v of kind %d, want kind %d, status %d", tc.body, err, failed.Kind, tc.want.Kind, tc.want.Status)
				}
				if err != nil && failed.Word() != tc.word {
					t.Errorf("answer %.100q: word %q, want %q", tc.body, failed.Word(), tc.word)
				}
				if got.Flags["new-nav"].Enabled != tc.on {
					t.Errorf("answer %.100q: flags %+v, want new-nav on: %v", tc.body, got.Flags, tc.on)
				}
				if failed.Kind == remote.QuotaLimited && got.RequestID != "r-1" {
					t.Errorf("answer %q: request id %q, want r-1", tc.body, got.RequestID)
				}
				if n := len(s.seen()); n != 1 {
					t.Errorf("answer %.100q: %d requests, want 1", tc.body, n)
				}
			})
		})
	}
}

func packed(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

func TestPackedAnswers(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	bomb := packed(strings.Repeat(" ", limit) + enabled)
	for name, tc := range map[string]struct {
		body  string
		kind  remote.Kind
		want  string // in the error
		tries int
	}{
		"packed":             {packed(enabled), 0, "", 1},
		"as large as may be": {packed(strings.Repeat(" ", limit-len(enabled)) + enabled), 0, "", 1},
		"not packed":         {enabled, remote.Unknown, "gzip: invalid header", 1},
		"nothing":            {"", remote.Unknown, "answer holds no flags", 1},
		"packed and wrong":   {packed(enabled)[:10] + "\xff\xff\xff\xff\xff\xff\xff\xff", remote.Unknown, "flate: corrupt input", 1},
		"packed and cut":     {packed(enabled)[:60], remote.Connection, "unexpected EOF", 2},
		"packed too large":   {bomb, remote.Unknown, "answer is larger than 65536 bytes", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Accept-Encoding") != "gzip" {
						t.Errorf("Accept-Encoding is %q, want gzip", r.Header.Get("Accept-Encoding"))
					}
					w.Header().Set("Content-Encoding", "gzip")
					_, _ = io.WriteString(w, tc.body)
				})
				got, err := asking(way, func(c *remote.Config) { c.MaxAnswer = limit }).Flags(t.Context(), person)
				if tc.want == "" {
					if err != nil || !got.Flags["new-nav"].Enabled {
						t.Errorf("Flags = %+v, %v, want new-nav on", got, err)
					}
					return
				}
				if err == nil || failure(t, err).Kind != tc.kind || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error is %v, want one of kind %d with %q", err, tc.kind, tc.want)
				}
				if n := len(s.seen()); n != tc.tries {
					t.Errorf("%d requests, want %d", n, tc.tries)
				}
			})
		})
	}
}

// Proves that a server cannot fill the memory.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // in which reading takes no time, on the slowest machine
		endless := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(spaces{}), Request: r}, nil
		})
		_, err := asking(endless, nil).Flags(t.Context(), person)
		if failed := failure(t, err); failed.Kind != remote.Unknown || failed.Attempts != 1 || !strings.Contains(failed.Error(), "larger than 33554432 bytes") {
			t.Errorf("error of an answer without end is %+v, want one that says so after one attempt", failed)
		}
	})
}

// spaces never ends.
type spaces struct{}

var manySpaces = bytes.Repeat([]byte(" "), 1<<20)

func (spaces) Read(p []byte) (int, error) { return copy(p, manySpaces), nil }

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Proves CAP-16 for flags: a value that cannot be encoded is left out, and somebody is told.
func TestLostValuesAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, says(200, enabled))
		var told []wire.Loss
		client := asking(way, func(c *remote.Config) { c.Lost = func(losses []wire.Loss) { told = append(told, losses...) } })
		r := person
		r.PersonProperties = map[string]any{"call": func() {}, "plan": "pro"}
		if _, err := client.Flags(t.Context(), r); err != nil {
			t.Errorf("Flags: %v", err)
		}
		if len(told) != 1 || told[0].Key != "person_properties.call" {
			t.Errorf("told of %v, want person_properties.call", told)
		}
		if body := s.seen()[0].body; !strings.Contains(body, `"person_properties":{"plan":"pro"}`) {
			t.Errorf("body is %s, want plan and not call", body)
		}
	})
}
