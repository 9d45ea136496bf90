package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// verdict is what an answer says about one event.
type verdict struct{ event, result, details string }

const (
	first  = "0199c0de-0000-7000-8000-000000000001"
	second = "0199c0de-0000-7000-8000-000000000002"
)

// results returns what DecodeResults tells, in order.
func results(answer string) (told []verdict, err error) {
	err = wire.DecodeResults([]byte(answer), func(event [16]byte, result, details string) {
		told = append(told, verdict{hex.EncodeToString(event[:]), result, details})
	})
	return told, err
}

func of(event, result, details string) verdict {
	return verdict{strings.ToLower(strings.ReplaceAll(event, "-", "")), result, details}
}

func TestResultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		want   []verdict
	}{
		"no results": {`{"results":{}}`, nil},
		"one":        {`{"results":{"` + first + `":{"result":"ok"}}}`, []verdict{of(first, "ok", "")}},
		"with details": {
			`{"results":{"` + first + `":{"result":"drop","details":"missing_distinct_id"},"` + second + `":{"result":"retry","details":"not_persisted"}}}`,
			[]verdict{of(first, "drop", "missing_distinct_id"), of(second, "retry", "not_persisted")},
		},
		"words of a later server": {`{"results":{"` + first + `":{"result":"later","details":"soon"}}}`, []verdict{of(first, "later", "soon")}},
		"an id in capitals":       {`{"results":{"0199C0DE-0000-7000-8000-00000000ABCD":{"result":"ok"}}}`, []verdict{of("0199c0de-0000-7000-8000-00000000abcd", "ok", "")}},
		"an id with escapes":      {`{"results":{"\u0030199c0de-0000-7000-8000-000000000001":{"result":"ok"}}}`, []verdict{of(first, "ok", "")}},
		"space everywhere": {
			" {\n\t\"results\" : { \"" + first + "\" :\r{ \"result\" : \"ok\" , \"details\" : \"a\" } } }\n ",
			[]verdict{of(first, "ok", "a")},
		},
		"another order of the members": {`{"results":{"` + first + `":{"details":"a","result":"ok"}}}`, []verdict{of(first, "ok", "a")}},
		"unknown members": {
			`{"trace":[1,{"results":"no"}],"results":{"` + first + `":{"result":"ok","details":"a","more":{"b":[]}}},"n":-1.5e3}`,
			[]verdict{of(first, "ok", "a")},
		},
		"escapes and other scripts":          {`{"results":{"` + first + `":{"result":"\u006fk","details":"größe \"7\"\n"}}}`, []verdict{of(first, "ok", "größe \"7\"\n")}},
		"details that are null":              {`{"results":{"` + first + `":{"result":"ok","details":null}}}`, []verdict{of(first, "ok", "")}},
		"details of another type":            {`{"results":{"` + first + `":{"result":"ok","details":{"a":1}}}}`, []verdict{of(first, "ok", "")}},
		"empty details":                      {`{"results":{"` + first + `":{"result":"ok","details":""}}}`, []verdict{of(first, "ok", "")}},
		"an event without a result":          {`{"results":{"` + first + `":{}}}`, []verdict{of(first, "", "")}},
		"an id twice is told twice":          {`{"results":{"` + first + `":{"result":"retry"},"` + first + `":{"result":"ok"}}}`, []verdict{of(first, "retry", ""), of(first, "ok", "")}},
		"a result twice, of which the last":  {`{"results":{"` + first + `":{"result":"ok","result":"drop"}}}`, []verdict{of(first, "drop", "")}},
		"results twice":                      {`{"results":{"` + first + `":{"result":"ok"}},"results":{"` + second + `":{"result":"ok"}}}`, []verdict{of(first, "ok", ""), of(second, "ok", "")}},
		"results under another key as well":  {`{"Results":{"` + first + `":{"result":"drop"}},"results":{}}`, nil},
		"keys that are no ids":               {`{"results":{"":{"result":"ok"},"` + first[1:] + `-":{"result":"ok"},"` + first[1:] + `g":{"result":"ok"},"` + second + `":{"result":"ok"}}}`, []verdict{of(second, "ok", "")}},
		"keys of an id's length with dashes": {`{"results":{"------------------------------------":{"result":"ok"}}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := results(tc.answer); err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("DecodeResults(%s)\n got %v, error %v\nwant %v", tc.answer, got, err, tc.want)
			}
		})
	}
}

func TestAnswersWithoutResultsAreMalformed(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"nothing":                   ``,
		"space":                     " \n",
		"a page":                    `<html><body>welcome</body></html>`,
		"the answer of /batch/":     `{"status":"Ok"}`,
		"null":                      `null`,
		"a list":                    `[]`,
		"an empty object":           `{}`,
		"results that are null":     `{"results":null}`,
		"results that are a list":   `{"results":[]}`,
		"a result that is a string": `{"results":{"` + first + `":"ok"}}`,
		"a result that is null":     `{"results":{"` + first + `":null}}`,
		"a result of another type":  `{"results":{"` + first + `":{"result":1}}}`,
		"two answers":               `{"results":{}}{"results":{}}`,
		"text behind the answer":    `{"results":{}}!`,
		"a comma too many":          `{"results":{"` + first + `":{"result":"ok"},}}`,
		"a comma before all":        `{,"results":{}}`,
		"a colon missing":           `{"results"{}}`,
		"brackets that cross":       `{"results":{"` + first + `":{"result":"ok","a":[}]}}`,
		"a broken member elsewhere": `{"a":tru,"results":{}}`,
		"a broken escape":           `{"results":{"\x":{"result":"ok"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := results(answer); !errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrTruncated) {
				t.Errorf("DecodeResults(%q): got error %v, want %v", answer, err, wire.ErrMalformed)
			}
		})
	}
}

