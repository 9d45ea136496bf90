package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// said is what a server says about one event, and what has to become of it
// with three retries.
var said = map[string]struct {
	fault   posthogtest.EventFault
	outcome posthog.Outcome
	result  string
	details string
	verdict posthog.Verdict
	times   int // that it is sent, after what fails before
}{
	"ok":            {posthogtest.EventFault{Result: "ok"}, posthog.OutcomeDelivered, "ok", "", posthog.VerdictPersisted, 1},
	"ok, with why":  {posthogtest.EventFault{Result: "ok", Details: "person_processing_disabled"}, posthog.OutcomeDelivered, "ok", "person_processing_disabled", posthog.VerdictPersisted, 1},
	"warning":       {posthogtest.EventFault{Result: "warning"}, posthog.OutcomeDelivered, "warning", "", posthog.VerdictPersisted, 1},
	"over quota":    {posthogtest.EventFault{Result: "drop", Details: "llm_events_over_quota"}, posthog.OutcomeBillingLimit, "drop", "llm_events_over_quota", posthog.VerdictRejected, 1},
	"drop":          {posthogtest.EventFault{Result: "drop", Details: "invalid_options"}, posthog.OutcomeRejected, "drop", "invalid_options", posthog.VerdictRejected, 1},
	"limited":       {posthogtest.EventFault{Result: "limited"}, posthog.OutcomeBillingLimit, "limited", "", posthog.VerdictRejected, 1},
	"a new word":    {posthogtest.EventFault{Result: "quarantined", Details: "a\nnew one"}, posthog.OutcomeRejected, "quarantined", "a new one", posthog.VerdictRejected, 1},
	"nothing":       {posthogtest.EventFault{Omit: true}, posthog.OutcomeUnconfirmed, "", "", posthog.VerdictUnknown, 1},
	"retry":         {posthogtest.EventFault{Result: "retry", Details: "not_persisted"}, posthog.OutcomeDelivered, "ok", "", posthog.VerdictPersisted, 2},
	"always retry":  {posthogtest.EventFault{Result: "retry", Details: "not_persisted", Times: -1}, posthog.OutcomeRetriesExhausted, "retry", "not_persisted", posthog.VerdictRetryable, 0},
	"retry, stored": {posthogtest.EventFault{Result: "retry", Persist: true}, posthog.OutcomeDelivered, "ok", "", posthog.VerdictPersisted, 2},
}

// before is what the requests meet before they are judged event by event.
var before = map[string][]posthogtest.Fault{
	"at once":             nil,
	"after a 503":         {{Status: 503}},
	"after a 429":         {{Status: 429}},
	"after a lost answer": {{Reset: posthogtest.ResetBeforeResponse, Persist: -1}},
	"after half a 200":    {{Status: 200, Body: `{"results":{"0198f2c4-7a10-7c3e`}},
	"after a 413":         {{Status: 413}},
	"after two 413":       {{Status: 413, Times: 2}},
	"after a 503 and 413": {{Status: 503}, {Status: 413}},
}

// Proves HV1-3, HV1-4: whatever is said about one event of six, the ledger, the
// Delivery, the Callback and Send agree about each of them, and the others are
// stored and not sent again.
func TestEveryResult(t *testing.T) {
	t.Parallel()
	for word, usual := range said {
		for when, faults := range before {
			c := usual
			if c.outcome == posthog.OutcomeRetriesExhausted && (when == "after a lost answer" || when == "after half a 200") {
				c.outcome, c.verdict = posthog.OutcomeUnconfirmed, posthog.VerdictUnknown // the first request may have stored it
			}
			t.Run(word+" "+when, func(t *testing.T) {
				t.Parallel()
				callback := new(outcomes)
				config := analytics()
				config.MaxRetries, config.Callback = posthog.Ptr(3), callback
				inWorld(t, config, func(w *world) {
					w.server.Inject(faults...)
					w.server.InjectEvents(aboutEvent2(c.fault))
					var deliveries []*posthog.Delivery
					for i := range 6 {
						d, err := w.client.Submit(w.Context(), event(i))
						if err != nil {
							w.Fatal(err)
						}
						deliveries = append(deliveries, d)
					}
					w.flush()
					for i, d := range deliveries {
						outcome, result, details := posthog.OutcomeDelivered, "ok", ""
						if i == 2 {
							outcome, result, details = c.outcome, c.result, c.details
						}
						err := d.Wait(w.Context())
						requireEnd(w.T, fmt.Sprintf("Delivery of event %d", i), err, outcome, result, details)
						if d.Result != result || d.Details != details {
							w.Errorf("Delivery of event %d: got result %q, details %q, want %q, %q", i, d.Result, d.Details, result, details)
						}
						requireEnd(w.T, fmt.Sprintf("Callback for event %d", i), callback.failed[event(i).Event], outcome, result, details)
						if told := slices.Contains(callback.succeeded, event(i).Event); told != (outcome == posthog.OutcomeDelivered) {
							w.Errorf("Callback.Success was called for event %d: %v", i, told)
						}
					}
					requireCounts(w.T, w.client, 6, c.outcome)
					w.wantResends(c.times)
				})
			})
			t.Run("Send, "+word+" "+when, func(t *testing.T) {
				t.Parallel()
				inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, MaxRetries: posthog.Ptr(3)}, func(w *world) {
					w.server.Inject(faults...)
					w.server.InjectEvents(aboutEvent2(c.fault))
					got, err := w.client.Send(w.Context(), event(0), event(1), event(2), event(3), event(4), event(5))
					for i, r := range got.Events {
						outcome, result, details, verdict := posthog.OutcomeDelivered, "ok", "", posthog.VerdictPersisted
						if i == 2 {
							outcome, result, details, verdict = c.outcome, c.result, c.details, c.verdict
						}
						if r.Verdict != verdict || r.Result != result || r.Details != details {
							w.Errorf("result of event %d: got %+v, want %s, %q, %q", i, r, verdict, result, details)
						}
						requireEnd(w.T, fmt.Sprintf("error of event %d", i), r.Err, outcome, result, details)
					}
					requireEnd(w.T, "error of Send", err, c.outcome, c.result, c.details)
					requireCounts(w.T, w.client, 6, c.outcome)
					w.wantResends(c.times)
				})
			})
		}
	}
}

