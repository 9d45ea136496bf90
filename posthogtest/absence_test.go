package posthogtest_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// flaw is an event that the pipeline drops after answering 200.
const flaw = `{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":[]}}`

func TestAnAbsenceIsExplained(t *testing.T) {
	t.Parallel()
	paid := event("order paid", "u", 1)
	for name, c := range map[string]struct {
		fault  posthogtest.Fault
		bodies []string
		want   string
	}{
		"no request":                        {want: ", and no ingestion request came: flush or close the client first, or check its endpoint and transport"},
		"a refused key":                     {bodies: []string{`{"api_key":" ","batch":[` + paid + `]}`}, want: ": 1 request came, answered 401: the project key is empty"},
		"a refused key after a bad batch":   {bodies: []string{batch("7"), `{"api_key":"phx_a","batch":[` + paid + `]}`}, want: ": 2 requests came, the last refused one answered 401: the project key is a personal API key (phx_): use the project's (phc_)"},
		"a refusal before a success":        {bodies: []string{batch(), batch(flaw)}, want: ": 2 requests came, the last refused one answered 400: the batch is empty"},
		"an injected refusal":               {fault: posthogtest.Fault{Status: 503, Times: 2}, bodies: []string{batch(paid), batch(paid)}, want: ": 2 requests came, the last refused one answered 503: an injected fault"},
		"an injected refusal with a body":   {fault: posthogtest.Fault{Status: 429, Body: "slow\ndown"}, bodies: []string{batch(paid)}, want: `: 1 request came, answered 429: an injected fault, "slow\ndown"`},
		"an injected redirect":              {fault: posthogtest.Fault{Status: 304}, bodies: []string{batch(paid)}, want: ": 1 request came, answered 304: an injected fault"},
		"an injected success":               {fault: posthogtest.Fault{Status: 200}, bodies: []string{batch(paid)}, want: ": 1 request came, answered 200 but kept none of its events: an injected fault"},
		"an event the service never keeps":  {bodies: []string{batch(event("$performance_event", "u", 1))}, want: ": 1 request came, answered 200 but kept none of its events"},
		"events the pipeline drops":         {bodies: []string{batch(flaw), batch(flaw)}, want: ": 2 requests came, the last one answered 200; Server.Warnings tells what became of its events"},
		"an event the pipeline drops, once": {bodies: []string{batch(flaw)}, want: ": 1 request came, answered 200; Server.Warnings tells what became of its events"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			s.Inject(c.fault)
			if c.fault.Status == 0 {
				s.ClearFaults()
			}
			for _, body := range c.bodies {
				call(t, s, http.MethodPost, "/batch/", nil, body)
			}
			tb := new(fakeTB)
			r := s.Recorder(tb)
			r.Event("order paid")
			r.For("u").Count("order paid", 2)
			r.Order("order paid")
			r.Exactly([]posthogtest.Want{{Name: "order paid"}})
			because := "  nothing arrived" + c.want + "\n"
			want := []string{
				"want exactly 1 event \"order paid\", got 0\n" + because,
				"want 2 events \"order paid\" of \"u\", got 0\n" + because,
				"events out of order at position 1: want \"order paid\", got the end\n  want: [\"order paid\"]\n  got:  []\n" + because,
				"want exactly 1 event, got 0\n  missing: \"order paid\"\n" + because,
			}
			if !slices.Equal(tb.errors, want) {
				t.Errorf("got failures:\n%q\nwant:\n%q", tb.errors, want)
			}
		})
	}
}

func TestARequestWithoutAnAnswerIsNamed(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse})
	if _, _, err := deliver(&http.Client{Transport: s.Transport()}, s.URL()); err == nil {
		t.Fatal("got an answer, want a cut connection")
	}
	tb := new(fakeTB)
	s.Recorder(tb).Event("a")
	want := []string{"want exactly 1 event \"a\", got 0\n  nothing arrived: 1 request came, not answered yet or cut off\n"}
	if !slices.Equal(tb.errors, want) {
		t.Errorf("got failures:\n%q\nwant:\n%q", tb.errors, want)
	}
}

func TestAnAbsenceAfterResetKnowsNothingFromBefore(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, "[]", 400)
	s.Reset()
	tb := new(fakeTB)
	s.Recorder(tb).Event("a")
	want := []string{"want exactly 1 event \"a\", got 0\n  nothing arrived, and no ingestion request came: flush or close the client first, or check its endpoint and transport\n"}
	if !slices.Equal(tb.errors, want) {
		t.Errorf("got failures:\n%q\nwant:\n%q", tb.errors, want)
	}
}

func TestTheAbsenceOfOnePersonDoesNotDenyTheOthers(t *testing.T) {
	t.Parallel()
	s := shop(t)
	tb := new(fakeTB)
	nobody := s.Recorder(tb).For("u_9")
	nobody.Event("order paid")
	nobody.Order("order paid")
	nobody.Exactly([]posthogtest.Want{{Name: "order paid"}})
	want := []string{
		"want exactly 1 event \"order paid\" of \"u_9\", got 0\n  nearest: \"order paid\" of \"u-17\"\n  nothing of \"u_9\" arrived (4 events of others did)\n",
		"events out of order of \"u_9\" at position 1: want \"order paid\", got the end\n  want: [\"order paid\"]\n  got:  []\n  nothing of \"u_9\" arrived (4 events of others did)\n",
		"want exactly 1 event of \"u_9\", got 0\n  missing: \"order paid\"\n  nothing of \"u_9\" arrived (4 events of others did)\n",
	}
	if !slices.Equal(tb.errors, want) {
		t.Errorf("got failures:\n%q\nwant:\n%q", tb.errors, want)
	}
}
