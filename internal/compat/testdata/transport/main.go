// Command transport adds a header to every request with a transport of its own.
package main

import (
	"fmt"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/posthog/posthog-go"
)

// proxy implements http.RoundTripper.
type proxy struct {
	next     http.RoundTripper
	requests atomic.Int64
}

func (p *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	p.requests.Add(1)
	r = r.Clone(r.Context())
	r.Header.Set("X-Tenant", "acme")
	return p.next.RoundTrip(r)
}

func main() {
	transport := &proxy{next: http.DefaultTransport}
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:  os.Getenv("POSTHOG_HOST"),
		Transport: transport,
	})
	if err != nil {
		panic(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "proxied"})
	client.Close()
	fmt.Println(transport.requests.Load() > 0)
}
