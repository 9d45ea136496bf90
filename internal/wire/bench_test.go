package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

var eventTime = time.Date(2026, 8, 22, 9, 15, 4, 123456000, time.UTC)

// envelope is the event every benchmark and allocation test encodes.
var envelope = wire.Envelope{
	Event:      "order paid",
	DistinctID: "user_42",
	UUID:       [16]byte{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, 0x22},
	Timestamp:  eventTime,
}

const sdkProperties = `,"$lib":"hedgerow","$lib_version":"1.0.0","$is_server":true,"$os":"Linux","$os_version":"12","$go_version":"go1.26.8"`

func small5() map[string]any {
	return map[string]any{
		"amount":   12.5,
		"currency": "EUR",
		"items":    3,
		"paid":     true,
		"path":     "/checkout/complete",
	}
}

func props20() map[string]any {
	return map[string]any{
		"amount": 1249.95, "currency": "EUR", "items": 3, "paid": true, "path": "/checkout/complete",
		"referrer": "https://example.com/campaign?source=mail", "plan": "professional", "seats": 25, "trial": false,
		"country": "Germany", "city": "Hamburg", "latency_ms": 41.25, "retries": 0, "cached": true,
		"user_agent": "Mozilla/5.0 (X11; Linux x86_64) example/1.0", "shard": int64(7), "region": "eu-central-1",
		"version": "2026.8.1", "score": 0.875, "team": "checkout",
	}
}

func nested() map[string]any {
	return map[string]any{
		"order": map[string]any{
			"id":    "o_1001",
			"lines": []any{map[string]any{"sku": "a-1", "count": 2, "price": 19.99}, map[string]any{"sku": "b-7", "count": 1, "price": 5.0}},
			"tags":  []string{"summer", "returning", "newsletter"},
		},
		"customer": map[string]any{"plan": "pro", "since": 2019, "address": map[string]any{"city": "Hamburg", "zip": "20095"}},
		"total":    44.98,
	}
}

func appendEvent(dst []byte, encoder *wire.Encoder, properties map[string]any) []byte {
	dst = envelope.AppendOpen(dst)
	dst = encoder.AppendProperties(dst, properties)
	dst = append(dst, sdkProperties...)
	return wire.AppendEnvelopeClose(dst)
}

func benchmarkEvent(b *testing.B, properties map[string]any) {
	b.Helper()
	var encoder wire.Encoder
	buffer := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		encoder.Reset()
		buffer = appendEvent(buffer[:0], &encoder, properties)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkEvent(b *testing.B) {
	b.Run("small5", func(b *testing.B) { benchmarkEvent(b, small5()) })
	b.Run("props20", func(b *testing.B) { benchmarkEvent(b, props20()) })
	b.Run("nested", func(b *testing.B) { benchmarkEvent(b, nested()) })
}

// BenchmarkStandard is encoding/json writing the same properties, for scale.
func BenchmarkStandard(b *testing.B) {
	properties := small5()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(properties); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendTime(b *testing.B) {
	buffer := make([]byte, 0, 64)
	for b.Loop() {
		buffer = wire.AppendTime(buffer[:0], eventTime)
	}
}

// BenchmarkAppendFormat is the standard library writing the same time, for scale.
func BenchmarkAppendFormat(b *testing.B) {
	buffer := make([]byte, 0, 64)
	for b.Loop() {
		buffer = eventTime.AppendFormat(buffer[:0], `"`+time.RFC3339Nano+`"`)
	}
}

func BenchmarkAppendString(b *testing.B) {
	for name, text := range map[string]string{
		"ascii40": "https://example.com/campaign?source=mail",
		"escaped": "line one\nline \"two\"\tand a half, then more",
		"accents": "Überprüfung der Größe für die Straße, déjà vu",
	} {
		b.Run(name, func(b *testing.B) {
			buffer := make([]byte, 0, 256)
			for b.Loop() {
				buffer = wire.AppendString(buffer[:0], text)
			}
		})
	}
}
