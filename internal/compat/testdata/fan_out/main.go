// Command fan_out decorates a client with a rule of its own.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

// named refuses events that are not in the catalogue. It is a posthog.EnqueueClient.
type named struct {
	posthog.EnqueueClient
	catalogue map[string]bool
}

func (n named) Enqueue(message posthog.Message) error {
	if capture, ok := message.(posthog.Capture); ok && !n.catalogue[capture.Event] {
		return fmt.Errorf("%q is not in the catalogue", capture.Event)
	}
	return n.EnqueueClient.Enqueue(message)
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	var checked posthog.EnqueueClient = named{client, map[string]bool{"order paid": true}}
	fmt.Println(checked.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "order paid"}))
	fmt.Println(checked.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "order payed"}))
}
