// Command flags_legacy_key calls the secret key by its old name, and polls at its own pace.
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:                           os.Getenv("POSTHOG_HOST"),
		PersonalApiKey:                     os.Getenv("POSTHOG_SECRET_KEY"),
		DefaultFeatureFlagsPollingInterval: time.Hour,
		NextFeatureFlagsPollingTick:        func() time.Duration { return time.Hour },
		FeatureFlagRequestTimeout:          posthog.DefaultFeatureFlagRequestTimeout,
		FeatureFlagRequestMaxRetries:       posthog.Ptr(1),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := client.ReloadFeatureFlags(); err != nil {
		log.Fatal(err)
	}
	value, err := client.GetFeatureFlag(posthog.FeatureFlagPayload{Key: "colour", DistinctId: "u_1", OnlyEvaluateLocally: true})
	fmt.Println(value, err)
}
