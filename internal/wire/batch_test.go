package wire_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/wire"
)

// Proves HTT-1 and CAP-15: the body holds the key at its root, and each event its distinct id at its own.
func TestBatchBody(t *testing.T) {
	t.Parallel()
	batch := wire.Batch{APIKey: "phc_test", Historical: true}
	var encoder wire.Encoder

	body := batch.AppendOpen(nil, time.Date(2026, 8, 22, 9, 15, 5, 1000, time.UTC))
	body = envelope.AppendOpen(body)
	body = encoder.AppendProperty(body, "amount", 12.5)
	body = encoder.AppendProperty(body, "items", []any{map[string]any{"sku": "a-1"}, nil})
	body = encoder.AppendProperty(body, "note", "größe \"7\" <b>")
	body = append(body, sdkProperties...)
	body = wire.AppendEnvelopeClose(body)
	body = append(body, ',')
	second := wire.Envelope{Event: "$identify", DistinctID: "zoë\n", UUID: [16]byte{15: 1}, Timestamp: eventTime.In(time.FixedZone("", 19800))}
	body = second.AppendOpen(body)
	body = wire.AppendEnvelopeClose(body)
	body = batch.AppendClose(body)

	requireJSON(t, body)
	golden.Compare(t, "testdata/batch.json", body)
}

func TestBatchMentionsHistoryOnlyWhenItIs(t *testing.T) {
	t.Parallel()
	got := string(wire.Batch{APIKey: `phc_"test"`}.AppendClose(wire.Batch{APIKey: `phc_"test"`}.AppendOpen(nil, eventTime)))
	want := `{"api_key":"phc_\"test\"","sent_at":"2026-08-22T09:15:04.123456Z","batch":[]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
