package posthogtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestFaultsAreMetInOrder(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(
		posthogtest.Fault{Path: "/e/", Status: 500},
		posthogtest.Fault{Status: 503, Times: 2},
		posthogtest.Fault{Path: "/batch", Status: 502, Times: -1},
		posthogtest.Fault{Path: "/_readiness", Status: 504},
	)
	one := `{"event":"a","distinct_id":"u","token":"phc_test"}`
	for i, c := range []struct {
		path string
		want int
	}{
		{"/_liveness", 200}, {"/batch/", 503}, {"/e", 500}, {"/e", 503}, {"/e", 200},
		{"/batch", 502}, {"/batch/", 502}, {"/batch/", 502}, {"/capture/", 200},
		{"/_readiness", 504}, {"/_liveness", 200},
	} {
		method := http.MethodPost
		if strings.HasPrefix(c.path, "/_") {
			method = http.MethodGet
		}
		if got := call(t, s, method, c.path, nil, one); got.status != c.want {
			t.Errorf("request %d to %s: got %d, want %d", i+1, c.path, got.status, c.want)
		}
	}
	s.ClearFaults()
	if got := call(t, s, http.MethodPost, "/batch/", nil, one); got.status != 200 {
		t.Errorf("after ClearFaults: got %d, want 200", got.status)
	}
}

func TestAFaultIsLeftToTheRequestsItIsFor(t *testing.T) {
	t.Parallel()
	one := `{"event":"a","distinct_id":"u","token":"phc_test"}`
	for name, c := range map[string]struct {
		fault        posthogtest.Fault
		method, path string
		want         int
		left         string // a path whose POST the fault is still there for
	}{
		"a look at the root is no ingestion":          {posthogtest.Fault{Status: 503}, http.MethodGet, "/", 200, "/batch/"},
		"a look at the root by HEAD":                  {posthogtest.Fault{Status: 503}, http.MethodHead, "/", 200, "/batch/"},
		"a health path is no ingestion":               {posthogtest.Fault{Status: 503}, http.MethodGet, "/_readiness", 200, "/batch/"},
		"a path unknown is no ingestion":              {posthogtest.Fault{Status: 503}, http.MethodPost, "/nowhere", 404, "/batch/"},
		"the root can be named":                       {posthogtest.Fault{Path: "/", Status: 503}, http.MethodGet, "/", 503, ""},
		"the root is not every path":                  {posthogtest.Fault{Path: "/", Status: 503}, http.MethodPost, "/batch/", 200, "/"},
		"a preflight on an ingestion path":            {posthogtest.Fault{Status: 503}, http.MethodOptions, "/batch/", 200, "/batch/"},
		"a preflight on an ingestion path by name":    {posthogtest.Fault{Path: "/batch", Status: 503}, http.MethodOptions, "/batch/", 200, "/batch/"},
		"a preflight on the root":                     {posthogtest.Fault{Path: "/", Status: 503}, http.MethodOptions, "/", 405, "/"},
		"a preflight on a health path":                {posthogtest.Fault{Path: "/_readiness", Status: 503}, http.MethodOptions, "/_readiness", 405, "/_readiness"},
		"a preflight on a path unknown to the server": {posthogtest.Fault{Path: "/surveys/", Status: 503}, http.MethodOptions, "/surveys", 404, "/surveys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			s.Inject(c.fault)
			if got := call(t, s, c.method, c.path, nil, one); got.status != c.want {
				t.Errorf("%s %s: got %d, want %d", c.method, c.path, got.status, c.want)
			}
			if c.left == "" {
				return
			}
			if got := call(t, s, http.MethodPost, c.left, nil, one); got.status != c.fault.Status {
				t.Errorf("POST %s afterwards: got %d, want the fault's %d", c.left, got.status, c.fault.Status)
			}
		})
	}
}

func TestAFaultAnswersInTheServersPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       posthogtest.Fault
		status      int
		body, ctype string
		stored      int
	}{
		"a failure says its name":                {posthogtest.Fault{Status: 503}, 503, "Service Unavailable", "text/plain; charset=utf-8", 0},
		"a body in JSON is still a sentence":     {posthogtest.Fault{Status: 503, Body: `{"a":1}`}, 503, `{"a":1}`, "text/plain; charset=utf-8", 0},
		"a body is sent as given":                {posthogtest.Fault{Status: 503, Body: "try later"}, 503, "try later", "text/plain; charset=utf-8", 0},
		"a success that kept nothing":            {posthogtest.Fault{Status: 200}, 200, `{"status":"Ok"}`, "application/json", 0},
		"partial persistence":                    {posthogtest.Fault{Status: 413, Persist: 2}, 413, "Request Entity Too Large", "text/plain; charset=utf-8", 2},
		"full persistence":                       {posthogtest.Fault{Status: 503, Persist: -1}, 503, "Service Unavailable", "text/plain; charset=utf-8", 3},
		"more persistence than there are events": {posthogtest.Fault{Status: 503, Persist: 99}, 503, "Service Unavailable", "text/plain; charset=utf-8", 3},
		"a status without a body":                {posthogtest.Fault{Status: 204, Body: "lost"}, 204, "", "application/json", 0},
		"a content type of its own":              {posthogtest.Fault{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<p>"}, 502, "<p>", "text/html", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			s.Inject(c.fault)
			got := call(t, s, http.MethodPost, "/batch/", nil, batch(event("a", "u", 1), event("b", "u", 2), event("c", "u", 3)))
			if got.status != c.status || got.body != c.body || got.header.Get("Content-Type") != c.ctype {
				t.Errorf("got %d %q as %q, want %d %q as %q", got.status, got.body, got.header.Get("Content-Type"), c.status, c.body, c.ctype)
			}
			request := s.Requests()[0]
			if len(s.Events()) != c.stored || request.Stored != c.stored || len(request.Events) != 3 {
				t.Errorf("got %d stored (%d by the request's count) of %d events, want %d of 3", len(s.Events()), request.Stored, len(request.Events), c.stored)
			}
			if request.Status != c.status {
				t.Errorf("got request status %d, want %d", request.Status, c.status)
			}
		})
	}
}

func TestAFaultOverridesARefusal(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Status: 503, Persist: -1})
	post(t, s, `{"nonsense":true}`, 503)
	s.Recorder(t).NoWarnings()
	post(t, s, `{"nonsense":true}`, 400)
}

func TestARedirectCarriesItsLocation(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Status: 307, Header: http.Header{"Location": {"http://eu.example.com/batch/"}}})
	client := &http.Client{Transport: s.Transport()}
	if status, _, err := deliver(client, s.URL()); err != nil || status != 200 {
		t.Errorf("got %d and %v, want the redirect followed", status, err)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

func TestWithoutAConnectionToCutTheHandlerAborts(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("got panic %v, want http.ErrAbortHandler", got)
		}
	}()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/batch/", strings.NewReader("[]"))
	if err != nil {
		t.Fatal(err)
	}
	s.ServeHTTP(deaf{}, request)
}

// deaf is a response writer over no connection at all.
type deaf struct{}

func (deaf) Header() http.Header         { return http.Header{} }
func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (deaf) WriteHeader(int)             {}
