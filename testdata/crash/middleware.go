package main

import (
	"context"
	"log"
	"net/http"

	"github.com/hedgerow/posthog"
)

// passOn lets the middleware report a panic and pass it on, to where nobody
// recovers, as gRPC does not.
func passOn(client *posthog.ServerClient) {
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { charge("out of tea") })
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://shop.example.com/", http.NoBody)
	if err != nil {
		log.Fatal(err)
	}
	posthog.NewRequestContextMiddleware(handler, posthog.WithCapturePanics(client)).ServeHTTP(noAnswer{}, r)
}

// noAnswer is an answer that nobody reads.
type noAnswer struct{}

func (noAnswer) Header() http.Header            { return http.Header{} }
func (noAnswer) WriteHeader(int)                {}
func (noAnswer) Write(body []byte) (int, error) { return len(body), nil }
