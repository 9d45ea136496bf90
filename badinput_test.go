package posthog_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// panicky is a value whose methods panic.
type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

type panickyText struct{}

func (panickyText) MarshalText() ([]byte, error) { panic("MarshalText") }

type panickyError struct{}

func (*panickyError) Error() string { panic("Error") }

type failingJSON struct{}

func (failingJSON) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

type brokenJSON struct{}

func (brokenJSON) MarshalJSON() ([]byte, error) { return []byte(`{"a":`), nil }

// badValues holds values that JSON cannot carry whole, and what becomes of
// each.
func badValues() map[string]struct{ value, want any } {
	var nilPointer *time.Time
	return map[string]struct{ value, want any }{
		"a channel":                        {make(chan int), absent},
		"a function":                       {func() {}, absent},
		"a complex number":                 {complex(1, 2), absent},
		"NaN":                              {math.NaN(), nil},
		"infinity":                         {math.Inf(1), nil},
		"minus infinity, small":            {float32(math.Inf(-1)), nil},
		"a panic in MarshalJSON":           {panicky{}, absent},
		"a panic in MarshalText":           {panickyText{}, absent},
		"a panic in Error":                 {&panickyError{}, absent},
		"an error of MarshalJSON":          {failingJSON{}, absent},
		"broken JSON of MarshalJSON":       {brokenJSON{}, absent},
		"broken raw JSON":                  {json.RawMessage(`{"a":`), absent},
		"a number that is none":            {json.Number("one"), absent},
		"a typed nil pointer":              {nilPointer, nil},
		"an error":                         {errors.New("text"), "text"},
		"bytes":                            {[]byte("hedge"), "aGVkZ2U="},
		"a channel within a map":           {map[string]any{"bad": make(chan int), "good": 1}, map[string]any{"good": 1}},
		"a function within a list":         {[]any{1, func() {}, 3}, []any{1, nil, 3}},
		"NaN within a list of numbers":     {[]float64{1, math.NaN()}, []any{1, nil}},
		"a time with a zone":               {time.Date(2026, 1, 1, 5, 30, 0, 0, time.FixedZone("IST", 19800)), "2026-01-01T05:30:00+05:30"},
		"text that is not UTF-8":           {"a\xff\xfeb", "a\ufffd\ufffdb"},
		"text with control characters":     {"a\x00\x1f\u2028", "a\x00\x1f\u2028"},
		"a map with keys that are no text": {map[int]string{7: "seven"}, map[string]any{"7": "seven"}},
	}
}

// Proves CAP-16, RS-11, ZIG-43: a value that cannot be sent costs that value
// and a warning that names it; its neighbours arrive. The same holds when
// hooks look at the event.
func TestBadValuesCostOnlyThemselves(t *testing.T) {
	t.Parallel()
	for _, hooks := range [][]posthog.Hook{nil, {marking("hooked", true)}} {
		for name, c := range badValues() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				log := new(logLines)
				client, server := open(t, posthog.Config{Logger: log, Hooks: hooks})
				enqueue(t, client, posthog.Capture{DistinctId: "u", Event: "e", Properties: posthog.Properties{"before": 1, "value": c.value, "z": "after"}})
				requireProperties(t, one(t, client, server), map[string]any{"before": 1, "value": c.want, "z": "after"})
				if c.want == absent {
					log.requireLine(t, "WARN", "value", `"e"`)
				}
			})
		}
	}
}

// Cycles end, wherever they are.
func TestCyclicValues(t *testing.T) {
	t.Parallel()
	type node struct{ Next *node }
	self := map[string]any{"good": 1}
	self["self"] = self
	list := []any{1, nil}
	list[1] = list
	ring := new(node)
	ring.Next = ring
	for _, hooks := range [][]posthog.Hook{nil, {marking("hooked", true)}} {
		for name, value := range map[string]any{"a map": self, "a list": list, "a struct": ring, "a map in a list": []any{self}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				log := new(logLines)
				client, server := open(t, posthog.Config{Logger: log, Hooks: hooks, DefaultEventProperties: posthog.Properties{"default": value}})
				enqueue(t, client,
					posthog.Capture{DistinctId: "u", Event: "e", Properties: posthog.Properties{"value": value, "z": "after"}, Set: posthog.Properties{"s": value}},
					posthog.Identify{DistinctId: "u", Properties: posthog.Properties{"value": value, "z": "after"}},
				)
				flush(t, client)
				server.Recorder(t).Event("e").Property("z", "after")
				server.Recorder(t).Event("$identify").Set("z", "after")
				log.requireLine(t, "WARN", "cyclic")
			})
		}
	}
}

// Names, ids and keys of any bytes make valid JSON.
func TestTextOfAnyBytes(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not UTF-8": "\xff\xfeid", "quotes": `"id"\`, "control characters": "id\r\n\t\x01\x7f\u0085", "markup": "<script>&amp;",
		"beyond the BMP": "🦔", "half of a surrogate pair": "\xed\xa0\x80id", "very long": strings.Repeat("ü", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			enqueue(t, client, posthog.Capture{
				DistinctId: text, Event: text, Properties: posthog.Properties{text: text, "$set": map[string]any{text: text}},
				Groups: posthog.Groups{text: text}, Set: posthog.Properties{text: text},
			})
			e := one(t, client, server)
			want := strings.ToValidUTF8(text, "\ufffd")
			if utf8.ValidString(text) && (e.Event != want || e.DistinctID != want || e.Properties[want] != want) {
				t.Errorf("got %q of %q with %v, want %q everywhere", e.Event, e.DistinctID, e.Properties, want)
			}
			if !utf8.Valid(server.Events()[0].Raw) {
				t.Errorf("the bytes of the event are not UTF-8: %q", server.Events()[0].Raw)
			}
		})
	}
}

