package transport_test

import (
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/hedgerow/posthog/internal/transport"
)

// BenchmarkPost sends a body of about 400 KB to a RoundTripper that only reads it.
func BenchmarkPost(b *testing.B) {
	var batch []byte
	for i := 0; len(batch) < 400_000; i++ {
		n := strconv.Itoa(i * 7919 % 100_003)
		batch = append(batch, `{"event":"order paid","distinct_id":"user-`+n+`","uuid":"0199c0de-0000-7000-8000-0000000`+n+
			`","timestamp":"2026-11-20T10:00:00.120Z","properties":{"$lib":"hedgerow","total":`+n+`,"plan":"team"}},`...)
	}
	scratch := make([]byte, 32<<10)
	swallow := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		for {
			if _, err := r.Body.Read(scratch); err == io.EOF {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
			}
		}
	})
	for compression, name := range []string{transport.None: "none", transport.Gzip: "gzip"} {
		compression := transport.Compression(compression)
		b.Run(name, func(b *testing.B) {
			x := transport.New(transport.Config{RoundTripper: swallow, Compression: compression, UserAgent: "hedgerow/1.2.3"}).NewExchange()
			r := transport.Request{URL: endpoint, GzipQuery: true, Body: func(dst []byte) []byte { return append(dst, batch...) }}
			b.SetBytes(int64(len(batch)))
			b.ReportAllocs()
			wire := 0
			for b.Loop() {
				wire = x.Post(b.Context(), r).Wire
			}
			b.ReportMetric(float64(wire), "wire-bytes")
		})
	}
}
