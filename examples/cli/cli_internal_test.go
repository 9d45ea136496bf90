package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A run without a network ends in time, and the next one sends its event.
func TestARunWithoutANetworkEndsInTime(t *testing.T) {
	cache := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		greet := func(args ...string) (code int, took time.Duration) {
			c := config(cache)
			c.Endpoint, c.Transport = server.URL(), server.Transport()
			client, err := posthog.NewWithConfig("phc_test", c)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			code = posthog.RunMain(client, func() int { return run(client, new(strings.Builder), args) })
			return code, time.Since(start)
		}
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		if code, took := greet("Ada"); code != 0 || took > 320*time.Millisecond {
			t.Errorf("without a network: got code %d after %v, want 0 after 0.3 s", code, took)
		}
		server.ClearFaults()
		if code, _ := greet(); code != 2 {
			t.Errorf("without a name: got code %d, want 2", code)
		}
		if rows := len(server.Rows()); rows != 2 {
			t.Errorf("the server has %d events, want those of both runs", rows)
		}
	})
}
