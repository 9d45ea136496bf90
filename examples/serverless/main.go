// Command serverless is a function of the kind that a platform freezes between
// two calls: whatever has not been sent when it returns may never be. So it
// flushes, and never closes. The platform's own library is left out; it would
// call handle.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/hedgerow/posthog"
)

// order is what the function is called with.
type order struct {
	ID, Customer string
	Total        float64
	Headers      map[string]string // of the message or the request that it came by
}

func main() {
	client, err := posthog.FromEnv(posthog.Config{Workers: 1}) // once for all calls
	if err != nil {
		log.Fatal(err)
	}
	text, err := handle(context.Background(), client, order{ID: "7", Customer: "u_42", Total: 12.5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
}

// handle is one call. The time for the events is part of the time of the call,
// so it is bounded.
func handle(ctx context.Context, client *posthog.ServerClient, o order) (string, error) {
	ctx = posthog.Extract(ctx, posthog.MapCarrier(o.Headers))
	posthog.SetDistinctId(ctx, o.Customer)
	defer func() {
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := client.Flush(flush); err != nil {
			log.Print(err) // the order is taken all the same
		}
	}()
	if err := client.EnqueueWithContext(ctx, posthog.Capture{
		Event:      "order taken",
		Properties: posthog.Properties{"order": o.ID, "total": o.Total},
	}); err != nil {
		log.Print(err)
	}
	return "order " + o.ID + " taken", nil
}
