package posthogtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

const requestID = "0199c0de-0000-7000-8000-00000000beef"

// arrival is the server's clock where it matters, and when the client sends.
var arrival = time.Date(1999, 11, 20, 10, 0, 5, 0, time.UTC)

// still is a server whose clock stands.
func still(t *testing.T, config posthogtest.Config) *posthogtest.Server {
	t.Helper()
	config.Now = func() time.Time { return arrival }
	return posthogtest.NewServer(t, &config)
}

// flawless is the headers of a good request to the analytics route.
func flawless() http.Header {
	h := make(http.Header)
	for name, value := range map[string]string{
		"Authorization":             "Bearer phc_test",
		"Content-Type":              "application/json",
		"User-Agent":                "shop/1.0",
		"PostHog-Sdk-Info":          "hedgerow/1.2.3",
		"PostHog-Attempt":           "1",
		"PostHog-Request-Id":        requestID,
		"PostHog-Request-Timestamp": arrival.Format(time.RFC3339Nano),
	} {
		h.Set(name, value)
	}
	return h
}

// report sends a body to the analytics route; edits are a header's name and
// value, again and again.
func report(t *testing.T, s *posthogtest.Server, body string, edits ...string) answer {
	t.Helper()
	h := flawless()
	for i := 0; i < len(edits); i += 2 {
		h.Set(edits[i], edits[i+1])
	}
	return call(t, s, http.MethodPost, "/i/v1/analytics/events", h, body)
}

// sheet is a body for the analytics route.
func sheet(events ...string) string {
	return `{"created_at":"1999-11-20T10:00:04Z","batch":[` + strings.Join(events, ",") + `]}`
}

// result is what an answer says about event n: its word and its details.
func result(t *testing.T, a answer, n int) string {
	t.Helper()
	var body struct {
		Results map[string]struct{ Result, Details string }
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("got body %q, want results: %v", a.body, err)
	}
	r := body.Results[uuid(n)]
	return strings.TrimSpace(r.Result + " " + r.Details)
}

// mistake is the error word and the description of an answer.
func mistake(t *testing.T, a answer) (word, description string) {
	t.Helper()
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		URI         string `json:"error_uri"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("got %d with body %q, want an error in JSON: %v", a.status, a.body, err)
	}
	if body.URI == "" || body.Description == "" {
		t.Errorf("got error %s, want a description and a link", a.body)
	}
	return body.Error, body.Description
}

// whole is an answer as it looks on the wire, headers in order.
func whole(a answer) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", a.status, http.StatusText(a.status))
	_ = a.header.Write(&b)
	return []byte(strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n" + a.body + "\n")
}
