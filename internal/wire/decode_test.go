package wire_test

import (
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

func TestDecodeEventReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	payload := envelope.AppendOpen(nil)
	payload = encoder.AppendProperty(payload, "amount", 12)
	payload = encoder.AppendProperty(payload, "tags", []string{"a"})
	payload = wire.AppendEnvelopeClose(payload)

	got, err := wire.DecodeEvent(payload)
	want := wire.Decoded{
		Event:      "order paid",
		DistinctID: "user_42",
		UUID:       "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22",
		Timestamp:  eventTime,
		Properties: map[string]any{"amount": 12.0, "tags": []any{"a"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("DecodeEvent(%s)\n got %+v, error %v\nwant %+v", payload, got, err, want)
	}
}

func TestDecodeEventWithoutProperties(t *testing.T) {
	t.Parallel()
	payload := wire.AppendEnvelopeClose(envelope.AppendOpen(nil))
	got, err := wire.DecodeEvent(payload)
	if err != nil || got.Properties == nil || len(got.Properties) != 0 {
		t.Errorf("DecodeEvent(%s): got properties %v, error %v, want an empty map", payload, got.Properties, err)
	}
	if got, err := wire.DecodeEvent([]byte(`{"event":"a","properties":null}`)); err != nil || got.Properties == nil {
		t.Errorf("null properties: got %v, error %v, want an empty map", got.Properties, err)
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"nothing":                       ``,
		"an event cut off":              `{"event":"a"`,
		"two events":                    `{"event":"a"}{"event":"b"}`,
		"a list":                        `[]`,
		"a number for a name":           `{"event":1}`,
		"a timestamp that is no time":   `{"timestamp":"yesterday"}`,
		"properties that are no object": `{"properties":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := wire.DecodeEvent([]byte(payload)); err == nil || !reflect.DeepEqual(got, wire.Decoded{}) {
				t.Errorf("DecodeEvent(%q) = %+v, %v, want the zero event and an error", payload, got, err)
			}
		})
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add(wire.AppendEnvelopeClose(envelope.AppendOpen(nil)))
	f.Add([]byte(`{"event":"a","distinct_id":"b","uuid":"c","timestamp":"2026-08-22T09:15:04Z","properties":{"k":[1,null]}}`))
	f.Add([]byte(`{"timestamp":"9999-12-31T23:59:59-23:59","properties":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		event, err := wire.DecodeEvent(payload)
		if err != nil {
			return
		}
		again := wire.Envelope{Event: event.Event, DistinctID: event.DistinctID, Timestamp: event.Timestamp}
		var encoder wire.Encoder
		written := wire.AppendEnvelopeClose(encoder.AppendProperties(again.AppendOpen(nil), event.Properties))
		requireJSON(t, written)
		if losses := encoder.Losses(); losses != nil {
			for _, loss := range losses {
				if loss.Reason != tooDeep { // JSON text may nest deeper than a property
					t.Fatalf("DecodeEvent(%q) gave properties that lose %v when written", payload, losses)
				}
			}
			return
		}
		read, err := wire.DecodeEvent(written)
		if err != nil {
			t.Fatalf("DecodeEvent(%q), written again as %q, does not read: %v", payload, written, err)
		}
		read.UUID = event.UUID
		if year := event.Timestamp.Year(); year < 0 || year > 9999 {
			read.Timestamp = event.Timestamp // moved to the nearest instant that can be written
		}
		if !reflect.DeepEqual(read, event) {
			t.Fatalf("DecodeEvent(%q)\nread %+v\nthen %+v", payload, event, read)
		}
	})
}
