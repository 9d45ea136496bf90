package wire_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// BenchmarkDecodeFlags reads an answer of 500 flags.
func BenchmarkDecodeFlags(b *testing.B) {
	body := []byte(`{"flags":{`)
	for i := range 500 {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `"flag-%d":{"key":"flag-%d","enabled":true,"variant":"blue","reason":{"code":"condition_match","condition_index":0,`+
			`"description":"Matched condition set 1"},"metadata":{"id":%d,"version":4,"description":null,"payload":"{\"w\":2}","has_experiment":false}}`, i, i, i)
	}
	body = append(body, `},"errorsWhileComputingFlags":false,"requestId":"7c1e0c5e-0000-4000-8000-0000000000aa"}`...)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.DecodeFlags(body); err != nil {
			b.Fatal(err)
		}
	}
}