// Events beyond the limit are refused at once; those within it arrive, however
// large, also between small ones.
func TestLargeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := func(size int) posthog.Capture {
			return posthog.Capture{DistinctId: "u", Event: "large", Properties: posthog.Properties{"text": strings.Repeat("x", size)}}
		}
		log := new(logLines)
		client, server := open(t, posthog.Config{Logger: log})
		for _, size := range []int{1 << 20, 3 << 20, 17 << 20} {
			if err := client.Enqueue(large(size)); !errors.Is(err, posthog.ErrMessageTooBig) || strings.Contains(err.Error(), "xxx") {
				t.Errorf("Enqueue of %d bytes: got %v, want ErrMessageTooBig without the event", size, err)
			}
		}
		log.requireLine(t, "WARN", `"large"`, "bytes")
		enqueue(t, client, capture("small"), large(300<<10), large(900<<10), capture("small"), large(600<<10))
		flush(t, client)
		server.Recorder(t).Count("large", 3)
		server.Recorder(t).Count("small", 2)
		if s := requireLedger(t, client); s.Delivered != 5 || s.RefusedBy[posthog.RefusalTooLarge] != 3 {
			t.Errorf("got %+v, want 5 delivered and 3 refused", s)
		}

		server = posthogtest.NewServer(t, &posthogtest.Config{Limits: posthogtest.Limits{Event: 4 << 20}})
		client = dial(t, server, posthog.Config{MaxEventBytes: 4 << 20, Compression: posthog.CompressionNone})
		enqueue(t, client, capture("small"), large(3<<20), capture("small"))
		flush(t, client)
		server.Recorder(t).Count("large", 1)
		server.Recorder(t).Count("small", 2)

		client, _ = open(t, posthog.Config{MaxEventBytes: 500})
		if err := client.Enqueue(large(500)); !errors.Is(err, posthog.ErrMessageTooBig) {
			t.Errorf("Enqueue of 500 bytes more than MaxEventBytes: got %v, want ErrMessageTooBig", err)
		}
	})
}

// PostHog itself takes a million bytes an event: with a higher limit the event
// in between ends as rejected, alone.
func TestEventTooLargeForTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		callback := new(told)
		client, server := open(t, posthog.Config{Callback: callback, Workers: 1, MaxEventBytes: 2 << 20})
		enqueue(t, client, capture("a"),
			posthog.Capture{DistinctId: "u", Event: "large", Properties: posthog.Properties{"text": strings.Repeat("x", 1_020_000)}}, capture("b"))
		flush(t, client)
		server.Recorder(t).Count("a", 1)
		server.Recorder(t).Count("b", 1)
		if s := requireLedger(t, client); s.Delivered != 2 || s.Rejected != 1 {
			t.Errorf("got %+v, want 2 delivered and one rejected", s)
		}
		if _, failed := callback.counts(); failed != 1 || !errors.Is(callback.failed[0], posthog.ErrMessageTooBig) {
			t.Errorf("told of the failures %v, want one ErrMessageTooBig", callback.failed)
		}
	})
}

// Nothing of a message is read after the call, by no goroutine of the client.
// The race detector is the judge.
func TestMapsMayChangeAfterTheCall(t *testing.T) {
	t.Parallel()
	for _, hooks := range [][]posthog.Hook{nil, {marking("hooked", true)}} {
		client, server := open(t, posthog.Config{FlushAt: 1, Hooks: hooks})
		nested := map[string]any{"n": 0}
		list := []any{0}
		msg := posthog.Capture{
			DistinctId: "u", Event: "e", Properties: posthog.Properties{"n": 0, "nested": nested, "list": list},
			Groups: posthog.Groups{"company": 0}, Set: posthog.Properties{"n": 0},
		}
		for i := range 50 {
			msg.Properties["n"], nested["n"], list[0], msg.Groups["company"], msg.Set["n"] = i, i, i, i, i
			enqueue(t, client, &msg)
		}
		flush(t, client)
		seen := make(map[string]bool)
		for _, e := range arrived(t, server) {
			n := canonical(t, e.Properties["n"])
			seen[n] = true
			requireProperties(t, e, map[string]any{
				"nested": map[string]any{"n": e.Properties["n"]}, "list": []any{e.Properties["n"]},
				"$groups": map[string]any{"company": n}, "$set": map[string]any{"n": e.Properties["n"]},
			})
		}
		if len(seen) != 50 {
			t.Errorf("got %d different events, want 50", len(seen))
		}
	}
}

// Times that RFC 3339 cannot write become now, with a warning.
func TestImpossibleTimestamps(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxInt64, 0)} {
		log := new(logLines)
		client, server := open(t, posthog.Config{Logger: log})
		enqueue(t, client, posthog.Capture{DistinctId: "u", Event: "e", Timestamp: at})
		e := one(t, client, server)
		if got, err := time.Parse(time.RFC3339Nano, e.Timestamp); err != nil || time.Since(got).Abs() > time.Hour {
			t.Errorf("timestamp of %v is %q (%v), want now", at, e.Timestamp, err)
		}
		log.requireLine(t, "WARN", "Timestamp")
	}
}
