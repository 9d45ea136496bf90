package posthogtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// BenchmarkIngest measures what the server costs a test: batches of 100
// events over the in-memory network.
func BenchmarkIngest(b *testing.B) {
	s, err := posthogtest.Start(posthogtest.Config{Keep: 1000})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	events := make([]string, 100)
	for i := range events {
		events[i] = event("order paid", fmt.Sprintf("u-%d", i), i)
	}
	body := batch(events...)
	client := &http.Client{Transport: s.Transport()}
	for b.Loop() {
		response, err := client.Post(s.URL()+"/batch/", "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}
