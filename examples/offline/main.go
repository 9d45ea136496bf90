// Command offline shows what a client with a spool does where the network comes
// and goes: it enqueues a million events while there is none, prints how little
// memory that takes, lets the network come back, and counts what arrives. It
// needs no account; the service is one of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// offlineFirst is a configuration for long times without a network: events wait
// in files below dir, for as long as MaxAge says, and survive the program.
// MaxRetries stays nil, because no number of attempts is enough for a night.
func offlineFirst(dir string) posthog.Config {
	return posthog.Config{
		Spool:              posthog.SpoolConfig{Dir: dir, MaxBytes: 2 << 30, MaxAge: 30 * 24 * time.Hour},
		Interval:           30 * time.Second, // few requests, because each may wake a radio
		BatchSize:          1000,
		FlushAt:            1000,
		BatchUploadTimeout: 2 * time.Minute, // a slow network is better than none
	}
}

func main() {
	events := flag.Int("events", 1_000_000, "how many events there are")
	flag.Parse()
	dir, err := os.MkdirTemp("", "offline")
	if err != nil {
		log.Fatal(err)
	}
	err = run(os.Stdout, offlineFirst(dir), *events)
	if err := os.RemoveAll(dir); err != nil {
		log.Print(err)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run sends the events through an outage, and fails unless each arrives once.
func run(out io.Writer, config posthog.Config, events int) error {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		return err
	}
	defer server.Close()
	arrivals := watch(server)
	config.Endpoint, config.Transport = server.URL(), arrivals
	server.Inject(posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Times: -1})
	client, err := posthog.NewWithConfig("phc_demo", config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	defer client.CloseWithContext(ctx) //nolint:errcheck // what counts is below

	before, start := memory(), time.Now()
	for i := range events {
		if err := client.Enqueue(posthog.Capture{
			DistinctId: fmt.Sprintf("meter_%04d", i%1000),
			Event:      "reading taken",
			Properties: posthog.Properties{"number": i, "watts": 230.5, "site": "example.com"},
		}); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	stats := client.Stats()
	grown := memory() - before
	fmt.Fprintf(out, "There is no network. %d events were accepted in %v.\n", stats.Accepted, time.Since(start).Round(time.Millisecond))
	fmt.Fprintf(out, "%d MiB of files hold them, and the program takes %d MiB more than before.\n", stats.Spool.Bytes>>20, grown>>20)
	if most := int64(64 << 20); grown > most || stats.Spool.Err != nil {
		return fmt.Errorf("the memory grew by %d bytes, of %d at most; the spool says: %w", grown, most, stats.Spool.Err)
	}

	server.ClearFaults()
	start = time.Now()
	if err := client.Flush(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "The network is back, and %v later the client has delivered %d events.\n",
		time.Since(start).Round(time.Millisecond), client.Stats().Delivered)
	if err := client.CloseWithContext(ctx); err != nil {
		return err
	}
	total, distinct := arrivals.count()
	fmt.Fprintf(out, "The service received %d events, %d of them different.\n", total, distinct)
	if total != events || distinct != events {
		return fmt.Errorf("got %d events, %d of them different, want each of %d once", total, distinct, events)
	}
	return nil
}

// memory is what the program has from the system, garbage not included.
func memory() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
