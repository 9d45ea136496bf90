package shop_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	shop "github.com/hedgerow/posthog/examples/tests"
	"github.com/hedgerow/posthog/posthogtest"
)

// The test decides what the flag is, for everybody and for one person, and
// looks at what the experiment will count.
func TestTheDiscountFollowsTheFlag(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(*posthogtest.Server)
		want float64
	}{
		"small for everybody": {func(s *posthogtest.Server) { s.SetFlag("discount", "small") }, 0.05},
		"large for somebody": {func(s *posthogtest.Server) {
			s.SetFlag("discount", "small")
			s.SetFlagFor("u_42", "discount", "large")
		}, 0.1},
		"off":                {func(s *posthogtest.Server) { s.SetFlag("discount", false) }, 0},
		"a flag nobody made": {func(*posthogtest.Server) {}, 0},
		"PostHog out of reach": {func(s *posthogtest.Server) {
			s.SetFlag("discount", "large")
			s.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 503})
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t)
			c.set(server)
			if got := shop.Discount(customer(t), client); got != c.want {
				t.Errorf("the discount is %v, want %v", got, c.want)
			}
		})
	}
}

// What the person saw is an event, once.
func TestTheDiscountIsAnExposure(t *testing.T) {
	t.Parallel()
	client, server := open(t)
	server.SetFlag("discount", "large")
	for range 2 {
		shop.Discount(customer(t), client)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Recorder(t).FlagCalled("discount", "large").DistinctID("u_42")
}

// A client that evaluates by itself follows the flag from poll to poll, here in
// virtual time, and makes no request for a question.
func TestTheDiscountIsEvaluatedLocally(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		server.SetFlag("discount", "small")
		client, err := posthog.NewWithConfig("phc_test", posthog.Config{
			Endpoint: server.URL(), Transport: server.Transport(), SecretKey: "phs_test",
		})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := client.WaitForFlagDefinitions(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := shop.Discount(customer(t), client); got != 0.05 {
			t.Errorf("the discount is %v, want 0.05", got)
		}
		server.SetFlag("discount", "large")
		<-time.After(time.Minute)
		if got := shop.Discount(customer(t), client); got != 0.1 {
			t.Errorf("a minute after the change the discount is %v, want 0.1", got)
		}
		if got := len(server.FlagRequests()); got != 0 {
			t.Errorf("%d questions went to the server, want none", got)
		}
	})
}

// Where only the value matters, no server is needed, and no client that works.
func TestTheDiscountWithoutAServer(t *testing.T) {
	t.Parallel()
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	client.OverrideFlags(map[string]any{"discount": "small"})
	if got := shop.Discount(customer(t), client); got != 0.05 {
		t.Errorf("the discount is %v, want 0.05", got)
	}
}
