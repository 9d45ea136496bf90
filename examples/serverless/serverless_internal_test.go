package main

import (
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// When the call returns, its event has arrived, in one request.
func TestTheEventHasArrivedWhenTheCallReturns(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, nil)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	headers := map[string]string{"x-posthog-session-id": "s_9"}
	if _, err := handle(t.Context(), client, order{ID: "7", Customer: "u_42", Total: 12.5, Headers: headers}); err != nil {
		t.Fatal(err)
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
	server.Recorder(t).Event("order taken").DistinctID("u_42").Property("$session_id", "s_9").Property("total", 12.5)
}
