package posthog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves PY-36: many events through a slow server, in large requests, without
// a loss.
func TestHighVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 10_000
		client, server := open(t, posthog.Config{FlushAt: 500, Interval: 5 * time.Second, MaxQueueSize: events, Workers: 3, MaxRetries: posthog.Ptr(10)})
		server.Inject(posthogtest.Fault{Delay: 50 * time.Millisecond, Times: -1})
		begin := time.Now()
		for range events {
			enqueue(t, client, capture("e"))
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		s := requireLedger(t, client)
		if s.Delivered != events || len(server.Events()) != events {
			t.Errorf("delivered %d, arrived %d, want %d", s.Delivered, len(server.Events()), events)
		}
		if got := len(server.Requests()); got > events/500 {
			t.Errorf("%d requests, want at most %d", got, events/500)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("took %v, want at most a second for 20 requests of 50ms by three workers", took)
		}
	})
}

// Proves PY-35: what a production service decides fits into one literal.
func TestProductionConfig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lost []error
		client, server := open(t, posthog.Config{
			FlushAt:                200,
			Interval:               2 * time.Second,
			MaxQueueSize:           50_000,
			Compression:            posthog.CompressionGzip,
			MaxRetries:             posthog.Ptr(5),
			BatchUploadTimeout:     30 * time.Second,
			DisableGeoIP:           posthog.Ptr(true),
			DefaultEventProperties: posthog.Properties{"service": "shop", "environment": "production"},
			OnError:                func(err error) { lost = append(lost, err) },
		})
		server.Inject(posthogtest.Fault{Status: 503}, posthogtest.Fault{Hang: true})
		for range 150 {
			enqueue(t, client, capture("e"))
		}
		elapse(time.Minute)
		server.Recorder(t).Count("e", 150)
		if len(lost) != 0 || len(server.Requests()) != 3 {
			t.Errorf("lost %v in %d requests, want nothing lost in 3", lost, len(server.Requests()))
		}
		requireProperties(t, arrived(t, server)[0], map[string]any{"service": "shop", "environment": "production", "$geoip_disable": true})
	})
}

// Proves PY-38: few events, sent soon.
func TestLowLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := open(t, posthog.Config{FlushAt: 10, Interval: 100 * time.Millisecond})
		enqueue(t, client, capture("e"))
		elapse(100 * time.Millisecond)
		server.Recorder(t).Count("e", 1)
	})
}
