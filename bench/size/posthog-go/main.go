// Command posthog-go is a program with net/http, encoding/json and posthog-go. It is built to be weighed, never to be run.
package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	body, err := json.Marshal(os.Args)
	if err != nil {
		os.Exit(1)
	}
	response, err := http.Post("http://example.com", "application/json", bytes.NewReader(body)) //nolint:noctx // never run
	if err != nil {
		os.Exit(1)
	}
	response.Body.Close()

	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Compression: posthog.CompressionGzip})
	if err != nil {
		os.Exit(1)
	}
	if client.Enqueue(posthog.Capture{DistinctId: "user", Event: "weighed", Properties: posthog.Properties{"n": 1}}) != nil {
		os.Exit(1)
	}
	if client.Close() != nil {
		os.Exit(1)
	}
}
