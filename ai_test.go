package posthog_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// generation is an event about the use of a language model.
func generation(i int) posthog.Capture {
	return posthog.Capture{DistinctId: "u_7", Event: "$ai_generation", Properties: posthog.Properties{"$ai_model": "m", "i": i}}
}

// large is one with so many bytes of text.
func large(bytes int) posthog.Capture {
	msg := generation(0)
	msg.Properties["$ai_input"] = strings.Repeat("x", bytes)
	return msg
}

// by returns the names of the events that came by a route.
func by(server *posthogtest.Server, route string) []string {
	var names []string
	for _, e := range server.Rows() {
		if e.Route == route {
			names = append(names, e.Name)
		}
	}
	return names
}

// Proves AI-1, AI-2, AI-3: the method decides where an event goes, and not its
// name.
func TestTheMethodChoosesTheLane(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		put       func(*posthog.ServerClient, posthog.Message) error
		msg       posthog.Message
		analytics []string
		ai        []string
	}{
		"Enqueue":                {(*posthog.ServerClient).Enqueue, capture("button_clicked"), []string{"button_clicked"}, nil},
		"Enqueue of an AI event": {(*posthog.ServerClient).Enqueue, generation(0), []string{"$ai_generation"}, nil},
		"EnqueueAI":              {(*posthog.ServerClient).EnqueueAI, generation(0), nil, []string{"$ai_generation"}},
		"EnqueueAIWithContext": {func(c *posthog.ServerClient, m posthog.Message) error {
			return c.EnqueueAIWithContext(t.Context(), m)
		}, generation(0), nil, []string{"$ai_generation"}},
		"SubmitAI": {func(c *posthog.ServerClient, m posthog.Message) error {
			_, err := c.SubmitAI(t.Context(), m)
			return err
		}, generation(0), nil, []string{"$ai_generation"}},
		"SendAI": {func(c *posthog.ServerClient, m posthog.Message) error {
			_, err := c.SendAI(t.Context(), m)
			return err
		}, generation(0), nil, []string{"$ai_generation"}},
		"the function": {func(c *posthog.ServerClient, m posthog.Message) error {
			return posthog.EnqueueAIWithContext(t.Context(), c, m)
		}, generation(0), nil, []string{"$ai_generation"}},
	} {
		for mode := range eachMode(0) {
			t.Run(mode.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				client, server := open(t, posthog.Config{CaptureMode: mode})
				if err := c.put(client, c.msg); err != nil {
					t.Fatalf("got error %v, want none", err)
				}
				flush(t, client)
				route := posthogtest.RouteBatch
				if mode == posthog.CaptureModeAnalyticsV1 {
					route = posthogtest.RouteAnalytics
				}
				if got := by(server, route); !slices.Equal(got, c.analytics) {
					t.Errorf("the analytics endpoint got %q, want %q", got, c.analytics)
				}
				if got := by(server, posthogtest.RouteAIBatch); !slices.Equal(got, c.ai) {
					t.Errorf("the AI endpoint got %q, want %q", got, c.ai)
				}
			})
		}
	}
}

// Proves AI-1, AI-4: an AI event has everything that others have: a uuid that
// the caller learns, or gave; a time; the library's properties; the request
// context; and hooks see it.
func TestAnAIEventIsAnEvent(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{
		Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event { e.Properties["hooked"] = true; return e }},
	})
	at := time.Date(2026, 8, 22, 9, 15, 4, 123456789, time.FixedZone("", 2*60*60))
	given := generation(0)
	given.Uuid, given.Timestamp, given.DistinctId = "0198c0de-0000-7000-8000-000000000abc", at, ""
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_9", SessionId: "s_9"})
	first, err := client.SubmitAI(ctx, given)
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.SubmitAI(t.Context(), generation(1))
	if err != nil {
		t.Fatal(err)
	}
	flush(t, client)
	events := arrived(t, server)
	if len(events) != 2 || events[0].UUID != given.Uuid || first.UUID != given.Uuid || !version7.MatchString(second.UUID) || events[1].UUID != second.UUID {
		t.Fatalf("got events %v under the uuids %s and %s, want %s and a new UUIDv7", events, first.UUID, second.UUID, given.Uuid)
	}
	if e := events[0]; e.DistinctID != "u_9" || e.Timestamp != "2026-08-22T07:15:04.123456789Z" {
		t.Errorf("got distinct id %s at %s, want u_9 at 2026-08-22T07:15:04.123456789Z", e.DistinctID, e.Timestamp)
	}
	requireProperties(t, events[0], map[string]any{"$lib": "hedgerow", "$session_id": "s_9", "hooked": true, "$ai_model": "m"})
	for _, d := range []*posthog.Delivery{first, second} {
		if err := d.Wait(t.Context()); err != nil {
			t.Errorf("Delivery.Wait: %v", err)
		}
	}
}