// What an answer says before it breaks off has been told.
func TestAnswersThatBreakOffAreTruncated(t *testing.T) {
	t.Parallel()
	answer := `{"results": {"` + first + `":{"result":"ok","details":"a\n"},"` + second + `":{"result":"ok"}}}`
	behindFirst := strings.Index(answer, `,"`+second)
	for end := 1; end < len(answer); end++ {
		told, err := results(answer[:end])
		if !errors.Is(err, wire.ErrTruncated) || errors.Is(err, wire.ErrMalformed) {
			t.Errorf("DecodeResults(%s): got error %v, want %v", answer[:end], err, wire.ErrTruncated)
		}
		if end >= behindFirst && (len(told) == 0 || told[0] != of(first, "ok", "a\n")) {
			t.Errorf("DecodeResults(%s): told %v, want the first result", answer[:end], told)
		}
	}
}

// standardResults reads an answer with encoding/json alone.
func standardResults(answer []byte) (told []verdict, ok bool) {
	found, shaped := false, true
	eachMember(answer, func(key string, value json.RawMessage) {
		if key != "results" {
			return
		}
		found = true
		shaped = eachMember(value, func(key string, value json.RawMessage) {
			var members map[string]any
			if json.Unmarshal(value, &members) != nil || members == nil {
				shaped = false
			}
			result, isText := members["result"].(string)
			if _, given := members["result"]; given && !isText {
				shaped = false
			}
			details, _ := members["details"].(string)
			id, err := hex.DecodeString(strings.ReplaceAll(key, "-", ""))
			if err == nil && len(id) == 16 && len(key) == 36 && key[8]+key[13]+key[18]+key[23] == 4*'-' {
				told = append(told, verdict{hex.EncodeToString(id), result, details})
			}
		}) && shaped
	})
	return told, json.Valid(answer) && found && shaped
}

// eachMember calls yield for the members of an object in their order, and reports whether text is one.
func eachMember(text []byte, yield func(key string, value json.RawMessage)) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	for decoder.More() {
		key, err := decoder.Token()
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			return false
		}
		yield(key.(string), value)
	}
	return true
}

