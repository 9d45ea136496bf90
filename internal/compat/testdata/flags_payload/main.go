// Command flags_payload reads the payload of a flag.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

type limits struct {
	Limit int `json:"limit"`
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ask := posthog.FeatureFlagPayload{Key: "on", DistinctId: "u_1", SendFeatureFlagEvents: posthog.Ptr(false)}
	result, err := client.GetFeatureFlagResult(ask)
	if err != nil {
		log.Fatal(err)
	}
	var payload limits
	if err := result.GetPayloadAs(&payload); err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Key, result.Enabled, result.Variant == nil, payload.Limit)
	text, err := client.GetFeatureFlagPayload(ask)
	fmt.Println(text, err)
	_, err = client.GetFeatureFlagResult(posthog.FeatureFlagPayload{Key: "gone", DistinctId: "u_1", SendFeatureFlagEvents: posthog.Ptr(false)})
	fmt.Println(errors.Is(err, posthog.ErrFlagNotFound))
}
