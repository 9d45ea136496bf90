// Command flags_all reads all flags, to hand them to a web page.
package main

import (
	"encoding/json"
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

	all, err := client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{
		DistinctId:       "u_1",
		PersonProperties: posthog.NewProperties().Set("plan", "pro"),
		Groups:           posthog.NewGroups().Set("company", "acme"),
	})
	if err != nil {
		log.Fatal(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"featureFlags": all})
}
