package wire_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// reference makes of an event for /batch/ what the analytics endpoint wants, by way of maps.
func reference(t *testing.T, record []byte) object {
	t.Helper()
	v1 := decodeNumbers(t, record).(object)
	properties := v1["properties"].(object)
	options := object{}
	v1["options"] = options
	text := func(in object, name string, value any) {
		if s, ok := value.(string); ok && s != "" {
			in[name] = s
		}
	}
	truth := func(name string, value any) {
		switch v := value.(type) {
		case bool:
			options[name] = v
		case json.Number:
			mantissa, _, _ := strings.Cut(strings.ToLower(v.String()), "e")
			options[name] = strings.Trim(mantissa, "-0.") != ""
		case string:
			switch strings.ToLower(strings.TrimSpace(v)) {
			case "true", "1":
				options[name] = true
			case "false", "0":
				options[name] = false
			}
		}
	}
	truth("cookieless_mode", properties["$cookieless_mode"])
	truth("disable_skew_correction", properties["$ignore_sent_at"])
	truth("process_person_profile", properties["$process_person_profile"])
	text(options, "product_tour_id", properties["$product_tour_id"])
	text(v1, "session_id", properties["$session_id"])
	text(v1, "window_id", properties["$window_id"])
	for _, key := range wire.SpecialProperties {
		delete(properties, key)
	}
	return v1
}

// decodeNumbers decodes JSON and leaves numbers as they are written.
func decodeNumbers(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return value
}

// requireTranscoded fails the test unless the event is transcoded as the reference has it.
func requireTranscoded(t *testing.T, record []byte, tail int) {
	t.Helper()
	got, ok := wire.AppendEventV1(nil, record, tail)
	if !ok {
		t.Fatalf("AppendEventV1(%s, %d) refuses the event", record, tail)
	}
	requireJSON(t, got)
	if want := reference(t, record); !reflect.DeepEqual(decodeNumbers(t, got), any(want)) {
		t.Fatalf("AppendEventV1(%s, %d)\n got %s\nwant %v", record, tail, got, want)
	}
}

func FuzzAppendEventV1(f *testing.F) {
	f.Add([]byte(`{"a":1,"$session_id":"s","$lib":"x","$lib_version":"y"}`))
	f.Add([]byte(`{"$process_person_profile":" TRUE ","$ignore_sent_at":0e3,"$cookieless_mode":[],"$product_tour_id":"\u0000"}`))
	f.Add([]byte(`{"distinct_id":{"}":"\\\""},"$window_id":"","b":[[{"$lib":1}]],"c":null}`))
	f.Add([]byte(`{"$lib":"x","$lib_version":"é"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for tail := range min(len(data), 40) { // whatever it makes of these, it returns
			_, _ = wire.AppendEventV1(nil, data, tail)
		}
		var properties map[string]json.RawMessage
		if json.Unmarshal(data, &properties) != nil {
			return
		}
		var encoder wire.Encoder
		ordered, mixed := envelope.AppendOpen(nil), envelope.AppendOpen(nil)
		for key, value := range properties {
			mixed = encoder.AppendProperty(mixed, key, value)
			if wire.Special(key) < 0 {
				ordered = encoder.AppendProperty(ordered, key, value)
			}
		}
		tail := len(ordered)
		for _, key := range wire.SpecialProperties {
			if value, ok := properties[key]; ok {
				ordered = encoder.AppendProperty(ordered, key, value)
			}
		}
		ordered, mixed = wire.AppendEnvelopeClose(ordered), wire.AppendEnvelopeClose(mixed)
		requireTranscoded(t, ordered, tail)
		requireTranscoded(t, ordered, 0)
		requireTranscoded(t, mixed, 0)
	})
}

// An event whose special properties were not put last, as one from elsewhere, is transcoded all the same.
func TestWhereTheSpecialPropertiesBeginMayBeUnknown(t *testing.T) {
	t.Parallel()
	record, tail := ordinaryRecord()
	requireTranscoded(t, record, tail)
	requireTranscoded(t, record, 0)
	record = envelope.AppendOpen(nil)
	record = append(record, `"$session_id":"s","a":1,"$lib":"x","b":{"$lib":2},"$cookieless_mode":1`...)
	requireTranscoded(t, wire.AppendEnvelopeClose(record), 0)
	for name, tricky := range map[string]wire.Envelope{
		"a name that looks like properties": {Event: `","properties":{"`, DistinctID: "{", Timestamp: eventTime},
		"an id that ends with a backslash":  {Event: "a", DistinctID: `b\`, Timestamp: eventTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireTranscoded(t, wire.AppendEnvelopeClose(tricky.AppendOpen(nil)), 0)
		})
	}
}
