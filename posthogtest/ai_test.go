package posthogtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestTheAIRouteTakesAIEventsAlone(t *testing.T) {
	t.Parallel()
	limits := posthogtest.Limits{Event: 500, AIEvent: 1000, BatchBody: 4000}
	large := func(n, size int) string {
		e := event("$ai_generation", "u", n)
		return strings.Replace(e, `"properties":{`, `"properties":{"x":"`+strings.Repeat("x", size-len(e)-len(`"x":"",`))+`",`, 1)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		text   string
		stored int
		kind   posthogtest.WarningKind
	}{
		"an AI event":                         {batch(event("$ai_generation", "u", 1)), 200, `{"status":"Ok"}`, 1, ""},
		"several":                             {batch(event("$ai_generation", "u", 1), event("$ai_whatever", "u", 2)), 200, `{"status":"Ok"}`, 2, ""},
		"gzip":                                {zipped(batch(event("$ai_generation", "u", 1))), 200, `{"status":"Ok"}`, 1, ""},
		"another among them":                  {batch(event("$ai_generation", "u", 1), event("order paid", "u", 2)), 400, `event 2 of 2: the event "order paid" is not an AI event`, 0, posthogtest.RequestRejected},
		"nearly an AI event":                  {batch(event("ai_generation", "u", 1)), 400, "not an AI event", 0, posthogtest.RequestRejected},
		"a bad uuid, as on any older route":   {batch(`{"event":"$ai_trace","distinct_id":"u","uuid":"x"}`), 400, "not a UUID", 0, posthogtest.InvalidUUID},
		"no key":                              {`{"batch":[` + event("$ai_trace", "u", 1) + `]}`, 400, "no api_key", 0, posthogtest.RequestRejected},
		"an event larger than others may be":  {batch(large(1, 501)), 200, `{"status":"Ok"}`, 1, ""},
		"an event at the limit":               {batch(large(1, 1000)), 200, `{"status":"Ok"}`, 1, ""},
		"an event a byte over it, last":       {batch(event("$ai_trace", "u", 2), large(1, 1001)), 413, "event 2 of 2: maximum event size exceeded: 1001 bytes, the limit is 1000", 0, posthogtest.EventTooLarge},
		"a body larger than a batch may be":   {strings.Repeat(" ", 4001), 413, "the request body is larger than", 0, posthogtest.RequestRejected},
		"an AI cost that is a list":           {batch(`{"event":"$ai_trace","distinct_id":"u","properties":{"$ai_input_cost_usd":[1]}}`), 200, "", 1, posthogtest.AICostNotNumber},
		"a cost on an event of another price": {batch(`{"event":"$ai_trace","distinct_id":"u","properties":{"cost_usd":"x","$ai_input_cost_usd":null}}`), 200, "", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, &posthogtest.Config{Limits: limits})
			got := call(t, s, http.MethodPost, "/i/v0/ai/batch/", nil, c.body)
			if got.status != c.status || !strings.Contains(got.body, c.text) {
				t.Fatalf("%s: got %d %s, want %d with %q", cut(c.body), got.status, got.body, c.status, c.text)
			}
			if n := len(s.Events()); n != c.stored {
				t.Errorf("%s: got %d events stored, want %d", cut(c.body), n, c.stored)
			}
			var kind []posthogtest.WarningKind
			if c.kind != "" {
				kind = append(kind, c.kind)
			}
			if got := kinds(s); !slices.Equal(got, kind) {
				t.Errorf("%s: got warnings %v, want %v", cut(c.body), got, kind)
			}
			if got := s.Requests()[0].Route; got != posthogtest.RouteAIBatch {
				t.Errorf("got route %q, want %q", got, posthogtest.RouteAIBatch)
			}
		})
	}
}

func TestAnAIEventIsWelcomeOnTheOtherRoutes(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(event("$ai_generation", "u", 1)), 200)
	report(t, s, sheet(event("$ai_trace", "u", 2)))
	got := s.Recorder(t)
	got.Event("$ai_generation").Via(posthogtest.RouteBatch)
	got.Event("$ai_trace").Via(posthogtest.RouteAnalytics)
	got.Via(posthogtest.RouteAIBatch).Empty()
}

func TestTheAIRouteMeetsFaultsByItsName(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Path: posthogtest.RouteAIBatch, Status: 404, Times: -1})
	body := batch(event("$ai_trace", "u", 1))
	for range 2 {
		if got := call(t, s, http.MethodPost, "/i/v0/ai/batch/", nil, body); got.status != 404 || got.body != "Not Found" {
			t.Errorf("got %d %q, want a server that lacks the route", got.status, got.body)
		}
	}
	post(t, s, body, 200)
}
