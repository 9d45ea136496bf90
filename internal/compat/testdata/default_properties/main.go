// Command default_properties has properties for every event, and wants GeoIP.
package main

import (
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	config := posthog.Config{
		Endpoint:               os.Getenv("POSTHOG_HOST"),
		DefaultEventProperties: posthog.NewProperties().Set("service", "shop").Set("version", "1.4.0"),
		DisableGeoIP:           posthog.Ptr(false),
		IsServer:               posthog.Ptr(false),
	}
	if err := config.Validate(); err != nil || config.GetDisableGeoIP() || config.GetIsServer() {
		log.Fatal(err)
	}
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), config)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "deployed"})
}
