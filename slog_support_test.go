package posthog_test

import (
	"log/slog"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// logTo returns a logger that only captures, the client that it captures with,
// and the server that has it then.
func logTo(t *testing.T, config posthog.Config, opts ...posthog.SlogOption) (*slog.Logger, *posthog.ServerClient, *posthogtest.Server) {
	t.Helper()
	client, server := open(t, config)
	return slog.New(posthog.NewSlogCaptureHandler(nil, client, opts...)), client, server
}

// capturedLogs returns the exceptions that arrived, in their order.
func capturedLogs(t *testing.T, client *posthog.ServerClient, server *posthogtest.Server) []posthogtest.Event {
	t.Helper()
	flush(t, client)
	events := server.Events()
	for _, e := range events {
		if e.Name != "$exception" || len(e.Exceptions()) == 0 {
			t.Fatalf("got an event %s that has no exceptions, want exceptions alone: %s", e.Name, e.Raw)
		}
	}
	if warnings := server.Warnings(); len(warnings) > 0 {
		t.Errorf("PostHog has something to say about the exceptions: %v", warnings)
	}
	return events
}

// onlyCaptured returns the one exception event that arrived.
func onlyCaptured(t *testing.T, client *posthog.ServerClient, server *posthogtest.Server) posthogtest.Event {
	t.Helper()
	events := capturedLogs(t, client, server)
	if len(events) != 1 {
		t.Fatalf("got %d exceptions, want 1: %v", len(events), events)
	}
	return events[0]
}

// requireLogged fails the test unless the event has these properties, compared
// as JSON.
func requireLogged(t *testing.T, e posthogtest.Event, want map[string]any) {
	t.Helper()
	requireProperties(t, wireEvent{Event: e.Name, Properties: e.Properties}, want)
}

// cardDeclined is an error of a type that has a name.
type cardDeclined struct{ code int }

func (*cardDeclined) Error() string { return "card declined" }
