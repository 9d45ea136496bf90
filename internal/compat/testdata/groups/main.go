// Command groups describes a company, and reports an event of its people.
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

	client.Enqueue(posthog.GroupIdentify{
		Type:       "company",
		Key:        "acme",
		Properties: posthog.NewProperties().Set("name", "Acme").Set("employees", 11),
	})
	client.Enqueue(posthog.Capture{
		DistinctId: "u_1",
		Event:      "seat added",
		Groups:     posthog.NewGroups().Set("company", "acme"),
	})
}