// Proves AI-5: an event that is too large is refused at once, and neither the
// error nor the log holds anything of it but its name and its size.
func TestAnAIEventThatIsTooLarge(t *testing.T) {
	t.Parallel()
	log := new(logLines)
	client, server := open(t, posthog.Config{Logger: log, CaptureAIMaxEventBytes: 2 << 20})
	if err := client.EnqueueAI(large(1 << 20)); err != nil {
		t.Errorf("EnqueueAI of a megabyte: %v", err)
	}
	msg := large(2 << 20)
	msg.Properties["$ai_output"] = "a secret"
	err := client.EnqueueAI(msg)
	if !errors.Is(err, posthog.ErrMessageTooBig) {
		t.Fatalf("EnqueueAI of two megabytes: got %v, want ErrMessageTooBig", err)
	}
	log.requireLine(t, "WARN", "$ai_generation", fmt.Sprint(2<<20), "CaptureAIMaxEventBytes")
	for _, text := range append(log.all(), err.Error()) {
		if strings.Contains(text, "secret") || strings.Contains(text, "xxx") || len(text) > 500 {
			t.Errorf("the content of the event is in %.500q", text)
		}
	}
	if err := client.Enqueue(large(1 << 20)); !errors.Is(err, posthog.ErrMessageTooBig) {
		t.Errorf("Enqueue of a megabyte: got %v, want ErrMessageTooBig", err)
	}
	flush(t, client)
	if got := len(server.Rows()); got != 1 {
		t.Errorf("%d events arrived, want 1", got)
	}
	s := client.LaneStats(posthog.LaneAI)
	if s.RefusedBy[posthog.RefusalTooLarge] != 1 || s.Delivered != 1 {
		t.Errorf("got %+v, want one refused and one delivered", s)
	}
}

// Proves AI-6: while the AI endpoint cannot be reached, callers notice nothing,
// and the events arrive afterwards as they were, under the same uuids.
func TestTheAIEndpointIsDown(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteAIBatch, Reset: posthogtest.ResetBeforeResponse, Persist: -1, Times: 5})
		for i := range 3 {
			if err := w.client.EnqueueAI(generation(i)); err != nil {
				w.Errorf("EnqueueAI: %v", err)
			}
			w.pass(time.Minute)
		}
		w.flush()
		if got := len(w.server.Rows()); got != 3 {
			w.Errorf("%d events are stored, want 3, each once", got)
		}
		w.wantStats(3, 3)
	})
}

// Proves AI-9: no AI endpoint, however slow, changes when other events arrive.
func TestTheLanesDoNotWaitForEachOther(t *testing.T) {
	arrivals := func(withAI bool) (times []time.Duration) {
		inWorld(t, posthog.Config{FlushAt: 10, Interval: time.Second, Workers: 2}, func(w *world) {
			begin := time.Now()
			if withAI {
				w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteAIBatch, Hang: true, Times: -1})
				for range 3 {
					if err := w.client.EnqueueAI(large(6_000_000)); err != nil {
						w.Fatal(err)
					}
				}
			}
			for i := range 1000 {
				w.enqueue(i, i+1)
				w.pass(7 * time.Millisecond)
			}
			if err := w.server.WaitEvents(w.Context(), 1000); err != nil {
				w.Fatal(err)
			}
			for _, e := range w.server.Events() {
				times = append(times, e.Received.Sub(begin))
			}
			if s := w.client.LaneStats(posthog.LaneAI); withAI && (s.InFlight == 0 || s.Pending != 3) {
				w.Errorf("got %+v, want 3 large events under way", s)
			}
		})
		return times
	}
	if alone, beside := arrivals(false), arrivals(true); !slices.Equal(alone, beside) {
		t.Errorf("beside large AI events, others arrive at other times: %v and %v", alone[:20], beside[:20])
	}
}

