package adapter_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/conformance/adapter"
	"github.com/hedgerow/posthog/posthogtest"
)

// fill is the beginning of the body of /init. It sends each event at once.
const fill = `{"host":"http://test-harness:8081","flush_at":1`

// world is an adapter before a server.
type world struct {
	*testing.T
	adapter *adapter.Adapter
	server  *posthogtest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := posthogtest.NewServer(t, nil)
	a := adapter.New(adapter.Config{Transport: server.Transport()})
	t.Cleanup(a.Close)
	return &world{T: t, adapter: a, server: server}
}

// call makes one call to the adapter and returns the answer as JSON.
func (w *world) call(method, target, body string, want int) map[string]any {
	w.Helper()
	status, text := ask(w.adapter, method, target, body)
	if status != want {
		w.Fatalf("%s %s %.200s: got status %d with %s, want %d", method, target, body, status, text, want)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil && want != http.StatusNotFound && want != http.StatusMethodNotAllowed {
		w.Fatalf("%s %s: got %q, want a JSON object", method, target, text)
	}
	return got
}

// post makes one call that succeeds.
func (w *world) post(target, body string) map[string]any {
	w.Helper()
	return w.call(http.MethodPost, target, body, http.StatusOK)
}

// state returns what the adapter knows about a test.
func (w *world) state(query string) map[string]any {
	w.Helper()
	return w.call(http.MethodGet, "/state"+query, "", http.StatusOK)
}

// ask calls a handler directly.
func ask(handler http.Handler, method, target, body string) (status int, text string) {
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	w := &written{header: http.Header{}}
	handler.ServeHTTP(w, r)
	return w.status, w.body.String()
}

// written is the answer of a handler that is called directly.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *written) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
