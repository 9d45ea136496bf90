// Command flags_groups asks about the flag of a company.
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
	for _, size := range []string{"large", "small"} {
		enabled, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{
			Key:                   "company-large",
			DistinctId:            "u_1",
			Groups:                posthog.NewGroups().Set("company", "acme"),
			GroupProperties:       map[string]posthog.Properties{"company": posthog.NewProperties().Set("size", size)},
			SendFeatureFlagEvents: posthog.Ptr(false),
		})
		fmt.Println(size, enabled, err)
	}
}
