package posthogtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestAQuestionIsRecorded(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	s.SetFlag("nav", true)
	body := question("u", `"$anon_distinct_id":"anon","device_id":"d","groups":{"company":7},"person_properties":{"n":1.0},
		"group_properties":{"company":{"seats":40}},"geoip_disable":true,"flag_keys_to_evaluate":["nav"],"evaluation_contexts":["api"]`)
	call(t, s, http.MethodPost, "/flags/?v=2", http.Header{"Content-Encoding": {"gzip"}}, zipped(body))
	call(t, s, http.MethodPost, "/decide", nil, question("u", ""))
	call(t, s, http.MethodPost, "/flags", nil, "nonsense")
	call(t, s, http.MethodGet, "/flags", nil, "")

	got := s.FlagRequests()
	if len(got) != 3 {
		t.Fatalf("got %d requests, want 3: %+v", len(got), got)
	}
	q := got[0]
	asked := fmt.Sprintln(q.Token, q.DistinctID, q.AnonDistinctID, q.DeviceID, q.Keys, q.Groups, q.PersonProperties, q.GroupProperties, q.GeoIPDisable, q.EvaluationContexts, q.EvaluationRuntime)
	if want := fmt.Sprintln("phc_test", "u", "anon", "d", []string{"nav"}, map[string]int{"company": 7}, `map[n:1.0]`, "map[company:map[seats:40]]", true, []string{"api"}, "server"); asked != want {
		t.Errorf("got question %s, want %s", asked, want)
	}
	sent := fmt.Sprint(q.Time.Equal(arrival), q.Method, q.Path, q.Query, q.Header.Get("Content-Encoding"), q.Encoding, string(q.RawBody) == zipped(body), string(q.Body) == body, q.Status, q.Billed)
	if want := fmt.Sprint(true, "POST", "/flags/", "map[v:[2]]", "gzip", "gzip", true, true, 200, 1); sent != want {
		t.Errorf("got request %s, want %s", sent, want)
	}
	if q := got[1]; q.Path != "/decide" || q.Status != 200 || q.Keys != nil {
		t.Errorf("got %+v, want a question about all flags", q)
	}
	if q := got[2]; q.Status != 400 || q.Body != nil || string(q.RawBody) != "nonsense" || q.Billed != 0 {
		t.Errorf("got %+v, want a refusal", q)
	}
	if n := len(s.Requests()); n != 0 || len(s.DefinitionRequests()) != 0 || len(s.RemoteConfigRequests()) != 0 {
		t.Errorf("got %d other requests, want 0", n)
	}
	s.Reset()
	if len(s.FlagRequests()) != 0 || s.BilledFlagRequests() != 0 {
		t.Errorf("after Reset: got %v and %d billed, want nothing", s.FlagRequests(), s.BilledFlagRequests())
	}
	if got := askFlags(t, s, question("u", "")).value("nav"); got != "true" {
		t.Errorf("after Reset: got %s for a flag that was set, want true", got)
	}
}

func TestWhatAPollCosts(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	poll := func(header http.Header) {
		call(t, s, http.MethodGet, "/flags/definitions?token=phc_test", header, "")
	}
	for _, step := range []struct {
		name   string
		do     func()
		billed int
	}{
		{"without flags", func() { poll(bearer("phs_test")) }, 0},
		{"with a survey's flag", func() { s.SetFlag("survey-targeting-x", true); poll(bearer("phs_test")) }, 0},
		{"with a tour's flag", func() { s.SetFlag("product-tour-targeting-x", true); poll(bearer("phs_test")) }, 0},
		{"with a flag", func() { s.SetFlag("nav", true); poll(bearer("phs_test")) }, 10},
		{"with nothing new", func() { poll(bearer("phs_test", "If-None-Match", "*")) }, 10},
		{"without a right", func() { poll(nil) }, 0},
		{"with no quota", func() { s.SetFlagsQuota(true); poll(bearer("phs_test")) }, 0},
		{"a question with no quota", func() { askFlags(t, s, question("u", "")) }, 0},
		{"with quota again", func() { s.SetFlagsQuota(false); askFlags(t, s, question("u", "")) }, 1},
		{"a fault", func() {
			s.Inject(posthogtest.Fault{Path: "/flags", Status: 502})
			call(t, s, http.MethodPost, "/flags", nil, question("u", ""))
		}, 0},
	} {
		before := s.BilledFlagRequests()
		step.do()
		if got := s.BilledFlagRequests() - before; got != step.billed {
			t.Errorf("%s: got %d billed, want %d", step.name, got, step.billed)
		}
	}
	statuses := ""
	for _, r := range s.DefinitionRequests() {
		statuses += fmt.Sprint(r.Status, "/", r.Billed, " ")
	}
	if want := "200/0 200/0 200/0 200/10 304/10 401/0 402/0 "; statuses != want {
		t.Errorf("got polls %s, want %s", statuses, want)
	}
}

