// Command flags_context asks with the context of a request, through the interface.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func paywall(ctx context.Context, client posthog.Client, user string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	flags, err := posthog.EvaluateFlagsWithContext(ctx, client, posthog.EvaluateFlagsPayload{
		DistinctId:   user,
		DeviceId:     posthog.Ptr("device-1"),
		DisableGeoIP: posthog.Ptr(true),
	})
	if err != nil {
		return false, err
	}
	return flags.IsEnabled("on") && !flags.IsEnabled("off"), nil
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	fmt.Println(paywall(context.Background(), client, "u_1"))
}
