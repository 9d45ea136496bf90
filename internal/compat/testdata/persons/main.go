// Command persons sets person properties with events, and reports one of nobody.
package main

import (
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	client.Enqueue(posthog.Capture{
		DistinctId: "u_1",
		Event:      "$pageview",
		Properties: posthog.NewProperties().
			Set("$current_url", "https://example.com/prices").
			Set("$set", map[string]interface{}{"name": "Ada"}).
			Set("$set_once", map[string]interface{}{"first_url": "https://example.com/"}),
	})
	client.Enqueue(posthog.Capture{
		DistinctId: "visitor-9",
		Event:      "article read",
		Properties: posthog.NewProperties().Set("$process_person_profile", false),
	})
}
