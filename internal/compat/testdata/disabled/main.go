// Command disabled runs without a key, as on a developer's machine.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("NO_SUCH_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil && !errors.Is(err, posthog.ErrSDKDisabled) {
		panic(err)
	}
	fmt.Println(client != nil)
	fmt.Println(errors.Is(client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "e"}), posthog.ErrSDKDisabled))
	enabled, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "on", DistinctId: "u_1"})
	fmt.Println(enabled == true, errors.Is(err, posthog.ErrSDKDisabled))
	fmt.Println(errors.Is(client.Close(), posthog.ErrSDKDisabled))
}
