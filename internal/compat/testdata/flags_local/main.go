// Command flags_local loads the definitions and asks nobody.
package main

import (
	"fmt"
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
	for _, plan := range []string{"pro", "free"} {
		enabled, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{
			Key:                   "pro",
			DistinctId:            "u_" + plan,
			PersonProperties:      posthog.Properties{"plan": plan},
			OnlyEvaluateLocally:   true,
			SendFeatureFlagEvents: posthog.Ptr(false),
		})
		fmt.Println(plan, enabled, err)
	}
}
