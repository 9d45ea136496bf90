package transport_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog/internal/transport"
)

// batch returns a body of that many events as a shop would send them: ids by chance, values that repeat.
func batch(events int) []byte {
	dice := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[dice.IntN(len(values))] }
	body := []byte(`{"api_key":"phc_test","sent_at":"2026-11-20T10:00:05Z","batch":[`)
	for i := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"event":%q,"distinct_id":"user-%d","uuid":"0199c0de-%04x-7%03x-%04x-%012x","timestamp":"2026-11-20T10:%02d:%02d.%06dZ",`+
			`"properties":{"total":%d.%02d,"currency":%q,"items":%d,"path":%q,"plan":%q,"$geoip_disable":true,"$go_version":"go1.26.8","$is_server":true,`+
			`"$os":"Linux","$os_distro":"Debian GNU/Linux","$os_version":"13","$lib":"hedgerow","$lib_version":"1.2.3"}}`,
			pick("order paid", "page read", "item added", "$feature_flag_called"), dice.IntN(5000),
			i>>8, dice.IntN(1<<12), 1<<15|dice.IntN(1<<14), dice.Int64N(1<<48), i/60%60, i%60, dice.IntN(1e6),
			dice.IntN(500), dice.IntN(100), pick("EUR", "USD", "GBP"), dice.IntN(12), pick("/checkout/complete", "/cart", "/search?q=shoes"), pick("free", "team", "pro"))
	}
	return append(body, "]}"...)
}

// BenchmarkPost sends a body of 1000 events to a RoundTripper that only reads it.
func BenchmarkPost(b *testing.B) {
	body := batch(1000)
	scratch := make([]byte, 32<<10)
	swallow := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		for {
			if _, err := r.Body.Read(scratch); err == io.EOF {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
			}
		}
	})
	for compression, name := range []string{transport.None: "none", transport.Gzip: "gzip", transport.Zstd: "zstd", transport.Deflate: "deflate"} {
		compression := transport.Compression(compression)
		b.Run(name, func(b *testing.B) {
			x := transport.New(transport.Config{RoundTripper: swallow, Compression: compression, UserAgent: "hedgerow/1.2.3"}).NewExchange()
			r := transport.Request{URL: endpoint, GzipQuery: true, Body: func(dst []byte) []byte { return append(dst, body...) }}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			wire := 0
			for b.Loop() {
				wire = x.Post(b.Context(), r).Wire
			}
			b.ReportMetric(float64(wire), "wire-bytes")
		})
	}
}
