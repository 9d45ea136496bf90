package main_test

import (
	"net/http"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// mock is the PostHog that the harness plays: one server for each test, told apart by the header X-Test-Id, and one for
// requests that have no such header or a wrong one. A server answers from its test's queue, one answer a request in the
// order of arrival, and then always with status 200 and {"status":1}.
type mock struct {
	tests  map[string]*posthogtest.Server
	routes map[string]http.RoundTripper
	stray  *posthogtest.Server
	astray http.RoundTripper
}

func newMock(t *testing.T, ids ...string) *mock {
	t.Helper()
	m := &mock{
		tests:  make(map[string]*posthogtest.Server),
		routes: make(map[string]http.RoundTripper),
		stray:  posthogtest.NewServer(t, nil),
	}
	m.astray = m.stray.Transport()
	for _, id := range ids {
		m.tests[id] = posthogtest.NewServer(t, nil)
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
}

// script fills the queue of a server.
func script(server *posthogtest.Server, queue ...answer) {
	for _, a := range queue {
		fault := posthogtest.Fault{Status: a.status, Header: http.Header{}}
		if a.status == http.StatusOK {
			fault.Persist, fault.Body = -1, `{"status":1}`
		}
		if a.retryAfter != "" {
			fault.Header.Set("Retry-After", a.retryAfter)
		}
		server.Inject(fault)
	}
	server.Inject(posthogtest.Fault{Status: http.StatusOK, Persist: -1, Body: `{"status":1}`, Times: -1})
}
