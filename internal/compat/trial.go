package compat

import (
	"context"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// Try runs a program against a PostHog of its own, which has the flags that the programs ask for, and returns how what
// it did differs from what is wanted of it. Whatever library the programs were built with, they meet the same. The
// PostHog is on a port of this machine, since a program is a process, and ends with the test.
func (b *Binary) Try(ctx context.Context, tb posthogtest.TB, program *Program) (differences []string, err error) {
	tb.Helper()
	server := posthogtest.NewServer(tb, nil)
	server.SetFlags(
		posthogtest.Flag{Key: "on", Payload: map[string]int{"limit": 5}},
		posthogtest.Flag{Key: "off", Value: false},
		posthogtest.Flag{Key: "colour", Value: "blue", Payload: []int{1, 2}},
		posthogtest.Flag{Key: "pro", Where: map[string]any{"plan": "pro"}},
		posthogtest.Flag{Key: "company-beta", Group: "company"},
		posthogtest.Flag{Key: "company-large", Group: "company", Where: map[string]any{"size": "large"}},
		posthogtest.Flag{Key: "theme", RemoteConfig: true, Payload: map[string]string{"mode": "dark"}},
	)
	host, err := server.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	run, err := b.Run(ctx, program, host)
	if err != nil {
		return nil, err
	}
	return program.Want.Differences(run, arrived(server)), nil
}

// arrived is what the server has.
func arrived(server *posthogtest.Server) []Event {
	var events []Event
	for _, e := range server.Events() {
		events = append(events, Event{
			Event: e.Name, DistinctID: e.DistinctID, UUID: e.UUID, Timestamp: sentAt(e), Properties: e.Properties,
		})
	}
	return events
}

// sentAt is the time that an event came with, in UTC.
func sentAt(e posthogtest.Event) string {
	at, err := time.Parse(time.RFC3339Nano, e.SentTimestamp)
	if err != nil {
		return e.SentTimestamp
	}
	return at.UTC().Format(time.RFC3339Nano)
}
