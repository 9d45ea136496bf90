package posthogtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestAFaultOfTheAnalyticsRouteSpeaksItsLanguage(t *testing.T) {
	t.Parallel()
	both := `{"results":{"` + uuid(1) + `":{"result":"ok"},"` + uuid(2) + `":{"result":"ok"}}}`
	for name, c := range map[string]struct {
		fault        posthogtest.Fault
		status       int
		body         string // all of it, or the error's word
		ctype, after string
		stored       int
		verdicts     int
	}{
		"a bad request":                  {posthogtest.Fault{Status: 400}, 400, "request_parsing_error", "application/json", "", 0, 0},
		"a missing key":                  {posthogtest.Fault{Status: 401}, 401, "missing_authorization", "application/json", "", 0, 0},
		"a bill that is due":             {posthogtest.Fault{Status: 402}, 402, "billing_limit_exceeded", "application/json", "", 0, 0},
		"a door that is shut":            {posthogtest.Fault{Status: 403}, 403, "forbidden", "application/json", "", 0, 0},
		"a server that lacks the route":  {posthogtest.Fault{Path: posthogtest.RouteAnalytics, Status: 404}, 404, "Not Found", "text/plain; charset=utf-8", "", 0, 0},
		"a server that serves no posts":  {posthogtest.Fault{Status: 405}, 405, "Method Not Allowed", "text/plain; charset=utf-8", "", 0, 0},
		"a body that stalled":            {posthogtest.Fault{Status: 408}, 408, "body_read_timeout", "application/json", "1", 0, 0},
		"too much":                       {posthogtest.Fault{Status: 413}, 413, "payload_too_large", "application/json", "", 0, 0},
		"an encoding it cannot read":     {posthogtest.Fault{Status: 415}, 415, "unsupported_content_type", "application/json", "", 0, 0},
		"too often":                      {posthogtest.Fault{Status: 429}, 429, "rate_limited", "application/json", "", 0, 0},
		"a bug":                          {posthogtest.Fault{Status: 500}, 500, "internal_error", "application/json", "1", 0, 0},
		"a proxy's trouble":              {posthogtest.Fault{Status: 502}, 502, "bad_gateway", "application/json", "", 0, 0},
		"a pause":                        {posthogtest.Fault{Status: 503}, 503, "service_unavailable", "application/json", "1", 0, 0},
		"a pause after storing one":      {posthogtest.Fault{Status: 503, Persist: 1}, 503, "service_unavailable", "application/json", "1", 1, 0},
		"a slow one":                     {posthogtest.Fault{Status: 504}, 504, "gateway_timeout", "application/json", "1", 0, 0},
		"a pause of its own length":      {posthogtest.Fault{Status: 503, Header: http.Header{"Retry-After": {"30"}}}, 503, "service_unavailable", "application/json", "30", 0, 0},
		"a pause without a length":       {posthogtest.Fault{Status: 503, Header: http.Header{"Retry-After": nil}}, 503, "service_unavailable", "application/json", "", 0, 0},
		"a page of its own":              {posthogtest.Fault{Status: 503, Body: "<p>", Header: http.Header{"Content-Type": {"text/html"}}}, 503, "<p>", "text/html", "", 0, 0},
		"an error of its own":            {posthogtest.Fault{Status: 400, Body: `{"error":"empty_batch"}`}, 400, `{"error":"empty_batch"}`, "application/json", "", 0, 0},
		"a type of its own":              {posthogtest.Fault{Status: 503, Header: http.Header{"Content-Type": {"application/problem+json"}}}, 503, "service_unavailable", "application/problem+json", "1", 0, 0},
		"a status that is nobody's":      {posthogtest.Fault{Status: 599}, 599, "unknown_error", "application/json", "", 0, 0},
		"the usual answer as text":       {posthogtest.Fault{Header: http.Header{"Content-Type": {"text/plain"}}}, 200, both, "text/plain", "", 2, 2},
		"a redirect":                     {posthogtest.Fault{Status: 308, Header: http.Header{"Location": {"/x"}}}, 308, "Permanent Redirect", "text/plain; charset=utf-8", "", 0, 0},
		"a success that kept nothing":    {posthogtest.Fault{Status: 200}, 200, both, "application/json", "", 0, 2},
		"a success that kept all":        {posthogtest.Fault{Status: 200, Persist: -1}, 200, both, "application/json", "", 2, 2},
		"a success that is not JSON":     {posthogtest.Fault{Status: 200, Body: "<html>"}, 200, "<html>", "application/json", "", 0, 0},
		"a success cut off in its JSON":  {posthogtest.Fault{Status: 200, Body: `{"results":{"0199`}, 200, `{"results":{"0199`, "application/json", "", 0, 0},
		"a success that names no events": {posthogtest.Fault{Status: 200, Body: `{"results":{}}`, Persist: -1}, 200, `{"results":{}}`, "application/json", "", 2, 0},
		"a success of the older route":   {posthogtest.Fault{Status: 200, Body: `{"status":1}`}, 200, `{"status":1}`, "application/json", "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			s.Inject(c.fault)
			got := report(t, s, sheet(event("a", "u", 1), event("b", "u", 2)))
			body := got.body
			if c.fault.Body == "" && strings.HasSuffix(got.header.Get("Content-Type"), "json") && got.status >= 400 {
				body, _ = mistake(t, got)
			}
			if got.status != c.status || body != c.body || got.header.Get("Content-Type") != c.ctype || got.header.Get("Retry-After") != c.after {
				t.Errorf("%+v: got %d %q as %q, Retry-After %q; want %d %q as %q, Retry-After %q", c.fault,
					got.status, body, got.header.Get("Content-Type"), got.header.Get("Retry-After"), c.status, c.body, c.ctype, c.after)
			}
			if id := got.header.Get("PostHog-Request-Id"); id != requestID {
				t.Errorf("%+v: got request id %q, want %q", c.fault, id, requestID)
			}
			request := s.Requests()[0]
			if len(s.Events()) != c.stored || len(request.Verdicts) != c.verdicts || request.Status != c.status {
				t.Errorf("%+v: got %d stored, %d verdicts and status %d recorded, want %d, %d and %d", c.fault,
					len(s.Events()), len(request.Verdicts), request.Status, c.stored, c.verdicts, c.status)
			}
		})
	}
}

