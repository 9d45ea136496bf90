// Command analytics_v1 uses the newer protocol, with compression.
package main

import (
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:    os.Getenv("POSTHOG_HOST"),
		CaptureMode: posthog.CaptureModeAnalyticsV1,
		Compression: posthog.CompressionZstd,
	})
	if err != nil {
		log.Fatal(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "new road", Properties: posthog.NewProperties().Set("lane", 1)})
	client.Enqueue(posthog.Identify{DistinctId: "u_1", Properties: posthog.NewProperties().Set("name", "Ada")})
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
}
