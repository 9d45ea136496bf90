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
	fmt.Fprintf(out, "%s\n\nNow the service fails: the next three requests get 503.\n60 more customers come all the same.\n", ledger(client))
	server.Inject(posthogtest.Fault{Status: 503, Times: 3})
	start := time.Now()
	if err := visit(client, 40, 100); err != nil {
		return err
	}
	fmt.Fprintf(out, "The shop did not notice: their %d events took it %v.\n%s\n\nThe service recovers, and the client is closed.\n",
		60*eventsPerVisit+60/customersPerCompany, time.Since(start).Round(10*time.Microsecond), ledger(client))
	if err := client.CloseWithContext(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\n", ledger(client))
	report(out, server)
	return nil
}

// ledger is the client's own account of its events.
func ledger(client *posthog.ServerClient) string {
	s := client.Stats()
	return fmt.Sprintf("  ledger: %d accepted = %d delivered + %d pending + %d unconfirmed + %d rejected + %d dropped",
		s.Accepted, s.Delivered, s.Pending, s.Unconfirmed, s.Rejected, s.Dropped)
}

// report prints what the service has.
func report(out io.Writer, server *posthogtest.Server) {
	arrived := make(map[string]int)
	for _, row := range server.Rows() {
		arrived[row.Name]++
	}
	fmt.Fprintln(out, "What arrived, each event once:")
	for _, name := range slices.Sorted(maps.Keys(arrived)) {
		fmt.Fprintf(out, "  %4d  %s\n", arrived[name], name)
	}
	failed := 0
	for _, r := range server.Requests() {
		if r.Status != 200 {
			failed++
		}
	}
	fmt.Fprintf(out, "In %d requests over %d connections, %d of which failed and were repeated.\n",
		len(server.Requests()), server.Dials(), failed)
	row := server.Rows()[0]
	fmt.Fprintf(out, "One of them: %s by %s at %s, with properties %v.\n",
		row.Name, row.DistinctID, row.Timestamp.Format(time.RFC3339Nano), slices.Sorted(maps.Keys(row.Properties)))
}
