package posthog_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A minute without an answer loses nothing, and everything is stored once.
func TestAnalyticsOutageLosesNothing(t *testing.T) {
	t.Parallel()
	config := posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, FlushTimeout: -1}
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1, Persist: 7})
		for i := range 60 {
			w.enqueue(i*100, (i+1)*100)
			w.pass(time.Second)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantRows(6000)
		w.wantStats(6000, 6000)
	})
}

// A uuid of the caller's is found in the answer however it is spelled.
func TestSpellingsOfUUIDsAreFoundInResults(t *testing.T) {
	const id = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	for name, given := range map[string]string{
		"canonical": id, "upper case": strings.ToUpper(id), "in braces": "{" + id + "}", "urn": "urn:uuid:" + id,
		"without hyphens": strings.ReplaceAll(id, "-", ""), "no uuid": "order 17",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				callback := new(told)
				config := analytics()
				config.Callback = callback
				client, server := open(t, config)
				msg := capture("e")
				msg.Uuid = given
				enqueue(t, client, msg)
				flush(t, client)
				if succeeded, failed := callback.counts(); succeeded != 1 || failed != 0 {
					t.Errorf("told of %d successes and %d failures, want 1 and 0", succeeded, failed)
				}
				if got := server.Rows()[0].UUID; (got != id) != (given == "order 17") {
					t.Errorf("uuid %q is stored as %q", given, got)
				}
			})
		})
	}
}

// One connection serves one batch after the other: answers are read to their
// end.
func TestAnalyticsConnectionsAreReused(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		for i := range 5 {
			if i == 2 {
				w.server.Inject(posthogtest.Fault{Status: 400})
			}
			w.enqueue(i, i+1)
			w.flush()
		}
		if dials := w.server.Dials(); dials != 1 {
			w.Errorf("got %d connections for 5 requests, want 1", dials)
		}
	})
}

// A refusal stays one if its text is cut off.
func TestARefusalWithHalfAText(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 400, Reset: posthogtest.ResetMidBody})
		w.enqueue(0, 1)
		w.flush()
		if s := requireLedger(w.T, w.client); s.Rejected != 1 || len(w.server.Requests()) != 1 {
			w.Errorf("got %+v after %d requests, want 1 rejected after 1", s, len(w.server.Requests()))
		}
	})
}

// A pause of a day is one of five minutes, with a partial answer as well.
func TestALongPauseIsCut(t *testing.T) {
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, FlushTimeout: -1}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Header: http.Header{"Retry-After": {"86400"}}})
		w.server.InjectEvents(posthogtest.EventFault{Result: "retry"})
		w.enqueue(0, 1)
		begin := time.Now()
		w.flush()
		if took := time.Since(begin); took != 5*time.Minute {
			w.Errorf("the event arrived after %v, want five minutes", took)
		}
	})
}

// A 413 shrinks batches only until they pass.
func TestAnalyticsBatchesGrowBack(t *testing.T) {
	config := analytics()
	config.BatchSize, config.FlushAt = 100, 100
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 413})
		for i := range 60 {
			w.enqueue(i*100, (i+1)*100)
			w.flush()
		}
		requests := w.server.Requests()
		if last := requests[len(requests)-1]; len(last.Events) != 100 {
			w.Errorf("the last batch has %d events, want 100", len(last.Events))
		}
		w.wantRows(6000)
	})
}

// A machine whose clock is an hour behind stores the right times.
func TestAnalyticsWithAWrongClock(t *testing.T) {
	t.Parallel()
	ahead := time.Hour
	server := posthogtest.NewServer(t, &posthogtest.Config{Now: func() time.Time { return time.Now().Add(ahead) }})
	client := dial(t, server, analytics())
	begin := time.Now()
	enqueue(t, client, capture("e"))
	flush(t, client)
	if at := server.Rows()[0].Timestamp; at.Before(begin.Add(ahead-time.Minute)) || at.After(begin.Add(ahead+time.Minute)) {
		t.Errorf("stored at %v, want the server's time, about %v", at, begin.Add(ahead))
	}
}

// An event that only the server finds too large is lost alone.
func TestAnalyticsLosesTheLargeEventAlone(t *testing.T) {
	config := analytics()
	config.MaxEventBytes = 2 << 20
	inWorld(t, config, func(w *world) {
		big := event(1)
		big.Properties["text"] = strings.Repeat("x", 1_010_000)
		w.enqueue(0, 1)
		enqueue(w.T, w.client, big)
		w.enqueue(2, 4)
		w.flush()
		if s := requireLedger(w.T, w.client); s.Delivered != 3 || s.Rejected != 1 {
			w.Errorf("got %+v, want 3 delivered and 1 rejected", s)
		}
	})
}
