package shop_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	shop "github.com/hedgerow/posthog/examples/tests"
	"github.com/hedgerow/posthog/posthogtest"
)

// customer is a context of a customer's.
func customer(t *testing.T) context.Context {
	t.Helper()
	return posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_42"})
}

// open returns a client of a PostHog of this test alone.
func open(t *testing.T) (*posthog.ServerClient, *posthogtest.Server) {
	t.Helper()
	server := posthogtest.NewServer(t, nil)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // a test that wants to know closes it itself
	return client, server
}

func TestPayingIsAnEvent(t *testing.T) {
	t.Parallel()
	client, server := open(t)
	if err := shop.Pay(customer(t), client, 2.5, 10); err != nil {
		t.Fatal(err)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Recorder(t).Event("order paid").DistinctID("u_42").Property("total", 12.5).Property("items", 2)
}

func TestAnEmptyBasketIsNone(t *testing.T) {
	t.Parallel()
	client, server := open(t)
	if err := shop.Pay(customer(t), client); !errors.Is(err, shop.ErrNothingToPay) {
		t.Errorf("got %v, want ErrNothingToPay", err)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Recorder(t).Empty()
}

// An outage of an hour passes in a millisecond.
func TestAnOutageDoesNotCostTheEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t)
		server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		if err := shop.Pay(customer(t), client, 10); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		server.ClearFaults()
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		server.Recorder(t).Event("order paid").DistinctID("u_42")
	})
}
