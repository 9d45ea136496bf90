// Command quickstart sends one event to a PostHog that runs inside of it, and
// shows that it arrived. With POSTHOG_API_KEY set it sends the event to PostHog
// instead.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	key, config := os.Getenv(posthog.EnvAPIKey), posthog.Config{}
	if key == "" {
		server, err := posthogtest.Start(posthogtest.Config{})
		if err != nil {
			return err
		}
		defer server.Close()
		defer func() { fmt.Println("arrived:", server.Rows()[0].Name) }()
		key, config.Endpoint, config.Transport = "phc_test", server.URL(), server.Transport()
	}
	client, err := posthog.NewWithConfig(key, config)
	if err != nil {
		return err
	}
	if err := client.Enqueue(posthog.Capture{
		DistinctId: "user_42",
		Event:      "order paid",
		Properties: posthog.Properties{"total": 12.5},
	}); err != nil {
		return err
	}
	return client.Close()
}