func TestFlagRoutesHaveFaults(t *testing.T) {
	t.Parallel()
	const remote = "/api/projects/@current/feature_flags/limits/remote_config"
	for name, c := range map[string]struct {
		method, path string
		fault        posthogtest.Fault
		status       int
		body         string
	}{
		"a question":                     {http.MethodPost, "/flags/?v=2", posthogtest.Fault{Path: "/flags/", Status: 504}, 504, "Gateway Timeout"},
		"a question answered otherwise":  {http.MethodPost, "/flags?v=2", posthogtest.Fault{Path: "/flags", Status: 200, Body: `{"flags":{}}`}, 200, `{"flags":{}}`},
		"a look":                         {http.MethodGet, "/flags", posthogtest.Fault{Path: "/flags", Status: 503}, 503, "Service Unavailable"},
		"a look at the head":             {http.MethodHead, "/flags/definitions", posthogtest.Fault{Path: "/flags/definitions", Status: 503}, 503, ""},
		"definitions":                    {http.MethodGet, "/flags/definitions?token=t", posthogtest.Fault{Path: "/flags/definitions/", Status: 401}, 401, "authentication_failed"},
		"definitions, an unusual status": {http.MethodGet, "/flags/definitions?token=t", posthogtest.Fault{Path: "/flags/definitions/", Status: 502}, 502, "Bad Gateway"},
		"a remote configuration":         {http.MethodGet, remote, posthogtest.Fault{Path: remote, Status: 429}, 429, "Too Many Requests"},
		"a remote configuration, slash":  {http.MethodGet, remote + "/", posthogtest.Fault{Path: remote, Status: 429}, 429, "Too Many Requests"},
		"a fault of events":              {http.MethodPost, "/flags/?v=2", posthogtest.Fault{Status: 503}, 200, `"flags":{}`},
		"a header alone":                 {http.MethodPost, "/flags/?v=2", posthogtest.Fault{Path: "/flags", Header: http.Header{"X-Posthog-Rate-Limit-Warning": {"true"}}}, 200, `"flags":{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			s.Inject(c.fault)
			got := call(t, s, c.method, c.path, nil, question("u", ""))
			if got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("got %d %q, want %d and a body with %q", got.status, got.body, c.status, c.body)
			}
			if _, json := c.fault.Header["X-Posthog-Rate-Limit-Warning"]; json && got.header.Get("X-Posthog-Rate-Limit-Warning") == "" {
				t.Errorf("got header %v, want the fault's too", got.header)
			}
			for _, r := range append(s.FlagRequests(), append(s.DefinitionRequests(), s.RemoteConfigRequests()...)...) {
				if r.Status != c.status {
					t.Errorf("got status %d on record, want %d", r.Status, c.status)
				}
			}
		})
	}
}

// A client gives up on a question that is not answered, and a test can wait for
// the next one; no time passes.
func TestAQuestionThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.SetFlag("nav", true)
		s.Inject(posthogtest.Fault{Path: "/flags", Hang: true}, posthogtest.Fault{Path: "/flags", Delay: time.Second})
		client := &http.Client{Transport: s.Transport(), Timeout: 3 * time.Second}
		begin := time.Now()
		done := make(chan error, 1)
		ask := func() {
			r, err := client.Post(s.URL()+"/flags/?v=2", "application/json", strings.NewReader(question("u", "")))
			if err == nil {
				err = json.NewDecoder(r.Body).Decode(new(flagsOf))
				r.Body.Close()
			}
			done <- err
		}
		go ask()
		if err := s.Wait(t.Context(), func(s *posthogtest.Server) bool { return len(s.FlagRequests()) == 1 }); err != nil || time.Since(begin) != 0 {
			t.Errorf("got error %v after %s, want the arrival at once", err, time.Since(begin))
		}
		if err := <-done; err == nil {
			t.Error("got an answer, want a timeout")
		}
		go ask()
		if err := s.Wait(t.Context(), func(s *posthogtest.Server) bool {
			list := s.FlagRequests()
			return len(list) == 2 && list[1].Status == 200
		}); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("got error %v after a delay, want an answer", err)
		}
		if list := s.FlagRequests(); list[0].Status != 0 || time.Since(begin) != 4*time.Second {
			t.Errorf("got status %d for the first after %s, want 0 after 4s", list[0].Status, time.Since(begin))
		}
	})
}

func TestKeepBoundsRequestsForFlags(t *testing.T) {
	t.Parallel()
	s, err := posthogtest.Start(posthogtest.Config{Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.LoadFlags(defined(`{"key":"f","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}`)); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		askFlags(t, s, question(fmt.Sprint("u", i), ""))
	}
	if got := s.FlagRequests(); len(got) != 2 || got[1].DistinctID != "u8" || s.BilledFlagRequests() != 9 {
		t.Errorf("got %d requests, %d billed, want the last 2 and 9", len(got), s.BilledFlagRequests())
	}
}

func TestFlagsChangeWhileTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.SetFlag("nav", "v0")
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for i := range 40 {
			s.SetFlag("nav", fmt.Sprint("v", i%3))
			s.SetFlagFor("other", "nav", i%2 == 0)
			s.SetCohort(i, "u")
		}
	}()
	for range 20 {
		if got := askFlags(t, s, question("u", "")).value("nav"); !strings.HasPrefix(got, "v") {
			t.Errorf("got %s, want a variant", got)
		}
	}
	<-changed
}
