package main

import (
	"net/http"

	"github.com/hedgerow/posthog/posthogtest"
)

// arrivals stands between the client and the service. It counts what the service
// receives, and lets it forget that: a million events are for a database.
type arrivals struct {
	server *posthogtest.Server
	next   http.RoundTripper
	turn   chan struct{}  // holds a value while somebody uses times; one request passes at a time
	times  map[string]int // that an event arrived, by its uuid
}

// watch returns a way to a server that counts.
func watch(server *posthogtest.Server) *arrivals {
	return &arrivals{server, server.Transport(), make(chan struct{}, 1), make(map[string]int)}
}

// RoundTrip implements http.RoundTripper.
func (a *arrivals) RoundTrip(r *http.Request) (*http.Response, error) {
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	response, err := a.next.RoundTrip(r)
	for _, event := range a.server.Events() {
		a.times[event.UUID]++
	}
	a.server.Reset()
	return response, err
}

// count returns how many events arrived, and how many different ones.
func (a *arrivals) count() (total, distinct int) {
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	for _, n := range a.times {
		total += n
	}
	return total, len(a.times)
}