// aboutEvent2 is a fault that meets that event alone.
func aboutEvent2(fault posthogtest.EventFault) posthogtest.EventFault {
	fault.Event = event(2).Event
	return fault
}

// requireEnd fails the test unless err is that of an event which ended so.
func requireEnd(t *testing.T, who string, err error, outcome posthog.Outcome, result, details string) {
	t.Helper()
	if outcome == posthog.OutcomeDelivered {
		if err != nil {
			t.Errorf("%s: got %v, want none", who, err)
		}
		return
	}
	var failure *posthog.DeliveryError
	if !errors.As(err, &failure) || failure.Outcome != outcome || failure.Result != result || failure.Details != details || failure.Events != 1 {
		t.Errorf("%s: got %+v, want outcome %s, result %q, details %q", who, failure, outcome, result, details)
	}
}

// requireCounts fails the test unless one of so many events ended in one way,
// and all others were delivered.
func requireCounts(t *testing.T, client *posthog.ServerClient, accepted uint64, one posthog.Outcome) {
	t.Helper()
	got := requireLedger(t, client)
	want := posthog.Stats{Accepted: accepted, Delivered: accepted - 1}
	switch one {
	case posthog.OutcomeDelivered:
		want.Delivered++
	case posthog.OutcomeUnconfirmed:
		want.Unconfirmed++
	case posthog.OutcomeRejected:
		want.Rejected++
	case posthog.OutcomeBillingLimit:
		want.Rejected++
		want.BillingLimited++
	default:
		want.Dropped++
	}
	if got.Accepted != want.Accepted || got.Delivered != want.Delivered || got.Unconfirmed != want.Unconfirmed ||
		got.Rejected != want.Rejected || got.BillingLimited != want.BillingLimited || got.Dropped != want.Dropped {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// wantResends fails the test unless event 2 was in so many requests that were
// judged event by event, if not 0, and every other in one; and unless each of
// these had the id of the one before it, if that held the event as well.
func (w *world) wantResends(times int) {
	w.Helper()
	sent := make(map[string]int)
	id, attempt := "", 0
	for _, r := range w.server.Requests() {
		if len(r.Verdicts) == 0 {
			continue
		}
		for _, v := range r.Verdicts {
			sent[v.Event]++
			if v.Event != event(2).Event {
				continue
			}
			if id != "" && (r.RequestID != id || r.Attempt != attempt+1) {
				w.Errorf("event 2 is sent again as attempt %d of %s, want %d of %s", r.Attempt, r.RequestID, attempt+1, id)
			}
			id, attempt = r.RequestID, r.Attempt
		}
	}
	for i := range 6 {
		want := 1
		if i == 2 {
			want = times
		}
		if got := sent[event(i).Event]; got != want && want > 0 {
			w.Errorf("event %d was sent %d times, want %d", i, got, want)
		}
	}
}

// Proves HV1-4: the pause that comes with a partial answer is kept, and what is
// sent again is that alone, in order.
func TestRetryAfterOfAPartialAnswer(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.server.Inject(posthogtest.Fault{Header: http.Header{"Retry-After": {"3"}}})
		w.server.InjectEvents(
			posthogtest.EventFault{Position: 2, Result: "retry"},
			posthogtest.EventFault{Position: 4, Result: "retry", Details: "not_persisted"},
		)
		w.enqueue(0, 5)
		w.flush()
		requests := w.server.Requests()
		if gaps := w.gaps(); len(gaps) != 1 || gaps[0] < 3*time.Second || gaps[0] > 5*time.Second {
			w.Fatalf("the requests are %v apart, want one gap of 3s or a little more", gaps)
		}
		var names []string
		for _, v := range requests[1].Verdicts {
			names = append(names, v.Event)
		}
		if want := []string{event(1).Event, event(3).Event}; !slices.Equal(names, want) {
			w.Errorf("the second request has %q, want %q", names, want)
		}
		w.wantRows(5)
		w.wantStats(5, 5)
	})
}

