package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

const (
	key  = "phc_test"
	host = "http://test-harness:8081"
)

// object is a JSON object.
type object = map[string]any

// play is one test being played: what the harness says to the adapter, and what it sees at the mock. It belongs to the
// goroutine of its test.
type play struct {
	id       string
	mode     posthog.CaptureMode
	adapter  http.Handler
	server   *posthogtest.Server
	flushing time.Time // when the latest flush was asked for
	failures []string
}

// failf notes a failure and ends the test.
func (p *play) failf(format string, args ...any) {
	p.failures = append(p.failures, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// call makes one call to the adapter, which must succeed, and returns the answer.
func (p *play) call(method, path string, body any) object {
	var sent []byte
	if body != nil {
		sent, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, path+"?test_id="+p.id, bytes.NewReader(sent))
	if err != nil {
		p.failf("%s %s: %v", method, path, err)
	}
	w := &written{header: http.Header{}}
	p.adapter.ServeHTTP(w, r)
	var got object
	if err := json.Unmarshal(w.body.Bytes(), &got); w.status/100 != 2 || err != nil {
		p.failf("%s %s %s: got status %d and %s, want 2xx and a JSON object", method, path, sent, w.status, w.body.String())
	}
	return got
}

// start resets the test, fills the mock's queue and gives the test a client that sends each event at once, unless the
// settings say otherwise.
func (p *play) start(settings object, queue ...answer) {
	p.call(http.MethodPost, "/reset", nil)
	script(p.server, p.mode, queue...)
	all := object{"api_key": key, "host": host, "flush_at": 1}
	for name, value := range settings {
		all[name] = value
	}
	p.call(http.MethodPost, "/init", all)
}

// capture captures an event, and returns the uuid that the adapter says it has.
func (p *play) capture(event object) string { return p.put("/capture", event) }

// captureAI captures an AI event in the same way.
func (p *play) captureAI(event object) string {
	all := object{"event": "$ai_generation"}
	for name, value := range event {
		all[name] = value
	}
	return p.put("/capture_ai", all)
}

func (p *play) put(path string, event object) string {
	all := object{"distinct_id": "user123", "event": "Test Event", "properties": nil, "timestamp": nil}
	for name, value := range event {
		all[name] = value
	}
	got := p.call(http.MethodPost, path, all)
	uuid, _ := got["uuid"].(string)
	return uuid
}

// flush flushes the test's client.
func (p *play) flush() {
	p.flushing = time.Now()
	p.call(http.MethodPost, "/flush", nil)
}

// within returns the requests that the mock had d after the flush. The harness counts from the flush's answer; this
// counts from its beginning, which is never later.
func (p *play) within(d time.Duration) []posthogtest.Request {
	deadline := p.flushing.Add(d)
	if left := time.Until(deadline); left > 0 {
		<-time.After(left)
	}
	requests := p.server.Requests()
	for i, r := range requests {
		if r.Time.After(deadline) {
			return requests[:i]
		}
	}
	return requests
}

// exactly returns the requests of a while after the flush, which must be n.
func (p *play) exactly(n int) []posthogtest.Request {
	return p.exactlyWithin(n, 2*time.Second)
}

func (p *play) exactlyWithin(n int, d time.Duration) []posthogtest.Request {
	got := p.within(d)
	if len(got) != n {
		p.failf("requests within %v of the flush: got %d (%s), want exactly %d", d, len(got), statuses(got), n)
	}
	return got
}

// atLeast returns the requests within d of the flush, which must be n or more.
func (p *play) atLeast(n int, d time.Duration) []posthogtest.Request {
	got := p.within(d)
	if len(got) < n {
		p.failf("requests within %v of the flush: got %d (%s), want at least %d", d, len(got), statuses(got), n)
	}
	return got
}

// batch returns the body of a request as JSON.
func (p *play) batch(r posthogtest.Request) object {
	var body object
	if err := json.Unmarshal(r.Body, &body); err != nil {
		p.failf("body %q: %v", r.Body, err)
	}
	return body
}

// events returns the events of a request, as JSON.
func (p *play) events(r posthogtest.Request) []object {
	list, ok := p.batch(r)["batch"].([]any)
	if !ok || len(list) == 0 {
		p.failf("batch of %s: got none, want a list of events", r.Body)
	}
	events := make([]object, len(list))
	for i := range list {
		if events[i], ok = list[i].(object); !ok {
			p.failf("event %d of %s: want an object", i, r.Body)
		}
	}
	return events
}

// only captures one event, flushes, and returns what arrived as exactly one request.
func (p *play) only(event object) (sent object, request posthogtest.Request) {
	p.start(nil)
	p.capture(event)
	p.flush()
	request = p.exactly(1)[0]
	return p.events(request)[0], request
}

// field returns a field of every event of some requests, in order. It must be a text that is not empty.
func (p *play) field(name string, requests ...posthogtest.Request) []string {
	var values []string
	for _, r := range requests {
		for _, event := range p.events(r) {
			value, _ := event[name].(string)
			if value == "" {
				p.failf("%s of event %v: got none, want a text", name, event)
			}
			values = append(values, value)
		}
	}
	return values
}

// distinct fails if a value occurs twice.
func (p *play) distinct(what string, values []string) {
	seen := make(map[string]bool)
	for _, v := range values {
		if seen[v] {
			p.failf("%s: got %s twice in %v, want each once", what, v, values)
		}
		seen[v] = true
	}
}

// statuses lists what the requests were answered.
func statuses(requests []posthogtest.Request) string {
	var list []string
	for _, r := range requests {
		list = append(list, fmt.Sprint(r.Status))
	}
	return strings.Join(list, ", ")
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
