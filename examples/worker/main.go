// Command worker does jobs that web requests leave behind: the identity of a
// request travels with its job, so that events of both are about one person,
// and a signal ends the worker without losing events. The queue is a channel
// here; with any other, the attributes of a message carry the ids.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/hedgerow/posthog"
)

// job is a message of the queue.
type job struct {
	Kind       string
	Attributes map[string]string
}

func main() {
	client, err := posthog.FromEnv(posthog.Config{})
	if err != nil {
		log.Fatal(err)
	}
	stop := posthog.CloseOnSignal(client)
	defer stop()
	defer client.Close() //nolint:errcheck // what it leaves is in the log

	queue := make(chan job, 1)
	request := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"})
	queue <- newJob(request, "send invoice")
	close(queue)
	work(context.Background(), client, queue)
}

// newJob is called within a request.
func newJob(ctx context.Context, kind string) job {
	j := job{Kind: kind, Attributes: map[string]string{}}
	posthog.Inject(ctx, posthog.MapCarrier(j.Attributes))
	return j
}

// work does jobs until there are no more.
func work(ctx context.Context, client posthog.EnqueueClient, queue <-chan job) {
	for j := range queue {
		ctx := posthog.Extract(ctx, posthog.MapCarrier(j.Attributes))
		fmt.Println("doing:", j.Kind)
		if err := posthog.EnqueueWithContext(ctx, client, posthog.Capture{
			Event:      "job done",
			Properties: posthog.Properties{"kind": j.Kind},
		}); err != nil {
			log.Print(err)
		}
	}
}