// What a server answers with 200 that is not about events is no success, and
// nothing is sent twice for it.
func TestAnswersThatSayNothing(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no results":        `{"results":{}}`,
		"another endpoint":  `{"status":"Ok"}`,
		"a landing page":    "<!DOCTYPE html><p>Welcome",
		"nothing":           " ",
		"a list":            `[]`,
		"events of others":  `{"results":{"0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22":{"result":"ok"}}}`,
		"results of a kind": `{"results":{"0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22":true}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			config := analytics()
			config.Logger = log
			inWorld(t, config, func(w *world) {
				w.server.Inject(posthogtest.Fault{Status: 200, Body: body, Times: -1})
				w.enqueue(0, 3)
				w.flush()
				synctest.Wait() // the log comes last
				if s := requireLedger(w.T, w.client); s.Unconfirmed != 3 || len(w.server.Requests()) != 1 {
					w.Errorf("got %+v after %d requests, want 3 unconfirmed events after one", s, len(w.server.Requests()))
				}
				if lines := log.having("unconfirmed"); len(lines) != 1 {
					w.Errorf("the log says %q, want one line about it", lines)
				}
			})
		})
	}
}

// A partial answer is no outage: others go on at once, in whole batches.
func TestAPartialAnswerIsNoOutage(t *testing.T) {
	config := analytics()
	config.Workers, config.FlushAt, config.BatchSize = 4, 10, 10
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Header: http.Header{"Retry-After": nil}, Times: -1}) // which would stop the lane
		w.server.InjectEvents(posthogtest.EventFault{Event: event(3).Event, Result: "retry", Times: 6})
		w.enqueue(0, 200)
		synctest.Wait()
		if got := len(w.server.Rows()); got != 199 {
			w.Errorf("before any time has passed, %d events are stored, want all but one of 200", got)
		}
		w.flush()
		w.wantRows(200)
	})
}

// An event that is never stored is given up after DefaultRetryBudget, because
// others are stored; while none is, all are kept.
func TestAnEventThatIsNeverStored(t *testing.T) {
	config := analytics()
	config.FlushTimeout, config.Workers = -1, 4
	inWorld(t, config, func(w *world) {
		w.server.InjectEvents(posthogtest.EventFault{Event: event(0).Event, Result: "retry", Times: -1})
		w.enqueue(0, 1)
		for i := 1; i < 40; i++ {
			w.enqueue(i, i+1)
			w.flushWithin(time.Minute)
		}
		if s := requireLedger(w.T, w.client); s.DroppedBy[posthog.OutcomeRetriesExhausted] != 1 || s.Delivered != 39 {
			w.Errorf("after 40 minutes of one event that is never stored: got %+v, want it given up", s)
		}
	})
	inWorld(t, config, func(w *world) {
		w.server.InjectEvents(posthogtest.EventFault{Result: "retry", Times: -1})
		for i := range 90 {
			w.enqueue(i, i+1)
			w.flushWithin(time.Minute)
		}
		w.server.ClearFaults()
		w.flush()
		w.wantRows(90)
		w.wantStats(90, 90)
	})
}

// An answer that asks for an event again speaks of its own request. It says
// nothing of an earlier one that was not answered.
func TestADoubtOutlastsARetry(t *testing.T) {
	inWorld(t, analytics(), func(w *world) {
		w.server.Inject(posthogtest.Fault{Hang: true}, posthogtest.Fault{})
		w.server.InjectEvents(posthogtest.EventFault{Event: event(1).Event, Result: "retry", Times: -1})
		w.enqueue(0, 3)
		ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
		defer cancel()
		_ = w.client.CloseWithContext(ctx)
		if s := requireLedger(w.T, w.client); s.Delivered != 2 || s.Unconfirmed != 1 {
			w.Errorf("got %+v, want 2 delivered and 1 unconfirmed", s)
		}
	})
}
