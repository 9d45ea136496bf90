// Command request_context gives a job the identity of the request that started it.
package main

import (
	"context"
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

type job struct{ user, session string }

func run(ctx context.Context, client posthog.EnqueueClient, event string) {
	if err := posthog.EnqueueWithContext(ctx, client, posthog.Capture{Event: event}); err != nil {
		log.Println(err)
		os.Exit(1)
	}
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	for _, j := range []job{{"u_1", "s_1"}, {"u_2", "s_2"}} {
		ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{
			DistinctId: j.user,
			SessionId:  j.session,
			Properties: posthog.Properties{"queue": "mail"},
		})
		run(ctx, client, "job started")
		run(posthog.WithRequestContext(ctx, posthog.RequestContext{Properties: posthog.Properties{"step": 2}}), client, "job continued")
		run(posthog.WithFreshRequestContext(ctx, posthog.RequestContext{DistinctId: "system"}), client, "job billed")
	}
}
