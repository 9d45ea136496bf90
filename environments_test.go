package posthog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-50: one literal for each environment that a service runs in, and
// what each does with an event.
func TestAConfigForEachEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		config  posthog.Config
		arrives time.Duration // after the call of Enqueue; negative for never
		want    map[string]any
	}{
		"production": {
			config: posthog.Config{
				FlushAt: 200, Interval: 3 * time.Second, MaxQueueSize: 50_000, MaxRetries: posthog.Ptr(5), Compression: posthog.CompressionGzip,
				DefaultEventProperties: posthog.Properties{"environment": "production"},
			},
			arrives: 3 * time.Second, want: map[string]any{"environment": "production"},
		},
		"staging": {
			config: posthog.Config{
				Interval: time.Second, Verbose: true,
				DefaultEventProperties: posthog.Properties{"environment": "staging"},
			},
			arrives: time.Second, want: map[string]any{"environment": "staging"},
		},
		"development": {
			config:  posthog.Config{BatchSize: 1, Verbose: true, DisableGeoIP: posthog.Ptr(false)},
			arrives: 0, want: map[string]any{"environment": absent, "$geoip_disable": absent},
		},
		"a function that is frozen between calls": {
			config:  posthog.Config{SyncMode: true, FlushTimeout: 2 * time.Second, MaxRetries: posthog.Ptr(1)},
			arrives: 0, want: map[string]any{"environment": absent},
		},
		"a test that looks at what would be sent": {config: posthog.Config{DryRun: true, Verbose: true}, arrives: -1},
		"a test that has other worries":           {config: posthog.Config{Disabled: true}, arrives: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := open(t, c.config)
				begin := time.Now()
				enqueue(t, client, capture("e"))
				elapse(time.Minute)
				if err := client.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				requireLedger(t, client)
				if c.arrives < 0 {
					server.Recorder(t).Empty()
					return
				}
				events := arrived(t, server)
				if len(events) != 1 {
					t.Fatalf("%d events arrived, want 1", len(events))
				}
				requireProperties(t, events[0], c.want)
				if at := requestTime(t, server).Sub(begin); at != c.arrives {
					t.Errorf("the event arrived after %v, want %v", at, c.arrives)
				}
			})
		})
	}
}

// requestTime is when the only request came.
func requestTime(t *testing.T, server *posthogtest.Server) time.Time {
	t.Helper()
	requests := server.Requests()
	if len(requests) != 1 {
		t.Fatalf("%d requests, want 1", len(requests))
	}
	return requests[0].Time
}