func TestAFaultsSuccessFindsNoFaultWithAnyEvent(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	s.Inject(posthogtest.Fault{Status: 200, Persist: -1})
	got := report(t, s, sheet(odd("timestamp", ""), event("b", "system", 2)))
	if first, second := result(t, got, 1), result(t, got, 2); first != "ok" || second != "ok" {
		t.Errorf("got %q and %q, want ok for both", first, second)
	}
	if verdicts := s.Requests()[0].Verdicts; len(verdicts) != 2 || verdicts[0].Result != posthogtest.ResultOK || verdicts[1].Details != "" {
		t.Errorf("got verdicts %v, want what was answered", verdicts)
	}
	s.Recorder(t).Exactly([]posthogtest.Want{{Name: "b"}}) // a bad event cannot be stored
}

func TestASuccessMayBreakOffOnTheWay(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	s.Inject(posthogtest.Fault{Reset: posthogtest.ResetMidBody, Persist: -1})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+posthogtest.RouteAnalytics, strings.NewReader(sheet(event("a", "u", 1))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = flawless()
	response, err := s.Transport().RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if response.StatusCode != 200 || err == nil || !strings.HasPrefix(string(text), `{"results":{"`) {
		t.Errorf("got %d %q and %v, want half of the results and an error", response.StatusCode, text, err)
	}
	s.Recorder(t).Event("a")
}

func TestAnAnalyticsBodyThatStopsIs408(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	body := io.MultiReader(strings.NewReader(`{"created_at":`), iotest.ErrReader(io.ErrUnexpectedEOF))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, posthogtest.RouteAnalytics, body)
	request.Header = flawless()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request)
	word, text := mistake(t, answer{w.Code, w.Header(), w.Body.String()})
	if w.Code != 408 || word != "body_read_timeout" || text != "the request body ended early" || w.Header().Get("Retry-After") != "1" {
		t.Errorf("got %d %s: %s, Retry-After %q; want 408, body_read_timeout and 1", w.Code, word, text, w.Header().Get("Retry-After"))
	}
}

func TestAServerThatLacksTheNewerRoutesHasTheOlder(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	s.Inject(posthogtest.Fault{Path: posthogtest.RouteAnalytics + "/", Status: 404, Times: -1})
	for range 2 {
		if got := report(t, s, sheet(event("a", "u", 1))); got.status != 404 {
			t.Errorf("got %d, want 404", got.status)
		}
	}
	post(t, s, batch(event("a", "u", 1)), 200)
	s.Recorder(t).Event("a").Via(posthogtest.RouteBatch)
	if n := len(s.Requests()); n != 3 {
		t.Errorf("got %d requests recorded, want 3", n)
	}
}
