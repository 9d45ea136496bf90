// Command flags_remote asks PostHog for flags, without a secret key.
package main

import (
	"fmt"
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

	enabled, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "on", DistinctId: "u_1"})
	fmt.Println(enabled, err, enabled == true)
	variant, err := client.GetFeatureFlag(posthog.FeatureFlagPayload{Key: "colour", DistinctId: "u_1"})
	fmt.Println(variant, err)
	pro, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{
		Key:                   "pro",
		DistinctId:            "u_1",
		PersonProperties:      posthog.NewProperties().Set("plan", "pro"),
		SendFeatureFlagEvents: posthog.Ptr(false),
	})
	fmt.Println(pro, err)
}