// An event with another kind of name is refused by the AI endpoint, and harms
// none but itself.
func TestAMisfiledEventHarmsNoOther(t *testing.T) {
	log := new(logLines)
	inWorld(t, posthog.Config{Interval: time.Hour, Logger: log, Verbose: true}, func(w *world) {
		for i := range 6 {
			msg := generation(i)
			if i == 2 || i == 3 {
				msg.Event = "button_clicked"
			}
			if err := w.client.EnqueueAI(msg); err != nil {
				w.Fatal(err)
			}
		}
		w.flush()
		s := w.client.LaneStats(posthog.LaneAI)
		if s.Delivered != 4 || s.Rejected != 2 || len(w.server.Requests()) != 3 {
			w.Errorf("got %+v after %d requests, want 4 delivered and 2 rejected after 3", s, len(w.server.Requests()))
		}
		log.requireLine(w.T, "DEBUG", "button_clicked", "$ai_")
		result, err := w.client.SendAI(w.Context(), generation(7), capture("button_clicked"), generation(8))
		if err == nil || result.Persisted() != 2 || result.Events[1].Verdict != posthog.VerdictRejected {
			w.Errorf("SendAI: got %+v, %v, want the one in the middle rejected", result, err)
		}
	})
}

// A server without the AI endpoint gets AI events with all others.
func TestAServerWithoutTheAIEndpoint(t *testing.T) {
	log := new(logLines)
	inWorld(t, posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Interval: time.Hour, Logger: log}, func(w *world) {
		lacking(w, posthogtest.RouteAIBatch, 404)
		for i := range 3 {
			if err := w.client.EnqueueAI(generation(i)); err != nil {
				w.Fatal(err)
			}
		}
		w.flush()
		if err := w.client.EnqueueAI(generation(3)); err != nil {
			w.Fatal(err)
		}
		w.enqueue(0, 1)
		w.flush()
		w.wantStats(5, 5)
		if got, want := w.routes(), "ai v0 "; !strings.HasPrefix(got, want) || strings.Count(got, "ai") != 1 {
			w.Errorf("the requests went to %s, want one to the AI endpoint and then /batch/", got)
		}
		log.requireLine(w.T, "WARN", "/i/v0/ai/batch/", "/batch/")
	})
}

// Large events travel in requests of about five megabytes.
func TestAIBatchesAreBoundedByBytes(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		for range 8 {
			if err := w.client.EnqueueAI(large(1 << 20)); err != nil {
				w.Fatal(err)
			}
		}
		if err := w.client.EnqueueAI(large(6 << 20)); err != nil {
			w.Fatal(err)
		}
		w.flush()
		var sizes []int
		for _, r := range w.server.Requests() {
			sizes = append(sizes, len(r.Events))
		}
		if want := []int{4, 4, 1}; !slices.Equal(sizes, want) {
			w.Errorf("the requests have %d events, want %d", sizes, want)
		}
	})
}

// Callbacks come one at a time, whatever lane the event took.
func TestCallbacksOfBothLanesComeOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running sync.Mutex
		callback := &told{success: func(*posthog.Event) {
			if !running.TryLock() {
				t.Error("two callbacks run at the same time")
				return
			}
			timer := time.NewTimer(time.Millisecond)
			<-timer.C
			running.Unlock()
		}}
		client, _ := open(t, posthog.Config{Callback: callback})
		for i := range 20 {
			enqueue(t, client, event(i))
			if err := client.EnqueueAI(generation(i)); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, client)
		if succeeded, _ := callback.counts(); succeeded != 40 {
			t.Errorf("told of %d events, want 40", succeeded)
		}
	})
}
