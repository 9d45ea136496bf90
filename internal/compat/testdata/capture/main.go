// Command capture reports one event, as a first program does.
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
		Event:      "user signed up",
	})
}
