package protocol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/uuid7"
)

// results makes the answer that says these words about these records: "0 ok",
// "2 drop why".
func results(said ...string) string {
	var members []string
	for _, s := range said {
		var n int
		var word, details string
		_, _ = fmt.Sscan(s, &n, &word, &details)
		member := fmt.Sprintf(`%q:{"result":%q`, uuid7.UUID(record(n).UUID).String(), word)
		if details != "" {
			member += `,"details":"` + details + `"`
		}
		members = append(members, member+"}")
	}
	return `{"results":{` + strings.Join(members, ",") + `}}`
}

// read reads the answer to three records.
func read(body string, cut bool) delivery.Answer {
	answer := delivery.Answer{
		Response: transport.Response{Status: 200, Outcome: transport.Delivered, Body: []byte(body), BodyCut: cut, ContentType: "text/html"},
		Results:  make([]delivery.Result, 0, 8),
	}
	for i := range answer.Results[:8] {
		answer.Results[:8][i].Word = "of another answer"
	}
	analytics.Read(attempt(records(3)), &answer)
	return answer
}

func TestReadResults(t *testing.T) {
	t.Parallel()
	ok, drop, again := delivery.Result{Fate: delivery.Stored, Word: "ok"}, delivery.Result{Fate: delivery.Refused, Word: "drop", Details: "why"}, delivery.Result{Fate: delivery.Again, Word: "retry"}
	none := delivery.Result{}
	for name, c := range map[string]struct {
		body    string
		cut     bool
		reading delivery.Reading
		results []delivery.Result
	}{
		"all stored":                {results("0 ok", "1 ok", "2 ok"), false, delivery.Alike, nil},
		"all stored, in disorder":   {results("2 ok", "0 ok", "1 ok"), false, delivery.Alike, nil},
		"all stored, and others":    {results("0 ok", "7 drop", "1 ok", "2 ok"), false, delivery.Alike, nil},
		"each another":              {results("0 ok", "1 drop why", "2 retry"), false, delivery.Each, []delivery.Result{ok, drop, again}},
		"each another, in disorder": {results("2 retry", "1 drop why", "0 ok"), false, delivery.Each, []delivery.Result{ok, drop, again}},
		"one is missing":            {results("0 ok", "2 ok"), false, delivery.Each, []delivery.Result{ok, none, ok}},
		"all are missing":           {results(), false, delivery.Each, []delivery.Result{none, none, none}},
		"a quota that is used up": {results("0 ok", "1 drop llm_events_over_quota", "2 limited"), false, delivery.Each, []delivery.Result{
			ok, {Fate: delivery.Limited, Word: "drop", Details: "llm_events_over_quota"}, {Fate: delivery.Limited, Word: "limited"},
		}},
		"the later result counts":  {results("0 drop why", "0 ok", "1 ok", "2 retry"), false, delivery.Each, []delivery.Result{ok, ok, again}},
		"longer than what is kept": {results("0 ok", "1 ok", "2 ok")[:130], true, delivery.Each, []delivery.Result{ok, ok, none}},
		"stored with a remark":     {results("0 ok", "1 ok why", "2 ok"), false, delivery.Each, []delivery.Result{ok, {Fate: delivery.Stored, Word: "ok", Details: "why"}, ok}},
		"stored with a warning":    {results("0 warning", "1 ok", "2 limited"), false, delivery.Each, []delivery.Result{{Fate: delivery.Stored, Word: "warning"}, ok, {Fate: delivery.Limited, Word: "limited"}}},
		"words to come":            {results("0 ok", "1 ok", "2 quarantined"), false, delivery.Each, []delivery.Result{ok, ok, {Fate: delivery.Refused, Word: "quarantined"}}},
		"not of the endpoint":      {"<p>Welcome", false, delivery.Garbled, nil},
		"the start of a page":      {"<p>Welcome", true, delivery.Garbled, nil},
		"of another endpoint":      {`{"status":1}`, false, delivery.Garbled, nil},
	} {
		answer := read(c.body, c.cut)
		if answer.Reading != c.reading || answer.Outcome != transport.Delivered || c.results != nil && !slices.Equal(answer.Results, c.results) {
			t.Errorf("%s: got reading %d, outcome %v, results %+v, want %d, delivered, %+v", name, answer.Reading, answer.Outcome, answer.Results, c.reading, c.results)
		}
		if c.reading == delivery.Alike && answer.Word != "ok" {
			t.Errorf("%s: got the word %q for all, want ok", name, answer.Word)
		}
		if c.reading == delivery.Garbled && !strings.Contains(answer.Message, "text/html") {
			t.Errorf("%s: got message %q, want it to name the type", name, answer.Message)
		}
	}
}

// An answer of which the rest was lost on the way is none: wherever it broke
// off, the events may be stored, and are sent again.
func TestReadOfABrokenAnswer(t *testing.T) {
	t.Parallel()
	whole := results("0 ok", "1 drop why", "2 retry")
	for n := 1; n < len(whole); n++ {
		answer := read(whole[:n], false)
		if answer.Outcome != transport.Retry || !answer.MaybeDelivered || answer.Err == nil || answer.Reading != delivery.Alike {
			t.Fatalf("the first %d bytes: got %+v, want another attempt", n, answer)
		}
	}
}

// The words of the server are fit for a log.
func TestWordsAreTidied(t *testing.T) {
	t.Parallel()
	answer := read(`{"results":{"`+uuid7.UUID(record(0).UUID).String()+`":{"result":"new\nword","details":"`+strings.Repeat("x", 5000)+`"}}}`, false)
	if r := answer.Results[0]; r.Word != "new word" || len(r.Details) > 2000 {
		t.Errorf("got %+v, want one line of a bounded length", r)
	}
}

// Two records of one uuid are no reason to lose a result.
func TestReadResultsOfDoubles(t *testing.T) {
	t.Parallel()
	twice := []queue.Record{record(0), record(0)}
	answer := delivery.Answer{Response: transport.Response{Status: 200, Outcome: transport.Delivered, Body: []byte(results("0 ok"))}}
	analytics.Read(attempt(twice), &answer)
	if answer.Reading != delivery.Each || answer.Results[0].Fate != delivery.Stored {
		t.Errorf("got %+v, want a result for the first", answer)
	}
}
