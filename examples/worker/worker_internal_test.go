package main

import (
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestAJobIsDoneForWhoeverAskedForIt(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, nil)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	queue := make(chan job, 2)
	queue <- newJob(posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"}), "send invoice")
	queue <- newJob(t.Context(), "clean up") // which nobody asked for
	close(queue)
	work(t.Context(), client, queue)
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	events := server.Events()
	if len(events) != 2 {
		t.Fatalf("got %d events, want 2", len(events))
	}
	if e := events[0]; e.DistinctID != "u_42" || e.Properties["$session_id"] != "s_9" {
		t.Errorf("got the event %s, want one of u_42 and s_9", e.Raw)
	}
	if e := events[1]; e.Properties["$process_person_profile"] != false {
		t.Errorf("got the event %s, want one of nobody", e.Raw)
	}
}
