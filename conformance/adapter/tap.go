package adapter

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// attemptLimit bounds the requests of one test that are remembered; the oldest are forgotten.
const attemptLimit = 1000

// attempt is one request that a client made.
type attempt struct {
	Time   int64    `json:"timestamp_ms"`
	Status int      `json:"status_code"`   // 0 as long as there is no answer
	Retry  int      `json:"retry_attempt"` // how many requests carried these events before
	Events int      `json:"event_count"`
	UUIDs  []string `json:"uuid_list"`
}

// tap is the RoundTripper of one test's client. It marks each request with the test it belongs to, writes down what went
// by, and lets nothing leave for a host that is not on the list, redirects included. It changes nothing else.
type tap struct {
	test  string // sent as X-Test-Id, unless it is empty
	hosts hosts
	next  http.RoundTripper

	mu       sync.Mutex // guards what follows
	attempts []*attempt // in the order in which they began
	retries  int
}

// RoundTrip implements [http.RoundTripper].
func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := drain(r)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if err := t.hosts.permit(r.URL); err != nil {
		return nil, err
	}
	marked := r.Clone(r.Context())
	if t.test != "" {
		marked.Header.Set("X-Test-Id", t.test)
	}
	if body != nil {
		marked.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		marked.Body, _ = marked.GetBody()
	}

	written := t.write(uuids(r.Header.Get("Content-Encoding"), body))
	response, err := t.next.RoundTrip(marked)
	if err == nil {
		t.mu.Lock()
		written.Status = response.StatusCode
		t.mu.Unlock()
	}
	return response, err
}

// write writes an attempt with these events down.
func (t *tap) write(events []string) *attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	made := &attempt{Time: time.Now().UnixMilli(), Events: len(events), UUIDs: events}
	for _, earlier := range slices.Backward(t.attempts) {
		if len(events) > 0 && slices.Contains(earlier.UUIDs, events[0]) {
			made.Retry = earlier.Retry + 1
			t.retries++
			break
		}
	}
	if len(t.attempts) == attemptLimit {
		t.attempts = slices.Delete(t.attempts, 0, 1)
	}
	t.attempts = append(t.attempts, made)
	return made
}

// seen returns a copy of the attempts so far, and how many of them were retries.
func (t *tap) seen() (attempts []attempt, retries int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	attempts = make([]attempt, len(t.attempts))
	for i, a := range t.attempts {
		attempts[i] = *a
	}
	return attempts, t.retries
}

// drain reads and closes the body of r, as a RoundTripper must.
func drain(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// uuids returns those of the events in a request body: none if the body is not a batch.
func uuids(encoding string, body []byte) []string {
	list := []string{}
	if encoding != "" {
		plain, err := undo(encoding, bytes.NewReader(body))
		if err != nil {
			return list
		}
		if body, err = io.ReadAll(plain); err != nil {
			return list
		}
	}
	var sent struct {
		Batch []struct {
			UUID string `json:"uuid"`
		} `json:"batch"`
	}
	if json.Unmarshal(body, &sent) != nil {
		return list
	}
	for _, e := range sent.Batch {
		list = append(list, e.UUID)
	}
	return list
}

// undo returns what was compressed.
func undo(encoding string, body io.Reader) (io.Reader, error) {
	switch encoding {
	case "gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(body)
	case "br":
		return brotli.NewReader(body), nil
	case "zstd":
		return zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	}
	return nil, fmt.Errorf("encoding %q is unknown", encoding)
}
