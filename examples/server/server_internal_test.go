package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestAPaymentIsAnEventOfWhoeverIsLoggedIn(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, nil)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/orders/7/payment", http.NoBody)
	r.SetBasicAuth("ada", "secret")
	r.Header.Set(posthog.HeaderPostHogSessionID, "s_9")
	w := httptest.NewRecorder()
	newHandler(client).ServeHTTP(w, r)
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusNoContent {
		t.Errorf("got status %d, want 204", w.Code)
	}
	server.Recorder(t).Event("order paid").DistinctID("ada").Property("order", "7").
		Property("$session_id", "s_9").Property("$request_route", "POST /orders/{id}/payment")
}
