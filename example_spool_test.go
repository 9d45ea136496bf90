package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// An event is in a file when Enqueue returns. Here PostHog cannot be reached
// before the first client has to end; it might as well have been killed. The
// next client with the same directory sends what it left.
func ExampleSpoolConfig() {
	dir, err := os.MkdirTemp("", "spool")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()

	first, server, end := sandbox(posthog.Config{
		Spool:   posthog.SpoolConfig{Dir: dir},
		OnError: func(err error) { fmt.Println("lost:", err) },
		Logger:  silent{},
	})
	defer end()
	server.Inject(posthogtest.Fault{Status: 503, Times: -1})
	check(first.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))

	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	var left *posthog.UndeliveredError
	if errors.As(first.CloseWithContext(ctx), &left) {
		fmt.Println(left.Events, "event left,", left.Spooled, "of them in the spool")
	}

	server.ClearFaults()
	second, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint: server.URL(), Transport: server.Transport(),
		Spool: posthog.SpoolConfig{Dir: dir},
	})
	check(err)
	fmt.Println(second.Stats().Spool.Recovered, "event found")
	check(second.Close())
	show(server)
	// Output:
	// 1 event left, 1 of them in the spool
	// 1 event found
	// order paid by u_42
}
