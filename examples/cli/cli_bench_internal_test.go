package main

import (
	"io"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// dead is a network that swallows everything.
type dead struct{}

func (dead) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// What a run costs, from opening the client to closing it: when nobody wants its
// event, and when the spool takes it because the network does not.
func BenchmarkRun(b *testing.B) {
	for name, disabled := range map[string]bool{"without events": true, "without a network": false} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := config(b.TempDir())
				c.Transport, c.Disabled = dead{}, disabled
				b.StartTimer()
				client, err := posthog.NewWithConfig("phc_test", c)
				if err != nil {
					b.Fatal(err)
				}
				posthog.RunMain(client, func() int { return run(client, io.Discard, []string{"Ada"}) })
			}
		})
	}
}
