package posthogtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestAnEventFaultMeetsTheEventsItIsFor(t *testing.T) {
	t.Parallel()
	const retry, drop = posthogtest.ResultRetry, posthogtest.ResultDrop
	for name, c := range map[string]struct {
		faults []posthogtest.EventFault
		want   [2]string // the results for a 1, b 2, a 3 in two requests
	}{
		"the first event there is":           {[]posthogtest.EventFault{{Result: retry}}, [2]string{"retry, ok, ok", "ok, ok, ok"}},
		"as many as it says":                 {[]posthogtest.EventFault{{Result: retry, Times: 4}}, [2]string{"retry, retry, retry", "retry, ok, ok"}},
		"all of them":                        {[]posthogtest.EventFault{{Result: retry, Times: -1}}, [2]string{"retry, retry, retry", "retry, retry, retry"}},
		"by name":                            {[]posthogtest.EventFault{{Event: "b", Result: retry, Times: -1}}, [2]string{"ok, retry, ok", "ok, retry, ok"}},
		"by uuid":                            {[]posthogtest.EventFault{{UUID: uuid(3), Result: retry}}, [2]string{"ok, ok, retry", "ok, ok, ok"}},
		"by uuid in another spelling":        {[]posthogtest.EventFault{{UUID: "{" + strings.ToUpper(uuid(3)) + "}", Result: retry}}, [2]string{"ok, ok, retry", "ok, ok, ok"}},
		"by position":                        {[]posthogtest.EventFault{{Position: 2, Result: retry, Times: 2}}, [2]string{"ok, retry, ok", "ok, retry, ok"}},
		"by name and position":               {[]posthogtest.EventFault{{Event: "a", Position: 3, Result: retry}}, [2]string{"ok, ok, retry", "ok, ok, ok"}},
		"nothing it fits":                    {[]posthogtest.EventFault{{Event: "b", Position: 1, Result: retry}, {UUID: uuid(9), Result: drop}}, [2]string{"ok, ok, ok", "ok, ok, ok"}},
		"one after another":                  {[]posthogtest.EventFault{{Event: "a", Result: retry}, {Result: drop, Details: "rejected"}}, [2]string{"retry, drop rejected, ok", "ok, ok, ok"}},
		"any word":                           {[]posthogtest.EventFault{{Result: "limited"}, {Result: "someday", Details: "<soon>"}}, [2]string{"limited, someday <soon>, ok", "ok, ok, ok"}},
		"a remark":                           {[]posthogtest.EventFault{{Result: posthogtest.ResultWarning, Details: "rate_limited"}}, [2]string{"warning rate_limited, ok, ok", "ok, ok, ok"}},
		"silence about one":                  {[]posthogtest.EventFault{{Position: 2, Omit: true}}, [2]string{"ok, , ok", "ok, ok, ok"}},
		"silence about all: an empty answer": {[]posthogtest.EventFault{{Omit: true, Times: 3}}, [2]string{", , ", "ok, ok, ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			s.InjectEvents(c.faults...)
			for i, want := range c.want {
				got := report(t, s, sheet(event("a", "u", 1), event("b", "u", 2), event("a", "u", 3)))
				words := result(t, got, 1) + ", " + result(t, got, 2) + ", " + result(t, got, 3)
				if got.status != 200 || words != want {
					t.Errorf("%+v, request %d: got %d and %q, want 200 and %q", c.faults, i+1, got.status, words, want)
				}
				after := ""
				if strings.Contains(want, "retry") {
					after = "1"
				}
				if got := got.header.Get("Retry-After"); got != after {
					t.Errorf("%+v, request %d: got Retry-After %q, want %q", c.faults, i+1, got, after)
				}
			}
			s.Recorder(t).NoWarnings() // what is scripted is no surprise
		})
	}
}

