package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// eventsBody is a body with the events whose numbers are given.
func eventsBody(numbers ...int) string {
	var body strings.Builder
	body.WriteString(`{"batch":[`)
	for _, n := range numbers {
		fmt.Fprintf(&body, `{"event":"e","uuid":"00000000-0000-7000-8000-%012x","properties":{}},`, n)
	}
	return strings.TrimSuffix(body.String(), ",") + "]}"
}

// zipped is the body compressed.
func zipped(t *testing.T, body string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheSinkCountsEventsAndDistinctOnes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		bodies []string
		want   tally
	}{
		"nothing":                        {nil, tally{}},
		"a body without events":          {[]string{`{}`}, tally{Requests: 1}},
		"a plain body":                   {[]string{eventsBody(1, 2, 3)}, tally{Requests: 1, Events: 3, Distinct: 3}},
		"an event that arrived twice":    {[]string{eventsBody(1, 2), eventsBody(2)}, tally{Requests: 2, Events: 3, Distinct: 2}},
		"a compressed body":              {[]string{zipped(t, eventsBody(1, 2))}, tally{Requests: 1, Events: 2, Distinct: 2}},
		"the same, plain and compressed": {[]string{eventsBody(7), zipped(t, eventsBody(7))}, tally{Requests: 2, Events: 2, Distinct: 1}},
		"broken compression":             {[]string{zipped(t, eventsBody(1))[:12]}, tally{Requests: 1, Unreadable: 1}},
		"an id cut off":                  {[]string{`{"uuid":"0000`}, tally{Requests: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s sink
			for _, body := range test.bodies {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/batch/", strings.NewReader(body)))
				if got, want := w.Body.String(), `{"status":"Ok"}`; got != want {
					t.Errorf("answer: got %q, want %q", got, want)
				}
			}
			test.want.Connections = -1 // there was none, and not even one that asks
			for range 2 {              // asking twice counts once
				if got := s.tally(); got != test.want {
					t.Errorf("got %+v, want %+v, for %q", got, test.want, test.bodies)
				}
			}
		})
	}
}

func TestATallyIsCompleteOnlyIfEveryEventArrivedOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tally    tally
		complete bool
	}{
		"every event once":          {tally{Events: 10, Distinct: 10}, true},
		"one missing":               {tally{Events: 9, Distinct: 9}, false},
		"one twice":                 {tally{Events: 11, Distinct: 10}, false},
		"one twice and one missing": {tally{Events: 10, Distinct: 9}, false},
		"one too many":              {tally{Events: 11, Distinct: 11}, false},
		"a body unreadable":         {tally{Events: 10, Distinct: 10, Unreadable: 1}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := test.tally.complete(harness{}, 10); (err == nil) != test.complete {
				t.Errorf("got error %v, want complete %v, for %+v of 10 events", err, test.complete, test.tally)
			}
		})
	}
}

func TestIDsThatDifferInOneDigitAreDistinct(t *testing.T) {
	t.Parallel()
	const id = "01234567-89ab-7def-8123-456789abcdef"
	var body strings.Builder
	fmt.Fprintf(&body, `{"uuid":"%s"}`, id)
	for at := range id {
		if id[at] != '-' && id[at] != 'f' {
			fmt.Fprintf(&body, `{"uuid":"%sf%s"}`, id[:at], id[at+1:])
		}
	}
	ids := appendIDs(nil, []byte(body.String()))
	distinct := map[[16]byte]bool{}
	for _, id := range ids {
		distinct[id] = true
	}
	if len(ids) != 31 || len(distinct) != 31 { // itself, and one for each of 32 digits but the two that were an f before
		t.Errorf("got %d ids, %d of them distinct, want 31 and 31, for %s", len(ids), len(distinct), body.String())
	}
}
