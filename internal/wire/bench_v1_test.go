package wire_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// ordinaryRecord is an event as most are: five properties, what every event carries, and of the special ones the
// library's name alone.
func ordinaryRecord() (record []byte, tail int) {
	var encoder wire.Encoder
	record = encoder.AppendProperties(envelope.AppendOpen(nil), small5())
	record = append(record, `,"$geoip_disable":true,"$go_version":"go1.26.8","$is_server":true,"$os":"Linux","$os_version":"12"`...)
	tail = len(record)
	record = append(record, `,"$lib":"hedgerow","$lib_version":"1.0.0"`...)
	return wire.AppendEnvelopeClose(record), tail
}

// okAnswer is the answer for a batch of which everything was stored.
func okAnswer(events int) []byte {
	answer := []byte(`{"results":{`)
	for i := range events {
		if i > 0 {
			answer = append(answer, ',')
		}
		answer = fmt.Appendf(answer, `"0199c0de-7a10-7c3e-9d54-%012x":{"result":"ok"}`, i*7919)
	}
	return append(answer, "}}"...)
}

func BenchmarkAppendEventV1(b *testing.B) {
	record, tail := ordinaryRecord()
	buffer := make([]byte, 0, 4096)
	b.Run("copy", func(b *testing.B) { // for scale: what /batch/ costs
		for b.Loop() {
			buffer = append(buffer[:0], record...)
		}
	})
	b.Run("ordinary", func(b *testing.B) {
		for b.Loop() {
			buffer, _ = wire.AppendEventV1(buffer[:0], record, tail)
		}
	})
	b.Run("tail unknown", func(b *testing.B) {
		for b.Loop() {
			buffer, _ = wire.AppendEventV1(buffer[:0], record, 0)
		}
	})
}

func BenchmarkDecodeResults(b *testing.B) {
	for _, events := range []int{100, 1000} {
		answer := okAnswer(events)
		b.Run(strconv.Itoa(events), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(answer)))
			stored := 0
			for b.Loop() {
				_ = wire.DecodeResults(answer, func(_ [16]byte, result, _ string) {
					if result == wire.ResultOK {
						stored++
					}
				})
			}
		})
	}
}