func TestAnEventFaultDecidesWhatIsStored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  posthogtest.EventFault
		event  string
		stored int
	}{
		"ok is stored":                        {posthogtest.EventFault{Result: "ok"}, odd(), 1},
		"a warning is stored":                 {posthogtest.EventFault{Result: "warning"}, odd(), 1},
		"a drop is not":                       {posthogtest.EventFault{Result: "drop"}, odd(), 0},
		"a retry is not":                      {posthogtest.EventFault{Result: "retry"}, odd(), 0},
		"a new word is not":                   {posthogtest.EventFault{Result: "limited"}, odd(), 0},
		"one left out is not":                 {posthogtest.EventFault{Omit: true}, odd(), 0},
		"a retry that was stored after all":   {posthogtest.EventFault{Result: "retry", Persist: true}, odd(), 1},
		"one left out and stored":             {posthogtest.EventFault{Omit: true, Persist: true}, odd(), 1},
		"what cannot be stored never is":      {posthogtest.EventFault{Result: "ok", Persist: true}, odd("timestamp", ""), 0},
		"what the server would drop, retried": {posthogtest.EventFault{Result: "retry"}, odd("event", ""), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			s.InjectEvents(c.fault)
			got := report(t, s, sheet(c.event))
			if word := result(t, got, 1); word != string(c.fault.Result) {
				t.Errorf("%+v: got %q", c.fault, word)
			}
			if n := len(s.Events()); n != c.stored || s.Requests()[0].Stored != n {
				t.Errorf("%+v: got %d events stored (%d by the request's count), want %d", c.fault, n, s.Requests()[0].Stored, c.stored)
			}
		})
	}
}

func TestAnEventFaultWaitsForARequestThatIsJudged(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	s.InjectEvents(posthogtest.EventFault{Result: posthogtest.ResultRetry})
	s.Inject(posthogtest.Fault{Status: 503})
	good := sheet(event("a", "u", 1))
	if got := report(t, s, good); got.status != 503 {
		t.Fatalf("got %d, want the fault's 503", got.status)
	}
	if got := report(t, s, sheet()); got.status != 400 {
		t.Fatalf("got %d, want 400 for an empty batch", got.status)
	}
	post(t, s, batch(event("a", "u", 1)), 200)
	if got := result(t, report(t, s, good), 1); got != "retry" {
		t.Errorf("got %q, want the event fault still there", got)
	}
	s.InjectEvents(posthogtest.EventFault{Result: posthogtest.ResultRetry, Times: -1})
	s.ClearFaults()
	if got := result(t, report(t, s, good), 1); got != "ok" {
		t.Errorf("after ClearFaults: got %q, want ok", got)
	}
}

func TestAPartialSuccessMayAskForLonger(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	for _, c := range []struct {
		after http.Header
		want  []string
	}{
		{http.Header{"Retry-After": {"30"}}, []string{"30"}},
		{http.Header{"Retry-After": nil}, nil},
		{http.Header{"X-Other": {"1"}}, []string{"1"}},
	} {
		s.InjectEvents(posthogtest.EventFault{Result: posthogtest.ResultRetry})
		s.Inject(posthogtest.Fault{Header: c.after})
		got := report(t, s, sheet(event("a", "u", 1)))
		if after := got.header.Values("Retry-After"); strings.Join(after, ",") != strings.Join(c.want, ",") || got.status != 200 {
			t.Errorf("with %v: got %d and Retry-After %q, want 200 and %q", c.after, got.status, after, c.want)
		}
	}
}

func TestAnEventFaultThatMakesNoSenseIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault posthogtest.EventFault
		want  string
	}{
		"nothing":                     {posthogtest.EventFault{}, "posthogtest: EventFault.Result is empty, which needs Omit"},
		"a uuid that is none":         {posthogtest.EventFault{UUID: "17", Result: "ok"}, `posthogtest: EventFault.UUID is "17", want a UUID`},
		"a position before the first": {posthogtest.EventFault{Position: -1, Result: "ok"}, "posthogtest: EventFault.Position is -1, want 0 or more"},
		"a word and no word":          {posthogtest.EventFault{Omit: true, Result: "ok"}, "posthogtest: EventFault.Result is set, and so is Omit, which answers none"},
		"a reason and no word":        {posthogtest.EventFault{Omit: true, Details: "x"}, "posthogtest: EventFault.Details is set, and so is Omit, which answers none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := new(fakeTB)
			tested := posthogtest.NewServer(tb, nil)
			t.Cleanup(tb.cleanups[0])
			tested.InjectEvents(posthogtest.EventFault{Result: "ok"}, c.fault)
			if tb.fatal != c.want {
				t.Errorf("%+v: got %q in the test, want %q", c.fault, tb.fatal, c.want)
			}

			alone, err := posthogtest.Start(posthogtest.Config{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(alone.Close)
			alone.InjectEvents(c.fault)
			if got := report(t, alone, sheet(event("a", "u", 1))); got.status != 500 || got.body != c.want {
				t.Errorf("%+v: got answer %d %q without a test, want 500 %q", c.fault, got.status, got.body, c.want)
			}
			if got := report(t, alone, sheet(event("a", "u", 1))); got.status != 200 {
				t.Errorf("%+v: got %d afterwards, want 200", c.fault, got.status)
			}
		})
	}
}
