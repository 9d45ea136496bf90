// Command flags_capture has the library attach flags to an event, as older programs do.
package main

import (
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:  os.Getenv("POSTHOG_HOST"),
		SecretKey: os.Getenv("POSTHOG_SECRET_KEY"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	if err := client.ReloadFeatureFlags(); err != nil {
		log.Fatal(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "by bool", SendFeatureFlags: posthog.SendFeatureFlags(true)})
	client.Enqueue(posthog.Capture{
		DistinctId: "u_1",
		Event:      "by options",
		SendFeatureFlags: posthog.SendFeatureFlagsWithOptions(&posthog.SendFeatureFlagsOptions{
			OnlyEvaluateLocally: true,
			PersonProperties:    posthog.NewProperties().Set("plan", "pro"),
		}),
	})
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "plain", SendFeatureFlags: posthog.SendFeatureFlagsBool(false)})
}
