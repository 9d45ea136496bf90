package posthogtest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestRowsCollapseOnTheirTuple(t *testing.T) {
	t.Parallel()
	base := `{"event":"a","distinct_id":"u","uuid":"` + uuid(1) + `","timestamp":"1999-11-20T10:00:00Z","properties":{"v":1}}`
	for name, c := range map[string]struct {
		again  string
		rows   int
		reused bool
	}{
		"the same event again is one row":        {again: base, rows: 1},
		"another time of the same UTC day":       {again: `{"event":"a","distinct_id":"u","uuid":"` + uuid(1) + `","timestamp":"1999-11-20T23:59:59Z","properties":{"v":2}}`, rows: 1},
		"another zone of the same UTC day":       {again: `{"event":"a","distinct_id":"u","uuid":"` + uuid(1) + `","timestamp":"1999-11-21T00:30:00+02:00","properties":{"v":2}}`, rows: 1},
		"another UTC day is another row":         {again: `{"event":"a","distinct_id":"u","uuid":"` + uuid(1) + `","timestamp":"1999-11-19T10:00:00Z"}`, rows: 2, reused: true},
		"another name is another row":            {again: `{"event":"b","distinct_id":"u","uuid":"` + uuid(1) + `","timestamp":"1999-11-20T10:00:00Z"}`, rows: 2, reused: true},
		"another distinct id is another row":     {again: `{"event":"a","distinct_id":"v","uuid":"` + uuid(1) + `","timestamp":"1999-11-20T10:00:00Z"}`, rows: 2, reused: true},
		"another uuid is another row":            {again: `{"event":"a","distinct_id":"u","uuid":"` + uuid(2) + `","timestamp":"1999-11-20T10:00:00Z"}`, rows: 2},
		"the same uuid in capitals is one row":   {again: `{"event":"a","distinct_id":"u","uuid":"0199C0DE-0000-7000-8000-000000000001","timestamp":"1999-11-20T10:00:00Z"}`, rows: 1},
		"no uuid at all never collapses by luck": {again: `{"event":"a","distinct_id":"u","timestamp":"1999-11-20T10:00:00Z"}`, rows: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			post(t, s, batch(base, event("between", "u", 3)), 200)
			post(t, s, batch(c.again), 200)
			rows := s.Rows()
			if len(rows) != c.rows+1 || len(s.Events()) != 3 {
				t.Errorf("got %d rows of %d events, want %d of 3", len(rows), len(s.Events()), c.rows+1)
			}
			if c.rows == 1 && string(rows[0].Raw) != c.again {
				t.Errorf("got row %s, want the latest: %s", rows[0].Raw, c.again)
			}
			if got := slices.Contains(kinds(s), posthogtest.UUIDReused); got != c.reused {
				t.Errorf("got warnings %v, want a reused uuid: %t", kinds(s), c.reused)
			}
		})
	}
}

func TestProjectsDoNotMix(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	for _, key := range []string{"phc_one", "phc_two"} {
		post(t, s, `{"api_key":"`+key+`","batch":[`+event("a", "u", 1)+`]}`, 200)
	}
	if n := len(s.Rows()); n != 2 {
		t.Errorf("got %d rows, want one in each project", n)
	}
	s.Recorder(t).NoWarnings()
}

func TestResetForgets(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Path: "/e", Status: 503})
	post(t, s, batch(event("a", "null", 1)), 200)
	post(t, s, "[]", 400)
	s.Reset()
	if e, r, w := len(s.Events()), len(s.Requests()), len(s.Warnings()); e+r+w != 0 {
		t.Errorf("got %d events, %d requests and %d warnings after Reset, want none", e, r, w)
	}
	post(t, s, batch(event("b", "null", 1)), 200)
	s.Recorder(t).NoWarnings() // the uuid is new again
	if got := call(t, s, "POST", "/e", nil, "[]"); got.status != 503 {
		t.Errorf("got %d, want the fault to outlive Reset", got.status)
	}
}

func TestKeepBoundsWhatIsRemembered(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, &posthogtest.Config{Keep: 3})
	for n := range 10 {
		post(t, s, batch(event(fmt.Sprintf("e%d", n), "u", n)), 200)
		post(t, s, "[]", 400)
	}
	names := func() (got []string) {
		for _, e := range s.Events() {
			got = append(got, e.Name)
		}
		return got
	}
	if got := names(); !slices.Equal(got, []string{"e7", "e8", "e9"}) {
		t.Errorf("got events %v, want the newest 3", got)
	}
	if r, w := len(s.Requests()), len(s.Warnings()); r != 3 || w != 3 {
		t.Errorf("got %d requests and %d warnings, want 3 and 3", r, w)
	}
	if err := s.WaitEvents(t.Context(), 10); err != nil {
		t.Errorf("got %v, want forgotten events to count", err)
	}
	post(t, s, batch(event("other", "u", 0)), 200)
	if got := kinds(s); slices.Contains(got, posthogtest.UUIDReused) {
		t.Errorf("got warnings %v, want the uuid of a forgotten event forgotten", got)
	}
}

func TestWhatIsHandedOutIsACopy(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(event("a", "u", 1)), 200)
	s.Events()[0].Name = "changed"
	s.Requests()[0].Status = 999
	if e, r := s.Events()[0], s.Requests()[0]; e.Name != "a" || r.Status != 200 {
		t.Errorf("got event %q and status %d, want the record untouched", e.Name, r.Status)
	}
}

func TestARequestShowsWhatWasSent(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	body := zipped(batch(event("a", "u", 1)))
	call(t, s, "POST", "/batch/?compression=gzip&ver=1", map[string][]string{"User-Agent": {"shop/1"}}, body)
	got := s.Requests()[0]
	if got.Method != "POST" || got.Path != "/batch/" || got.Query.Get("ver") != "1" || got.Header.Get("User-Agent") != "shop/1" ||
		string(got.RawBody) != body || string(got.Body) != batch(event("a", "u", 1)) || got.Status != 200 || got.Stored != 1 {
		t.Errorf("got request %+v, want what was sent", got)
	}
	if e := got.Events[0]; e.UUID != uuid(1) || !e.Received.Equal(got.Time) {
		t.Errorf("got event %+v, want its uuid %s and the request's time %s", e, uuid(1), got.Time)
	}
}
