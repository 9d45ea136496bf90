package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// mock is the PostHog that the harness plays: one server for each test, told apart by the header X-Test-Id, and one for
// requests that have no such header or a wrong one. A server answers from its test's queue, one answer a request in the
// order of arrival, questions about flags apart from events, and then always as if all were well.
type mock struct {
	tests  map[string]*posthogtest.Server
	routes map[string]http.RoundTripper
	stray  *posthogtest.Server
	astray http.RoundTripper
}

func newMock(t *testing.T, ids ...string) *mock {
	t.Helper()
	config := &posthogtest.Config{Brotli: func(r io.Reader) io.Reader { return brotli.NewReader(r) }}
	m := &mock{
		tests:  make(map[string]*posthogtest.Server),
		routes: make(map[string]http.RoundTripper),
		stray:  posthogtest.NewServer(t, config),
	}
	m.astray = m.stray.Transport()
	for _, id := range ids {
		m.tests[id] = posthogtest.NewServer(t, config)
		m.routes[id] = m.tests[id].Transport()
	}
	return m
}

// RoundTrip leads each request to the server of its test.
func (m *mock) RoundTrip(r *http.Request) (*http.Response, error) {
	if route := m.routes[r.Header.Get("X-Test-Id")]; route != nil {
		return route.RoundTrip(r)
	}
	return m.astray.RoundTrip(r)
}

// answer is one entry of a test's queue.
type answer struct {
	status     int
	retryAfter string
	results    []string // of the events by their places, "ok" if there is none; of the analytics endpoint
	route      string   // whose requests it is for; empty means those with events
	body       string   // of an answer about flags
}

// script fills the queue of a server.
func script(server *posthogtest.Server, mode posthog.CaptureMode, queue ...answer) {
	all := posthogtest.Fault{Status: http.StatusOK, Persist: -1, Body: `{"status":1}`} // whatever is in it
	if mode == posthog.CaptureModeAnalyticsV1 {
		all = posthogtest.Fault{} // judged as usual
	}
	for _, a := range queue {
		fault := posthogtest.Fault{Path: a.route, Status: a.status, Body: a.body}
		if a.status == http.StatusOK && a.route == "" {
			fault = all
		}
		fault.Header = http.Header{}
		if a.retryAfter != "" {
			fault.Header.Set("Retry-After", a.retryAfter)
		}
		server.Inject(fault)
		for i, result := range a.results {
			word, details, _ := strings.Cut(result, " ")
			server.InjectEvents(posthogtest.EventFault{Position: i + 1, Result: posthogtest.Result(word), Details: details})
		}
	}
	all.Times = -1
	server.Inject(all)
}
