package posthog_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/posthogtest"
)

// indented returns JSON text in the form of the golden files: members sorted,
// numbers as they were, and the library's version replaced, because it changes
// with every release.
func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(out.Bytes(),
		[]byte(`"$lib_version": "`+posthog.Version+`"`), []byte(`"$lib_version": "<version>"`))
}

// Proves HTT-1, ZIG-31, GO-10, GO-13, GO-35, HV1-1, HV1-5: the whole request body of
// each message type, for either endpoint. Time is a bubble's, so sent_at and
// created_at are midnight of 2000.
func TestRequestBodies(t *testing.T) {
	const id = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	at := time.Date(1999, 12, 31, 23, 59, 59, 123456789, time.UTC)
	for file, c := range map[string]struct {
		config posthog.Config
		msg    posthog.Message
	}{
		"capture_least": {posthog.Config{}, posthog.Capture{Uuid: id, Timestamp: at, DistinctId: "u_42", Event: "order paid"}},
		"capture_full": {posthog.Config{HistoricalMigration: true, DefaultEventProperties: posthog.Properties{"service": "shop", "amount": 0}}, posthog.Capture{
			Uuid: id, Timestamp: at, DistinctId: "u_42", Event: "order paid",
			Properties: posthog.Properties{
				"amount": 12.5, "count": 3, "big": int64(9007199254740993), "none": nil, "ok": true, "markup": "<b>&</b>",
				"list": []string{"a", "b"}, "nested": map[string]any{"when": at, "for": time.Second}, "$session_id": "s_9",
			},
			Groups: posthog.Groups{"company": "acme"}, Set: posthog.Properties{"plan": "pro"}, SetOnce: posthog.Properties{"first": "x"},
		}},
		"capture_on_a_desktop": {posthog.Config{IsServer: posthog.Ptr(false), DisableGeoIP: posthog.Ptr(false)}, posthog.Capture{Uuid: id, Timestamp: at, DistinctId: "u_42", Event: "opened"}},
		"identify": {posthog.Config{}, posthog.Identify{
			Uuid: id, Timestamp: at, DistinctId: "u_42", AnonDistinctID: "anon_1",
			Properties: posthog.Properties{"email": "a@example.com"}, SetOnce: posthog.Properties{"first_seen": "1999-01-01"},
		}},
		"alias":          {posthog.Config{}, posthog.Alias{Uuid: id, Timestamp: at, DistinctId: "anon_1", Alias: "u_42"}},
		"group_identify": {posthog.Config{}, posthog.GroupIdentify{Uuid: id, Timestamp: at, Type: "company", Key: "acme", Properties: posthog.Properties{"name": "Acme"}}},
		"person_properties": {posthog.Config{}, posthog.PersonProperties{
			Uuid: id, Timestamp: at, DistinctId: "u_42",
			Set: posthog.Properties{"plan": "pro"}, SetOnce: posthog.Properties{"first": 1}, Unset: []string{"trial"},
		}},
		"exception": {posthog.Config{}, posthog.Exception{
			Uuid: id, Timestamp: at, DistinctId: "u_42", Level: posthog.LevelFatal, Properties: posthog.Properties{"order": 17},
			ExceptionList: []posthog.ExceptionItem{{
				Type: "*fs.PathError", Value: "open x: no such file",
				Mechanism: &posthog.ExceptionMechanism{Type: "generic", Handled: posthog.Ptr(true), ExceptionID: posthog.Ptr(0)},
				Stacktrace: &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{
					{Filename: "main.go", LineNo: 10, Function: "main.main", InApp: true, Platform: "go"},
				}},
			}},
			ExceptionFingerprint: posthog.Ptr("missing file"),
		}},
		"capture_with_options": {posthog.Config{}, posthog.Capture{
			Uuid: id, Timestamp: at, DistinctId: "u_42", Event: "order paid",
			Properties: posthog.Properties{
				"$session_id": "s_9", "$window_id": "w_9", "$process_person_profile": "False", "$cookieless_mode": 1,
				"$ignore_sent_at": true, "$product_tour_id": "tour_3", "$lib": "another", "plan": "pro",
			},
		}},
	} {
		for mode, dir := range map[posthog.CaptureMode]string{posthog.CaptureModeLegacy: "", posthog.CaptureModeAnalyticsV1: "v1/"} {
			t.Run(dir+file, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					config := c.config
					config.DisableSystemProperties, config.CaptureMode = true, mode
					client, server := open(t, config)
					enqueue(t, client, c.msg)
					flush(t, client)
					golden.Compare(t, "testdata/golden/"+dir+file+".json", indented(t, server.Requests()[0].Body))
				})
			})
		}
	}
}

// Proves HTT-1, HTT-2: path, headers and key of a request.
func TestRequestLine(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	enqueue(t, client, capture("e"))
	flush(t, client)
	r := server.Requests()[0]
	if r.Method != "POST" || r.Path != "/batch/" || len(r.Query) != 0 {
		t.Errorf("got %s %s %v, want POST /batch/ without a query", r.Method, r.Path, r.Query)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "hedgerow/" + posthog.Version, "Content-Encoding": "", "Authorization": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	if token := server.Events()[0].Token; token != testKey {
		t.Errorf("the event came under the key %q, want %q", token, testKey)
	}
	if n := strings.Count(string(r.Body), testKey); n != 1 {
		t.Errorf("the body has the key %d times, want once: %s", n, r.Body)
	}
}

// Proves PY-20.
func TestHistoricalMigration(t *testing.T) {
	t.Parallel()
	for _, historical := range []bool{false, true} {
		client, server := open(t, posthog.Config{HistoricalMigration: historical})
		enqueue(t, client, capture("e"))
		flush(t, client)
		r := server.Requests()[0]
		if got := bytes.Contains(r.Body, []byte(`"historical_migration"`)); got != historical || r.Events[0].Historical != historical {
			t.Errorf("HistoricalMigration %v: the body is %s", historical, r.Body)
		}
	}
}

// Proves PY-02: clients share nothing but the network.
func TestClientsDoNotMix(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, nil)
	keys := []string{"phc_one", "phc_two"}
	for _, key := range keys {
		client, err := posthog.NewWithConfig(key, connected(server, posthog.Config{DefaultEventProperties: posthog.Properties{"tenant": key}}))
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, client, capture("e"), capture("e"))
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	for _, e := range server.Events() {
		if e.Properties["tenant"] != e.Token {
			t.Errorf("an event of %v came under the key %q", e.Properties["tenant"], e.Token)
		}
	}
	if got := len(server.Events()); got != 2*len(keys) {
		t.Errorf("got %d events, want %d", got, 2*len(keys))
	}
}
