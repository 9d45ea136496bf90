// Command demo shows the library at work without an account and without a
// network: it starts the service that posthogtest provides on a local port,
// lets a small shop send its events through the real client, takes the service
// away for a second in the middle, and prints what arrived.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer) error {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		return err
	}
	defer server.Close()
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A PostHog of our own listens on %s.\n", url)

	client, err := posthog.NewWithConfig("phc_demo", posthog.Config{
		Endpoint:               url,
		Interval:               100 * time.Millisecond,
		DefaultEventProperties: posthog.Properties{"service": "shop"},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	fmt.Fprintln(out, "40 customers come to the shop.")
	if err := visit(client, 0, 40); err != nil {
		return err
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\nNow the service fails: two requests get 503, and a third one is stored while its answer is lost.\n60 more customers come all the same.\n", ledger(client))
	server.Inject(
		posthogtest.Fault{Status: 503, Times: 2},
		posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Persist: -1},
	)
	start := time.Now()
	if err := visit(client, 40, 100); err != nil {
		return err
	}
	fmt.Fprintf(out, "They do not notice: making and enqueueing %d events took %v.\n%s\n\nThe client is closed. It repeats what failed until it passes.\n",
		60*eventsPerVisit+60/customersPerCompany, time.Since(start).Round(10*time.Microsecond), ledger(client))
	if err := client.CloseWithContext(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\n", ledger(client))
	return report(out, server, client.Stats())
}

// ledger is the client's own account of its events.
func ledger(client *posthog.ServerClient) string {
	s := client.Stats()
	return fmt.Sprintf("  ledger: %d accepted = %d delivered + %d pending + %d unconfirmed + %d rejected + %d dropped",
		s.Accepted, s.Delivered, s.Pending, s.Unconfirmed, s.Rejected, s.Dropped)
}

// report prints what the service has, and fails if the client's ledger says
// otherwise.
func report(out io.Writer, server *posthogtest.Server, stats posthog.Stats) error {
	arrived := make(map[string]int)
	sample := posthogtest.Event{}
	for _, row := range server.Rows() {
		arrived[row.Name]++
		if row.Name == "order paid" {
			sample = row
		}
	}
	fmt.Fprintln(out, "What the service has:")
	for _, name := range slices.Sorted(maps.Keys(arrived)) {
		fmt.Fprintf(out, "  %4d  %s\n", arrived[name], name)
	}
	failed := 0
	for _, r := range server.Requests() {
		if r.Status != http.StatusOK {
			failed++
		}
	}
	received, stored := len(server.Events()), len(server.Rows())
	fmt.Fprintf(out, "It received %d events in %d requests, %d of which failed, and stored %d: %d came twice under the same uuid.\n",
		received, len(server.Requests()), failed, stored, received-stored)
	fmt.Fprintf(out, "One of them: %q by %s, with %s.\n", sample.Name, sample.DistinctID, sample.Raw)
	if uint64(stored) != stats.Delivered || stats.Delivered != stats.Accepted {
		return fmt.Errorf("the client delivered %d of %d events, and the service has %d", stats.Delivered, stats.Accepted, stored)
	}
	return nil
}
