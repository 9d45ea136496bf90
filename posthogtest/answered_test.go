package posthogtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// retried is a server that asked for "a" of u again and dropped "b" of v.
func retried(t *testing.T) *posthogtest.Server {
	t.Helper()
	s := still(t, posthogtest.Config{})
	s.InjectEvents(
		posthogtest.EventFault{Event: "a", Result: posthogtest.ResultRetry, Details: "not_persisted"},
		posthogtest.EventFault{Event: "b", Result: posthogtest.ResultDrop, Details: "rejected"},
		posthogtest.EventFault{Event: "c", Omit: true},
	)
	report(t, s, sheet(event("a", "u", 1), event("b", "v", 2), event("c", "v", 3)))
	report(t, s, sheet(event("a", "u", 1)), "PostHog-Attempt", "2")
	post(t, s, batch(event("a", "u", 4)), 200) // has no results
	return s
}

func TestAnsweredStatesEveryResultInOrder(t *testing.T) {
	t.Parallel()
	const ok, retry, drop = posthogtest.ResultOK, posthogtest.ResultRetry, posthogtest.ResultDrop
	s := retried(t)
	got := s.Recorder(t)
	got.Answered("a", retry, ok)
	got.Answered("b", drop)
	got.Answered("c", "")
	got.Answered("d")
	got.For("u").Answered("a", retry, ok)
	got.For("v").Answered("a")
	got.Via("/i/v1/analytics/events/").Answered("b", drop)
	got.Via(posthogtest.RouteBatch).Answered("a")

	for name, c := range map[string]struct {
		state func(*posthogtest.Recorder)
		want  []string
	}{
		"a result that is another": {func(r *posthogtest.Recorder) { r.Answered("a", retry, drop) }, []string{
			"event \"a\": answered otherwise\n  want: [retry, drop]\n  got:  [retry, ok]\n" +
				"  request 1, attempt 1: retry (not_persisted)\n  request 2, attempt 2: ok\n"}},
		"one that is missing":  {func(r *posthogtest.Recorder) { r.Answered("a", retry) }, []string{"want: [retry]"}},
		"one left out":         {func(r *posthogtest.Recorder) { r.Answered("c", ok) }, []string{"got:  [(left out)]", "request 1, attempt 1: left out"}},
		"another name":         {func(r *posthogtest.Recorder) { r.Answered("A", ok) }, []string{"got:  []", `nearest: "a"`}},
		"somebody else's":      {func(r *posthogtest.Recorder) { r.For("v").Answered("a", retry, ok) }, []string{`event "a" of "v"`}},
		"an event of no route": {func(r *posthogtest.Recorder) { r.Via(posthogtest.RouteBatch).Answered("a", ok) }, []string{"no event by /batch was answered by itself"}},
	} {
		tb := new(fakeTB)
		c.state(s.Recorder(tb))
		text := strings.Join(tb.errors, "|")
		if len(tb.errors) != 1 || slices.ContainsFunc(c.want, func(want string) bool { return !strings.Contains(text, want) }) {
			t.Errorf("%s: got %q, want one failure with %q", name, tb.errors, c.want)
		}
	}
}

func TestARequestShowsItsVerdictsInOrder(t *testing.T) {
	t.Parallel()
	request := retried(t).Requests()[0]
	want := []posthogtest.Verdict{
		{Event: "a", DistinctID: "u", UUID: uuid(1), Result: posthogtest.ResultRetry, Details: "not_persisted"},
		{Event: "b", DistinctID: "v", UUID: uuid(2), Result: posthogtest.ResultDrop, Details: "rejected"},
		{Event: "c", DistinctID: "v", UUID: uuid(3)},
	}
	if !slices.Equal(request.Verdicts, want) {
		t.Errorf("got verdicts %v, want %v", request.Verdicts, want)
	}
	if got, want := request.Verdicts[0].String(), `"a" of "u": retry (not_persisted)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestViaNarrowsEveryStatement(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	post(t, s, batch(event("a", "u", 1), `{"event":"a","distinct_id":"v","timestamp":"soon"}`), 200)
	report(t, s, sheet(event("b", "u", 3)))
	got := s.Recorder(t)
	got.Via(posthogtest.RouteBatch).Count("a", 2)
	got.Via(posthogtest.RouteBatch).For("u").Event("a")
	got.Via(posthogtest.RouteAnalytics).None("a")
	got.Via(posthogtest.RouteAnalytics).NoWarnings() // the other route has one
	got.Event("b").Via(posthogtest.RouteAnalytics)
	report(t, s, "")
	post(t, s, `{"api_key":"phc_test","sent_at":"soon","batch":[`+event("c", "u", 4)+`]}`, 200)

	for name, c := range map[string]struct {
		state func(*posthogtest.Recorder)
		want  string
	}{
		"an event of another route":    {func(r *posthogtest.Recorder) { r.Via(posthogtest.RouteAIBatch).Event("b") }, "want exactly 1 event \"b\" by /i/v0/ai/batch, got 0\n  nearest: \"b\" of \"u\" by /i/v1/analytics/events\n  nothing by /i/v0/ai/batch arrived (4 events of others did)\n"},
		"a warning of the route":       {func(r *posthogtest.Recorder) { r.Via(posthogtest.RouteBatch).NoWarnings() }, "want no ingestion warnings by /batch, got 2"},
		"a refusal of the route":       {func(r *posthogtest.Recorder) { r.Via(posthogtest.RouteAnalytics).NoWarnings() }, "want no ingestion warnings by /i/v1/analytics/events, got 1:\n  request_rejected"},
		"the route of one event":       {func(r *posthogtest.Recorder) { r.Event("b").Via("/batch/") }, "event \"b\" of \"u\": route\n  want: /batch\n  got:  /i/v1/analytics/events\n"},
		"a person and a route at once": {func(r *posthogtest.Recorder) { r.Via(posthogtest.RouteAIBatch).For("u").Event("b") }, "want exactly 1 event \"b\" of \"u\" by /i/v0/ai/batch, got 0"},
	} {
		tb := new(fakeTB)
		c.state(s.Recorder(tb))
		if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], c.want) {
			t.Errorf("%s: got %q, want %q", name, tb.errors, c.want)
		}
	}
}

func TestAnEmptyRecordNamesTheVerdictThatExplainsIt(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	report(t, s, sheet(odd("timestamp", "")))
	tb := new(fakeTB)
	s.Recorder(tb).Event("a")
	want := `1 request came, answered 200 but kept none of its events: the result for "a" of "u": drop (invalid_event_timestamp)`
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], want) {
		t.Errorf("got %q, want %q", tb.errors, want)
	}
}
