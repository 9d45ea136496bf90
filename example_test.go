package posthog_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// The whole of it: make a client, enqueue events, close the client. The
// example sends to a PostHog within the process, so that it runs without an
// account; a program gives its own key and leaves Endpoint and Transport out.
func Example() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint:  server.URL(),
		Transport: server.Transport(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	err = client.Enqueue(posthog.Capture{
		DistinctId: "u_42",
		Event:      "order paid",
		Properties: posthog.Properties{"total": 12.5, "items": 3},
	})
	if err != nil {
		fmt.Println("not accepted:", err)
	}

	if err := client.Close(); err != nil { // delivers what is queued
		fmt.Println("not delivered:", err)
	}

	for _, e := range server.Events() {
		fmt.Println(e.Name, "by", e.DistinctID, "for", e.Properties["total"])
	}
	// Output:
	// order paid by u_42 for 12.5
}

// sandbox returns a client with the configuration, and the server within the
// process that it sends to. end closes both.
func sandbox(config posthog.Config) (client *posthog.ServerClient, server *posthogtest.Server, end func()) {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		panic(err)
	}
	config.Endpoint, config.Transport = server.URL(), server.Transport()
	client, err = posthog.NewWithConfig("phc_test", config)
	if err != nil {
		panic(err)
	}
	return client, server, func() {
		_ = client.Close() // a leftover is not what an example is about
		server.Close()
	}
}

// check prints an error that an example does not expect.
func check(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
	}
}

// show prints the events that arrived, with the properties that the
// application gave them.
func show(server *posthogtest.Server) {
	for _, e := range server.Events() {
		fmt.Print(e.Name, " by ", e.DistinctID)
		for _, name := range slices.Sorted(maps.Keys(e.Properties)) {
			switch name {
			case "$lib", "$lib_version", "$os", "$os_version", "$os_distro", "$go_version", "$is_server", "$geoip_disable":
			default:
				fmt.Print(", ", name, "=", e.Properties[name])
			}
		}
		fmt.Println()
	}
}
