package posthog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// lacking makes a server one that does not have a route.
func lacking(w *world, route string, status int) {
	w.server.Inject(posthogtest.Fault{Path: route, Status: status, Times: -1})
}

// A server without the endpoint gets everything by the older one, at once and
// from then on, and the log says so once.
func TestAutoTurnsToTheOlderEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		deliver func(w *world)
	}{
		"from the queue, 404": {404, func(w *world) { w.enqueue(0, 3); w.flush() }},
		"from the queue, 405": {405, func(w *world) { w.enqueue(0, 3); w.flush() }},
		"with Send": {404, func(w *world) {
			if got, err := w.client.Send(w.Context(), event(0), event(1), event(2)); err != nil || got.Persisted() != 3 {
				w.Errorf("Send: got %v, %v, want 3 events", got, err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			config := posthog.Config{CaptureMode: posthog.CaptureModeAuto, MaxRetries: posthog.Ptr(0), Interval: time.Hour, Logger: log}
			inWorld(t, config, func(w *world) {
				lacking(w, posthogtest.RouteAnalytics, c.status)
				begin := time.Now()
				c.deliver(w)
				w.enqueue(3, 6)
				w.flush()
				if took := time.Since(begin); took != 0 {
					w.Errorf("it took %v, want no time", took)
				}
				w.wantRows(6)
				w.wantStats(6, 6)
				if got, want := w.routes(), "v1 v0 v0"; got != want {
					w.Errorf("requests went to %s, want %s", got, want)
				}
				if lines := log.having("does not have /i/v1/analytics/events"); len(lines) != 1 {
					w.Errorf("the log says %q, want one line about it", lines)
				}
			})
		})
	}
}

// routes names the endpoints of the requests in their order.
func (w *world) routes() string {
	var names []string
	for _, r := range w.server.Requests() {
		names = append(names, map[string]string{
			posthogtest.RouteBatch: "v0", posthogtest.RouteAnalytics: "v1", posthogtest.RouteAIBatch: "ai",
		}[r.Route])
	}
	return strings.Join(names, " ")
}

// Batches that were under way when the endpoint turned out to be missing go
// again as well.
func TestAutoWithRequestsUnderWay(t *testing.T) {
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAuto, FlushAt: 5, BatchSize: 5, MaxRetries: posthog.Ptr(0)}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteAnalytics, Status: 404, Delay: time.Second, Times: -1})
		w.enqueue(0, 40)
		w.flush()
		w.wantRows(40)
		w.wantStats(40, 40)
	})
}

// Close leaves nothing behind because the endpoint is missing.
func TestAutoDuringClose(t *testing.T) {
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAuto, Interval: time.Hour}, func(w *world) {
		lacking(w, posthogtest.RouteAnalytics, 404)
		w.enqueue(0, 40)
		w.close()
		w.wantRows(40)
	})
}

// Where there is an endpoint, Auto stays with it, and no other status turns it
// away.
func TestAutoStaysWhereItIsServed(t *testing.T) {
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAuto, Interval: time.Hour}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503}, posthogtest.Fault{Status: 400})
		w.enqueue(0, 1)
		w.flush()
		w.enqueue(1, 2)
		w.flush()
		if got, want := w.routes(), "v1 v1 v1"; got != want {
			w.Errorf("requests went to %s, want %s", got, want)
		}
	})
}

// The mode that has no other to turn to says what is wrong.
func TestAMissingEndpointIsNamed(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		lacking(w, posthogtest.RouteAnalytics, 404)
		d, err := w.client.Submit(w.Context(), event(0))
		if err != nil {
			w.Fatal(err)
		}
		w.flush()
		if err := d.Wait(w.Context()); err == nil || !strings.Contains(err.Error(), "Config.CaptureMode") {
			w.Errorf("Delivery.Wait: got %v, want a hint at Config.CaptureMode", err)
		}
	})
}

// Each lane says for itself that it turned to another endpoint.
func TestEachLaneNamesItsMissingEndpoint(t *testing.T) {
	log := new(logLines)
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAuto, Interval: time.Hour, Logger: log}, func(w *world) {
		lacking(w, posthogtest.RouteAnalytics, 404)
		lacking(w, posthogtest.RouteAIBatch, 404)
		w.enqueue(0, 1)
		if err := w.client.EnqueueAI(generation(0)); err != nil {
			w.Fatal(err)
		}
		w.flush()
		log.requireLine(w.T, "WARN", "does not have /i/v1/analytics/events")
		log.requireLine(w.T, "WARN", "does not have /i/v0/ai/batch/")
	})
}

func TestCaptureModeString(t *testing.T) {
	t.Parallel()
	for mode, want := range map[posthog.CaptureMode]string{
		posthog.CaptureModeLegacy: "v0", posthog.CaptureModeAnalyticsV1: "v1", posthog.CaptureModeAuto: "auto", 9: "unknown",
	} {
		if got := mode.String(); got != want {
			t.Errorf("CaptureMode(%d).String() = %q, want %q", mode, got, want)
		}
	}
}
