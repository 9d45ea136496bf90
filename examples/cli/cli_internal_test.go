package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A run without a network does not wait for it, and another process sends its
// event.
func TestARunDoesNotWaitForTheNetwork(t *testing.T) {
	cache := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		open := func() *posthog.ServerClient {
			c := config(cache)
			c.Endpoint, c.Transport = server.URL(), server.Transport()
			client, err := posthog.NewWithConfig("phc_test", c)
			if err != nil {
				t.Fatal(err)
			}
			return client
		}
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		for args, want := range map[string]int{"Ada": 0, "": 2} {
			client, start := open(), time.Now()
			code := posthog.RunMain(client, func() int { return run(client, new(strings.Builder), strings.Fields(args)) })
			if took := time.Since(start); code != want || took > time.Millisecond {
				t.Errorf("greet %s: got code %d after %v, want %d after 1 ms", args, code, took, want)
			}
			if client.Stats().Pending == 0 {
				t.Errorf("greet %s: nothing was left in the spool", args)
			}
		}
		start := time.Now()
		deliver(open())
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("without a network the other process took %v, want 10 s at most", took)
		}
		server.ClearFaults()
		deliver(open())
		if rows := len(server.Rows()); rows != 2 {
			t.Errorf("the server has %d events, want those of both runs", rows)
		}
	})
}
