// Command tuning sets every field that is about batches, retries and time.
package main

import (
	"log"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	backoff := posthog.DefaultBackoff()
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:            os.Getenv("POSTHOG_HOST"),
		Interval:            posthog.DefaultInterval,
		BatchSize:           2,
		MaxQueueSize:        posthog.DefaultMaxQueueSize,
		MaxEnqueuedRequests: 8,
		BatchSubmitTimeout:  posthog.DefaultBatchSubmitTimeout,
		BatchUploadTimeout:  5 * time.Second,
		ShutdownTimeout:     10 * time.Second,
		MaxRetries:          posthog.Ptr(posthog.DefaultMaxAttempts - 1),
		RetryAfter:          func(attempt int) time.Duration { return backoff.Duration(attempt) / 10 },
		Compression:         posthog.CompressionGzip,
		IsServer:            posthog.Ptr(true),
	})
	if err != nil {
		log.Fatal(err)
	}
	for i := 0; i < 5; i++ {
		if err := client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "tick", Properties: posthog.NewProperties().Set("i", i)}); err != nil {
			log.Fatal(err)
		}
	}
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
}
