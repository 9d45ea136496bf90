package posthog_test

import (
	"maps"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Events that were put into the spool under one protocol are sent by the other,
// as they are: a change of mode loses nothing and changes nothing. Not parallel,
// because a process that another test starts holds every lock for a moment.
func TestTheSpoolOutlivesAChangeOfMode(t *testing.T) {
	for name, c := range map[string]struct {
		before, after posthog.CaptureMode
		lacking       bool
	}{
		"from v0 to v1":              {posthog.CaptureModeLegacy, posthog.CaptureModeAnalyticsV1, false},
		"from v1 to v0":              {posthog.CaptureModeAnalyticsV1, posthog.CaptureModeLegacy, false},
		"from v0 to a missing route": {posthog.CaptureModeLegacy, posthog.CaptureModeAuto, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { changeMode(t, c.before, c.after, c.lacking) })
		})
	}
}

// changeMode puts events into a spool in one mode, sends them in another, and
// compares them with such that were sent in that mode without a detour.
func changeMode(t *testing.T, before, after posthog.CaptureMode, lacking bool) {
	t.Helper()
	special := capture("special")
	special.Properties = posthog.Properties{"$session_id": "s_9", "$process_person_profile": false, "plan": "pro"}
	fill := func(client *posthog.ServerClient) {
		for _, msg := range everyMessage() {
			enqueue(t, client, msg)
		}
		enqueue(t, client, special)
	}
	sent := func(config posthog.Config, put bool) map[string]string {
		server := posthogtest.NewServer(t, nil)
		if lacking {
			server.Inject(posthogtest.Fault{Path: posthogtest.RouteAnalytics, Status: 404, Times: -1})
		}
		client := dial(t, server, config)
		if put {
			fill(client)
		}
		flush(t, client)
		if s := requireLedger(t, client); s.Accepted != 7 || s.Delivered != 7 || s.Spool.Recovered != 7 && !put {
			t.Errorf("got %+v, want 7 events delivered", s)
		}
		rows := make(map[string]string)
		for _, e := range server.Rows() {
			rows[e.Name] = e.DistinctID + " " + canonical(t, e.Properties)
		}
		return rows
	}
	dir := posthog.SpoolConfig{Dir: t.TempDir()}
	down := posthogtest.NewServer(t, nil)
	down.Inject(posthogtest.Fault{Status: 503, Times: -1})
	first := connect(t, down, posthog.Config{CaptureMode: before, Spool: dir})
	fill(first)
	closeNow(t, first)
	got := sent(posthog.Config{CaptureMode: after, Spool: dir}, false)
	want := sent(posthog.Config{CaptureMode: after}, true)
	if !maps.Equal(got, want) {
		t.Errorf("by the spool they arrive as\n%v, want\n%v", got, want)
	}
}
