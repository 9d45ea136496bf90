// Command crash is a service that crashes: it makes a client as its orders say,
// and ends in the way that they name. See crash_matrix_test.go.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/hedgerow/posthog"
)

// orders are what the test wants of one process.
type orders struct {
	Host, Dir, Spool, End    string
	Abrupt                   bool
	DistinctID, Version      string // Version is a property of every event
	Release                  string
	Native                   bool // frames have addresses
	Events                   int  // that are queued before the end
	Steps                    int  // that are added
	Wait                     bool
	Silent                   bool // the end comes when standard input does
	ShutdownTimeout, Timeout time.Duration
}

// ordered returns the orders.
func ordered() orders {
	var o orders
	if err := json.Unmarshal([]byte(os.Args[1]), &o); err != nil {
		log.Fatal(err)
	}
	return o
}

// connect makes a client as the orders say.
func connect(o orders) *posthog.ServerClient {
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint:               o.Host,
		Interval:               time.Hour,
		ShutdownTimeout:        o.ShutdownTimeout,
		Logger:                 posthog.StdLogger(log.New(os.Stdout, "log: ", 0), false),
		DefaultEventProperties: posthog.Properties{"app_version": o.Version},
		Spool:                  posthog.SpoolConfig{Dir: o.Spool},
		Crash:                  posthog.CrashConfig{Dir: o.Dir, ReportAbruptExit: o.Abrupt, DistinctId: o.DistinctID},
		ErrorTracking:          posthog.ErrorTrackingConfig{ReleaseID: o.Release, NativeFrames: o.Native},
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func main() {
	o := ordered()
	client := connect(o)
	for i := range o.Events {
		if err := client.Enqueue(posthog.Capture{DistinctId: "u", Event: fmt.Sprintf("event %d", i)}); err != nil {
			log.Fatal(err)
		}
	}
	for i := range o.Steps {
		client.AddStep(context.Background(), fmt.Sprintf("step %d", i), posthog.Properties{"i": i})
	}
	if o.Wait {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
	}
	if o.End == "" {
		if err := client.Flush(context.Background()); err != nil {
			log.Fatal(err)
		}
		var left *posthog.UndeliveredError
		if err := client.Close(); err != nil && !errors.As(err, &left) {
			log.Fatal(err)
		}
		return
	}
	end, ok := ends[o.End]
	if !ok {
		log.Fatalf("nobody knows how to end by %s", o.End)
	}
	end(client)
}