func FuzzDecodeResults(f *testing.F) {
	f.Add([]byte(`{"results":{"` + first + `":{"result":"ok"},"` + second + `":{"result":"drop","details":"missing_distinct_id"}}}`))
	f.Add([]byte(` { "a" : [ { } ] , "results" : { "` + first + `" : { "details" : "\u00e9" , "result" : "x" } } } `))
	f.Add([]byte(`{"results":{"` + first + `":{"result":"ok","details":{"a":[1,"}"]}}}}`))
	f.Add([]byte(`{"results":{"` + first + `":{"result":"o`))
	f.Add([]byte(`{"error":"invalid_batch"}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		want, ok := standardResults(answer)
		got, err := results(string(answer))
		if (err == nil) != ok {
			t.Fatalf("DecodeResults(%q): error %v, want it to agree with encoding/json, which reads it: %v", answer, err, ok)
		}
		if ok && !reflect.DeepEqual(got, want) {
			t.Fatalf("DecodeResults(%q): got %v, want %v", answer, got, want)
		}
		if errors.Is(err, wire.ErrTruncated) && (json.Valid(answer) || len(bytes.TrimSpace(answer)) == 0) {
			t.Fatalf("DecodeResults(%q): error %v, want it to be malformed, for it is whole", answer, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want wire.Refusal
	}{
		"all three members": {
			`{"error":"payload_too_large","error_description":"at most 10 MiB","error_uri":"https://example.com/limits"}`,
			wire.Refusal{Code: "payload_too_large", Description: "at most 10 MiB", URI: "https://example.com/limits"},
		},
		"the code alone":             {`{"error":"forbidden"}`, wire.Refusal{Code: "forbidden"}},
		"members of another type":    {`{"error":"forbidden","error_description":7,"error_uri":null}`, wire.Refusal{Code: "forbidden"}},
		"space and unknown members":  {" { \"a\" : {} , \"error\" : \"forbidden\" }\n", wire.Refusal{Code: "forbidden"}},
		"a code of another type":     {`{"error":{"code":1}}`, wire.Refusal{}},
		"an empty code":              {`{"error":"","error_description":"x"}`, wire.Refusal{}},
		"no code":                    {`{"error_description":"x"}`, wire.Refusal{}},
		"a code under another name":  {`{"Error":"forbidden"}`, wire.Refusal{}},
		"a body that was cut":        {`{"error":"forbidden","error_descr`, wire.Refusal{}},
		"plain text":                 {`missing api key`, wire.Refusal{}},
		"nothing":                    {``, wire.Refusal{}},
		"null":                       {`null`, wire.Refusal{}},
		"a page of somebody between": {`<html>502</html>`, wire.Refusal{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := wire.DecodeRefusal([]byte(tc.body))
			if got != tc.want || ok != (tc.want != wire.Refusal{}) {
				t.Errorf("DecodeRefusal(%q) = %+v, %v, want %+v", tc.body, got, ok, tc.want)
			}
		})
	}
}

func TestDecodeResultsNoAlloc(t *testing.T) {
	answer := bytes.ReplaceAll(okAnswer(50), []byte(`:{"result":"ok"}}}`), []byte(`:{"result":"retry","details":"not_persisted"}}}`))
	told := 0
	got := testing.AllocsPerRun(100, func() {
		if err := wire.DecodeResults(answer, func([16]byte, string, string) { told++ }); err != nil {
			t.Errorf("DecodeResults(%s): %v, want no error", answer, err)
		}
	})
	if got != 0 || told != 101*50 {
		t.Errorf("DecodeResults allocates %v times and tells %d results in 101 runs, want 0 and %d", got, told, 101*50)
	}
}

func TestAppendEventV1NoAlloc(t *testing.T) {
	record, tail := ordinaryRecord()
	rich := []byte(`{"event":"a","properties":{"a":1,"$session_id":"s","$window_id":"w","$process_person_profile":false,"$ignore_sent_at":1,"$lib":"x"}}`)
	richTail := bytes.Index(rich, []byte(`,"$session_id"`))
	buffer := make([]byte, 0, 4096)
	got := testing.AllocsPerRun(100, func() {
		buffer, _ = wire.AppendEventV1(buffer[:0], record, tail)
		buffer, _ = wire.AppendEventV1(buffer, rich, richTail)
		buffer, _ = wire.AppendEventV1(buffer, record, 0)
		batch := wire.BatchV1{CreatedAt: eventTime}
		buffer = batch.AppendClose(batch.AppendOpen(buffer))
	})
	if got != 0 {
		t.Errorf("AppendEventV1 allocates %v times, want 0", got)
	}
}
