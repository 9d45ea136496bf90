package posthog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// testKey is the project key of every test.
const testKey = "phc_test"

// logLines is a Logger that keeps what it is told.
type logLines struct {
	mu   sync.Mutex
	kept []string
}

func (l *logLines) add(level, format string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, level+": "+fmt.Sprintf(format, args...))
}

func (l *logLines) Debugf(format string, args ...any) { l.add("DEBUG", format, args) }
func (l *logLines) Logf(format string, args ...any)   { l.add("INFO", format, args) }
func (l *logLines) Warnf(format string, args ...any)  { l.add("WARN", format, args) }
func (l *logLines) Errorf(format string, args ...any) { l.add("ERROR", format, args) }

// all returns a copy of the lines so far.
func (l *logLines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.kept...)
}

// having returns the lines that contain text.
func (l *logLines) having(text string) []string {
	var found []string
	for _, line := range l.all() {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// requireLine fails the test unless a line contains every one of texts.
func (l *logLines) requireLine(t *testing.T, texts ...string) {
	t.Helper()
	for _, line := range l.all() {
		found := true
		for _, text := range texts {
			found = found && strings.Contains(line, text)
		}
		if found {
			return
		}
	}
	t.Errorf("no log line holds all of %q\nlog: %q", texts, l.all())
}

// connected returns config with server as its endpoint, and with a silent
// logger if it has none.
func connected(server *posthogtest.Server, config posthog.Config) posthog.Config {
	if config.Endpoint == "" {
		config.Endpoint = server.URL()
	}
	if config.Transport == nil {
		config.Transport = server.Transport()
	}
	if config.Logger == nil {
		config.Logger = silent{}
	}
	return config
}

// open returns a client of a new in-memory server. Both end with the test.
func open(t *testing.T, config posthog.Config) (*posthog.ServerClient, *posthogtest.Server) {
	t.Helper()
	server := posthogtest.NewServer(t, nil)
	return dial(t, server, config), server
}

// dial returns a client of server that ends with the test.
func dial(t *testing.T, server *posthogtest.Server, config posthog.Config) *posthog.ServerClient {
	t.Helper()
	client := connect(t, server, config)
	t.Cleanup(func() { _ = client.Close() }) // most tests have closed it, and looked at the result
	return client
}

// enqueue enqueues messages that must be accepted.
func enqueue(t *testing.T, client posthog.EnqueueClient, msgs ...posthog.Message) {
	t.Helper()
	for _, msg := range msgs {
		if err := client.Enqueue(msg); err != nil {
			t.Fatalf("Enqueue(%#v): %v", msg, err)
		}
	}
}

// flush sends what is queued.
func flush(t *testing.T, client *posthog.ServerClient) {
	t.Helper()
	if err := client.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

// wireEvent is an event as its bytes say, numbers exact.
type wireEvent struct {
	Event      string         `json:"event"`
	DistinctID string         `json:"distinct_id"`
	UUID       string         `json:"uuid"`
	Timestamp  string         `json:"timestamp"`
	Properties map[string]any `json:"properties"`
}

// arrived returns the events that server accepted, in order of arrival, after
// making sure that each has the five root keys and no other.
func arrived(t *testing.T, server *posthogtest.Server) []wireEvent {
	t.Helper()
	var events []wireEvent
	for _, e := range server.Events() {
		decoder := json.NewDecoder(bytes.NewReader(e.Raw))
		decoder.UseNumber()
		decoder.DisallowUnknownFields()
		requireUniqueNames(t, e.Raw)
		var event wireEvent
		if err := decoder.Decode(&event); err != nil {
			t.Fatalf("event %s: %v", e.Raw, err)
		}
		if event.Event == "" || event.DistinctID == "" || event.UUID == "" || event.Timestamp == "" || event.Properties == nil {
			t.Errorf("event lacks one of its five root keys: %s", e.Raw)
		}
		events = append(events, event)
	}
	return events
}

// one flushes and returns the only event that arrived.
func one(t *testing.T, client *posthog.ServerClient, server *posthogtest.Server) wireEvent {
	t.Helper()
	flush(t, client)
	events := arrived(t, server)
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1: %v", len(events), events)
	}
	return events[0]
}

// send enqueues msg on a client of its own and returns the event that arrived.
func send(t *testing.T, config posthog.Config, msg posthog.Message) wireEvent {
	t.Helper()
	client, server := open(t, config)
	enqueue(t, client, msg)
	return one(t, client, server)
}

// canonical returns v as JSON with sorted keys.
func canonical(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("json.Marshal(%#v): %v", v, err)
	}
	return string(text)
}

// requireProperties fails the test unless e has all of want, compared as
// JSON. A want of absent means that the property must not be there.
func requireProperties(t *testing.T, e wireEvent, want map[string]any) {
	t.Helper()
	for name, value := range want {
		got, ok := e.Properties[name]
		switch {
		case value == absent && ok:
			t.Errorf("event %q: property %q is %s, want it absent", e.Event, name, canonical(t, got))
		case value == absent:
		case !ok:
			t.Errorf("event %q: property %q is missing, want %s; properties: %s",
				e.Event, name, canonical(t, value), canonical(t, e.Properties))
		case canonical(t, got) != canonical(t, value):
			t.Errorf("event %q: property %q is %s, want %s", e.Event, name, canonical(t, got), canonical(t, value))
		}
	}
}

type absence struct{}

// absent is the value of a property that must not be there.
var absent any = absence{}

// requireLedger fails the test unless every accepted event is accounted for,
// and returns the ledger.
func requireLedger(t *testing.T, client *posthog.ServerClient) posthog.Stats {
	t.Helper()
	s := client.Stats()
	if sum := s.Pending + s.Delivered + s.Unconfirmed + s.Rejected + s.Dropped; s.Accepted != sum {
		t.Errorf("accepted %d events, but pending, delivered, unconfirmed, rejected and dropped are %d: %+v", s.Accepted, sum, s)
	}
	var dropped uint64
	for n := range maps.Values(s.DroppedBy) {
		dropped += n
	}
	if dropped != s.Dropped {
		t.Errorf("dropped %d events, but the reasons add up to %d: %v", s.Dropped, dropped, s.DroppedBy)
	}
	return s
}

// capture returns a small valid message.
func capture(name string) posthog.Capture {
	return posthog.Capture{DistinctId: "u_1", Event: name}
}

// everyMessage holds one valid message of each type, with nothing optional.
func everyMessage() map[string]posthog.Message {
	return map[string]posthog.Message{
		"$create_alias":  posthog.Alias{DistinctId: "anon_1", Alias: "u_1"},
		"$exception":     posthog.Exception{DistinctId: "u_1", ExceptionList: []posthog.ExceptionItem{{Type: "*fs.PathError"}}, ExceptionFingerprint: posthog.Ptr("files")},
		"$groupidentify": posthog.GroupIdentify{Type: "company", Key: "acme"},
		"$identify":      posthog.Identify{DistinctId: "u_1"},
		"$set":           posthog.PersonProperties{DistinctId: "u_1", Set: posthog.Properties{"plan": "pro"}},
		"order paid":     posthog.Capture{DistinctId: "u_1", Event: "order paid"},
	}
}

// sameJSON reports whether two texts are the same JSON, whatever the order of
// their members.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return canonical(t, x) == canonical(t, y)
}

// requireUniqueNames fails the test if an object within text has two members
// of one name, which decoders hide.
func requireUniqueNames(t *testing.T, text []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	var walk func()
	walk = func() {
		token, err := decoder.Token()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		delim, _ := token.(json.Delim)
		if delim == 0 {
			return
		}
		seen := make(map[json.Token]bool)
		for decoder.More() {
			if delim == '{' {
				name, _ := decoder.Token()
				if seen[name] {
					t.Errorf("%q occurs twice in an object of %s", name, text)
				}
				seen[name] = true
			}
			walk()
		}
		_, _ = decoder.Token() // the closing delimiter; an error shows at the next token
	}
	walk()
}

// eachMode ranges over all with each capture mode that has a protocol of its
// own.
func eachMode[T any](all ...T) iter.Seq2[posthog.CaptureMode, T] {
	return func(yield func(posthog.CaptureMode, T) bool) {
		for _, mode := range [...]posthog.CaptureMode{posthog.CaptureModeLegacy, posthog.CaptureModeAnalyticsV1} {
			for _, one := range all {
				if !yield(mode, one) {
					return
				}
			}
		}
	}
}

// elapse lets d of a bubble's time pass, and everything that happens until
// then.
func elapse(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}
