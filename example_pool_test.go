package posthog_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A service with many customers reports to the project of each. The pool makes
// clients as they are needed and lets go of those that are not.
func ExamplePool() {
	server, err := posthogtest.Start(posthogtest.Config{})
	check(err)
	defer server.Close()

	pool, err := posthog.NewPool(posthog.PoolConfig{
		Config: posthog.Config{Endpoint: server.URL(), Transport: server.Transport()},
		Customize: func(apiKey string, c *posthog.Config) {
			c.DefaultEventProperties = posthog.Properties{"tenant": apiKey}
			c.OnError = func(err error) { fmt.Println(apiKey, "lost events:", err) }
		},
	})
	check(err)
	defer pool.Close() // delivers what is queued, for all of them

	for _, apiKey := range []string{"phc_acme", "phc_globex", "phc_acme"} {
		client, err := pool.Client(apiKey)
		check(err)
		check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "report built"}))
	}

	check(pool.Flush(context.Background()))
	var lines []string
	for _, e := range server.Events() {
		lines = append(lines, fmt.Sprintln(e.Token, "has", e.Name, "of", e.Properties["tenant"]))
	}
	slices.Sort(lines) // projects do not wait for each other
	for _, line := range lines {
		fmt.Print(line)
	}
	stats := pool.Stats()
	fmt.Println(stats.Delivered, "events of", stats.Clients, "projects")
	// Output:
	// phc_acme has report built of phc_acme
	// phc_acme has report built of phc_acme
	// phc_globex has report built of phc_globex
	// 3 events of 2 projects
}

// A worker with many customers delivers the events of all of them before it
// exits.
func ExamplePool_Close() {
	server, err := posthogtest.Start(posthogtest.Config{})
	check(err)
	defer server.Close()

	pool, err := posthog.NewPool(posthog.PoolConfig{
		Config: posthog.Config{Endpoint: server.URL(), Transport: server.Transport()},
	})
	check(err)
	stop := posthog.CloseOnSignal(pool) // os.Interrupt and SIGTERM
	defer stop()
	code := posthog.RunMain(pool, func() int {
		client, err := pool.Client("phc_acme")
		check(err)
		check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "report built"}))
		return 0
	})
	fmt.Println(code, len(server.Events())) // and os.Exit(code)
	// Output: 0 1
}

// What became of the events of one customer, and of nobody else's.
func ExamplePool_ClientStats() {
	server, err := posthogtest.Start(posthogtest.Config{})
	check(err)
	defer server.Close()

	pool, err := posthog.NewPool(posthog.PoolConfig{
		Config: posthog.Config{Endpoint: server.URL(), Transport: server.Transport()},
	})
	check(err)
	for _, apiKey := range []string{"phc_acme", "phc_globex", "phc_acme"} {
		client, err := pool.Client(apiKey)
		check(err)
		check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "report built"}))
	}
	check(pool.Close())
	fmt.Println(pool.ClientStats("phc_acme").Delivered)
	// Output: 2
}
