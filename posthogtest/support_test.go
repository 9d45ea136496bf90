package posthogtest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

var _ posthogtest.TB = (*testing.T)(nil)

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends one request through the server's own network.
func call(t *testing.T, s *posthogtest.Server, method, path string, header http.Header, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("request %s %s: %v", method, path, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	transport := s.Transport().(*http.Transport)
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read answer: %v", method, path, err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// post sends JSON to /batch/ and expects a status.
func post(t *testing.T, s *posthogtest.Server, body string, want int) answer {
	t.Helper()
	got := call(t, s, http.MethodPost, "/batch/", http.Header{"Content-Type": {"application/json"}}, body)
	if got.status != want {
		t.Fatalf("POST /batch/ %s: got status %d (%s), want %d", cut(body), got.status, got.body, want)
	}
	return got
}

func cut(s string) string {
	if len(s) > 300 {
		return s[:300] + "..."
	}
	return s
}

// batch wraps events for the project phc_test.
func batch(events ...string) string {
	return `{"api_key":"phc_test","batch":[` + strings.Join(events, ",") + `]}`
}

// event is a small event with a fixed uuid ending in n.
func event(name, distinctID string, n int) string {
	return fmt.Sprintf(`{"event":%q,"distinct_id":%q,"uuid":%q,"timestamp":"1999-11-20T10:00:00Z","properties":{"n":%d}}`,
		name, distinctID, uuid(n), n)
}

func uuid(n int) string { return fmt.Sprintf("0199c0de-0000-7000-8000-%012d", n) }

func zipped(text string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return buf.String()
}

// fakeTB records what a failing test would print.
type fakeTB struct {
	errors   []string
	fatal    string
	cleanups []func()
}

func (*fakeTB) Helper()                        {}
func (*fakeTB) Logf(string, ...any)            {}
func (f *fakeTB) Cleanup(fn func())            { f.cleanups = append(f.cleanups, fn) }
func (f *fakeTB) Errorf(s string, args ...any) { f.errors = append(f.errors, fmt.Sprintf(s, args...)) }
func (f *fakeTB) Fatalf(s string, args ...any) { f.fatal = fmt.Sprintf(s, args...) }
