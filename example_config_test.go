package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// FlushAt and Interval say when a request starts, BatchSize how large it may
// become under backlog, Workers how many are made at once.
func ExampleConfig_batches() {
	client, server, end := sandbox(posthog.Config{
		FlushAt:   2,
		Interval:  time.Minute,
		BatchSize: 500,
		Workers:   1, // keeps the order of the events
	})
	defer end()

	for _, name := range []string{"first", "second"} {
		check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: name}))
	}
	check(server.WaitEvents(context.Background(), 2)) // neither Flush nor Close

	fmt.Println(len(server.Requests()), "request")
	show(server)
	// Output:
	// 1 request
	// first by u_42
	// second by u_42
}

// MaxQueueSize and MaxQueueBytes bound what a program can lose and what it
// costs; Overflow says what happens at the bound. The default refuses.
func ExampleConfig_overflow() {
	client, server, end := sandbox(posthog.Config{
		Logger:        quiet,
		MaxQueueBytes: 64 << 10,
		Overflow:      posthog.OverflowReject, // or OverflowDropOldest, or OverflowWait with BatchSubmitTimeout
	})
	defer end()
	server.Inject(posthogtest.Fault{Hang: true, Times: -1})

	accepted := 0
	for {
		err := client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"})
		if errors.Is(err, posthog.ErrQueueFull) {
			break
		}
		check(err)
		accepted++
	}
	fmt.Println("within bounds:", accepted > 100 && client.Stats().QueueBytes <= 64<<10)

	server.ClearFaults()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = client.CloseWithContext(ended) // gives up the request that hangs
	// Output:
	// within bounds: true
}

// DryRun does everything but send: for a staging environment whose events
// nobody wants.
func ExampleConfig_dryRun() {
	client, server, end := sandbox(posthog.Config{DryRun: true})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	check(client.Close())
	fmt.Println(len(server.Requests()), "requests,", client.Stats().DroppedBy)
	// Output:
	// 0 requests, map[dry_run:1]
}

// SyncMode makes Enqueue return when PostHog has answered: for command-line
// tools and cron jobs.
func ExampleConfig_syncMode() {
	client, server, end := sandbox(posthog.Config{SyncMode: true, FlushTimeout: 5 * time.Second})
	defer end()

	if err := client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "backup finished"}); err != nil {
		fmt.Println("not delivered:", err)
	}
	fmt.Println(len(server.Events()), "arrived")
	// Output:
	// 1 arrived
}

// Disabled makes a client that does nothing at all, in tests of code that
// should not care.
func ExampleConfig_disabled() {
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Disabled: true})
	check(err)
	fmt.Println(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}), client.Close())
	// Output:
	// <nil> <nil>
}

// Requests of at least a kilobyte are compressed with gzip. CompressionNone
// spares the processor where the network is free.
func ExampleConfig_compression() {
	for _, mode := range []posthog.CompressionMode{posthog.CompressionDefault, posthog.CompressionNone} {
		client, server, end := sandbox(posthog.Config{Compression: mode})
		for range 20 {
			check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
		}
		check(client.Close())
		fmt.Printf("%s: %q\n", mode, server.Requests()[0].Header.Get("Content-Encoding"))
		end()
	}
	// Output:
	// default: "gzip"
	// none: ""
}

// By default a batch is repeated for ten minutes, and as long as PostHog
// answers nobody. MaxRetries counts instead, and RetryAfter spaces.
func ExampleConfig_retries() {
	client, server, end := sandbox(posthog.Config{
		Logger:     quiet,
		MaxRetries: posthog.Ptr(5),
		RetryAfter: func(retry int) time.Duration {
			return time.Millisecond<<retry + rand.N(time.Millisecond)
		},
	})
	defer end()
	server.Inject(posthogtest.Fault{Status: http.StatusServiceUnavailable, Times: 2})

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	check(client.Flush(context.Background()))
	fmt.Println(len(server.Requests()), "requests,", len(server.Events()), "event")
	// Output:
	// 3 requests, 1 event
}

// Everything that waits has a bound; a context with a deadline of its own wins.
func ExampleConfig_timeouts() {
	client, server, end := sandbox(posthog.Config{
		BatchUploadTimeout: 5 * time.Second,       // one attempt
		FlushTimeout:       10 * time.Millisecond, // Flush, Send, SyncMode
		ShutdownTimeout:    10 * time.Millisecond, // Close
		Logger:             quiet,
	})
	defer end()
	server.Inject(posthogtest.Fault{Hang: true, Times: -1})

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	fmt.Println(client.Flush(context.Background()))
	fmt.Println(client.Close())
	// Output:
	// posthog: flush: 1 events were not delivered: context deadline exceeded
	// posthog: close: 1 events were not delivered: context deadline exceeded
}

// The client writes warnings and errors to slog.Default, each repeated one at
// most once a minute. A Logger sends them elsewhere.
func ExampleConfig_logger() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	client, _, end := sandbox(posthog.Config{Logger: posthog.SlogLogger(slog.New(handler))})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Properties: posthog.Properties{"done": make(chan int)}}))
	// Output:
	// level=WARN msg="posthog: properties of the event \"order paid\" cannot be sent and were left out: done (chan has no JSON form)"
}

// A service of some traffic: everything that is worth a decision, decided.
func ExampleConfig() {
	config := posthog.Config{
		Endpoint:               "https://eu.i.posthog.com",
		FlushAt:                200,
		Interval:               2 * time.Second,
		MaxQueueSize:           50_000,
		MaxQueueBytes:          128 << 20,
		MaxRetries:             posthog.Ptr(5),
		BatchUploadTimeout:     30 * time.Second,
		DefaultEventProperties: posthog.Properties{"service": "shop"},
		OnError:                func(err error) { slog.Error("analytics", "error", err) },
	}
	fmt.Println(config.Validate())
	// Output:
	// <nil>
}
