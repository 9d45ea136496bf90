package flags_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/sample"
)

func BenchmarkParse2000(b *testing.B) {
	for _, kind := range sample.Kinds {
		b.Run(kind, func(b *testing.B) {
			document := sample.Document(2000, kind)
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := flags.Parse(document); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
