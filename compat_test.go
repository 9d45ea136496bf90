package posthog_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Everything in this file is written as programs for posthog-go are: that it
// compiles is half of the proof.

// auditLog implements posthog.Callback and posthog.Logger in the signatures of
// posthog-go.
type auditLog struct{ successes, failures int }

func (a *auditLog) Success(msg posthog.APIMessage)            { a.successes++ }
func (a *auditLog) Failure(msg posthog.APIMessage, err error) { a.failures++ }
func (a *auditLog) Debugf(format string, args ...interface{}) {}
func (a *auditLog) Logf(format string, args ...interface{})   {}
func (a *auditLog) Warnf(format string, args ...interface{})  {}
func (a *auditLog) Errorf(format string, args ...interface{}) {}

var (
	_ posthog.Callback = (*auditLog)(nil)
	_ posthog.Logger   = (*auditLog)(nil)
	_ posthog.Logger   = posthog.StdLogger(log.New(io.Discard, "posthog ", log.LstdFlags), false)
)

// mockClient is what programs write to test themselves: the interface must not
// grow beneath them.
type mockClient struct{ posthog.Client }

func (mockClient) Enqueue(posthog.Message) error { return nil }
func (mockClient) Close() error                  { return nil }

// service holds a client by the interface, as most programs do.
type service struct{ client posthog.Client }

func (s service) signUp(id string) error {
	return errors.Join(
		s.client.Enqueue(posthog.Capture{
			DistinctId: id,
			Event:      "user signed up",
			Properties: posthog.NewProperties().Set("plan", "free").Set("login_type", "email"),
			Groups:     posthog.NewGroups().Set("company", "acme"),
		}),
		s.client.Enqueue(posthog.Capture{DistinctId: id, Event: "$pageview", Properties: map[string]interface{}{"$current_url": "https://example.com"}}),
		s.client.Enqueue(posthog.Identify{DistinctId: id, Properties: map[string]any{"email": "a@example.com"}}),
		s.client.Enqueue(&posthog.Alias{DistinctId: id, Alias: "session-id"}),
		s.client.Enqueue(posthog.GroupIdentify{Type: "company", Key: "acme", Properties: posthog.NewProperties().Merge(posthog.Properties{"name": "Acme"})}),
	)
}

// Proves GO-01, GO-03, GO-07, GO-38.
func TestProgramWrittenForPosthogGo(t *testing.T) {
	t.Parallel()
	audit := new(auditLog)
	client, server := open(t, posthog.Config{
		Interval:               30 * time.Second,
		BatchSize:              100,
		Verbose:                true,
		Logger:                 audit,
		Callback:               audit,
		DefaultEventProperties: posthog.NewProperties().Set("service", "shop"),
		BeforeSend:             func(msg posthog.Message) posthog.Message { return msg },
		RetryAfter:             func(attempt int) time.Duration { return time.Duration(attempt) * time.Second },
		MaxRetries:             posthog.Ptr(3),
		DisableGeoIP:           posthog.Ptr(true),
		ShutdownTimeout:        10 * time.Second,
		BatchUploadTimeout:     5 * time.Second,
		MaxEnqueuedRequests:    100,
		MaxQueueSize:           1000,
		HistoricalMigration:    false,
	})
	if err := (service{client}).signUp("u_1"); err != nil {
		t.Errorf("signUp: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if audit.successes != 5 || audit.failures != 0 {
		t.Errorf("told of %d successes and %d failures, want 5 and 0", audit.successes, audit.failures)
	}
	got := server.Recorder(t)
	got.Event("user signed up").Property("plan", "free").Property("service", "shop").Group("company", "acme")
	got.Event("$pageview").Property("$current_url", "https://example.com")
	got.Event("$identify").Set("email", "a@example.com")
	got.Event("$create_alias").Property("alias", "session-id")
	got.Event("$groupidentify").Property("$group_set", map[string]any{"name": "Acme"})
	if err := (service{mockClient{}}).signUp("u_1"); err != nil {
		t.Errorf("signUp with a mock: %v", err)
	}
}

// A BatchSize of one sends each event at once, as with posthog-go.
func TestBatchSizeOne(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{BatchSize: 1, Interval: time.Hour})
	enqueue(t, client, capture("e"))
	if err := server.WaitEvents(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

// Config takes any http.RoundTripper. Proves GO-38.
func TestTransportOfTheApplication(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, nil)
	next, proxied := server.Transport(), 0
	client := dial(t, server, posthog.Config{Workers: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		proxied++
		return next.RoundTrip(r)
	})})
	enqueue(t, client, capture("e"))
	one(t, client, server)
	if proxied != 1 {
		t.Errorf("the transport made %d requests, want 1", proxied)
	}
}

// Proves GO-07: maps grow from nothing, and a nil one is as good as an empty
// one.
func TestPropertiesAndGroups(t *testing.T) {
	t.Parallel()
	var p posthog.Properties
	var g posthog.Groups
	for name, c := range map[string]struct{ got, want any }{
		"Set of nil":          {p.Set("a", 1), map[string]any{"a": 1}},
		"Merge into nil":      {p.Merge(posthog.Properties{"a": 1}), map[string]any{"a": 1}},
		"Merge of nil":        {posthog.NewProperties().Set("a", 1).Merge(nil), map[string]any{"a": 1}},
		"Merge overwrites":    {posthog.Properties{"a": 1, "b": 1}.Merge(posthog.Properties{"b": 2}), map[string]any{"a": 1, "b": 2}},
		"Groups.Set of nil":   {g.Set("a", "b"), map[string]any{"a": "b"}},
		"Groups.Set in chain": {posthog.NewGroups().Set("a", "b").Set("a", "c"), map[string]any{"a": "c"}},
	} {
		if got, want := canonical(t, c.got), canonical(t, c.want); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// New is NewWithConfig without a Config, and never nil.
func TestNew(t *testing.T) {
	t.Parallel()
	client := posthog.New(testKey)
	if client == nil {
		t.Fatal("New returned nil")
	}
	if s := client.Stats(); s.Accepted != 0 || client.OptedOut() {
		t.Errorf("a new client has %+v", s)
	}
	if err := client.Close(); err != nil {
		t.Errorf("Close of an unused client: %v", err)
	}
}

// NewUUID makes increasing UUIDv7s that travel as they are.
func TestNewUUID(t *testing.T) {
	t.Parallel()
	last := ""
	for range 1000 {
		id := posthog.NewUUID()
		if !version7.MatchString(id) || id <= last {
			t.Fatalf("NewUUID gave %q after %q, want an increasing UUIDv7", id, last)
		}
		last = id
	}
	msg := capture("e")
	msg.Uuid = last
	if e := send(t, posthog.Config{}, msg); e.UUID != last {
		t.Errorf("uuid %q travels as %q", last, e.UUID)
	}
}
