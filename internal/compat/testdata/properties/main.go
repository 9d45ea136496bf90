// Command properties builds properties and groups in each way there is.
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

	common := posthog.NewProperties().Set("plan", "free")
	err = client.Enqueue(posthog.Capture{
		DistinctId: "u_1",
		Event:      "movie played",
		Properties: posthog.NewProperties().Set("movie_id", 123).Set("categories", []string{"drama", "noir"}).Merge(common),
		Groups:     posthog.NewGroups().Set("company", "acme").Set("project", 7),
	})
	if err != nil {
		log.Fatal(err)
	}
	err = client.Enqueue(posthog.Capture{
		DistinctId: "u_1",
		Event:      "movie paused",
		Properties: map[string]interface{}{"at": 12.5, "muted": true, "extra": nil},
	})
	if err != nil {
		log.Fatal(err)
	}
}
