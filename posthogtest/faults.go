package posthogtest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is one misbehaviour to come. The zero value matches the next
// ingestion request and changes nothing about it.
//
// With Status, Hang or Reset the fault answers in the server's place: the body
// is not judged and nothing is stored except as Persist says. Otherwise the
// request is handled as usual, after Delay and with Header added. For an answer
// about single events see [EventFault].
//
// A server that lacks a route, as self-hosted ones lack the newer, is a fault
// for ever: {Path: RouteAnalytics, Status: 404, Times: -1}.
type Fault struct {
	// Path selects requests by path, with or without final slash; any path, not
	// only ingestion, and "/" is the root alone. Default "": every ingestion
	// path.
	Path string
	// Times is how many requests it meets. Default 0: one. Negative: every one
	// until ClearFaults.
	Times int
	// Status is the HTTP status to answer, 200 to 999. Default 0: none of its own.
	Status int
	// Header is added to the answer, for example Retry-After or Location. A name
	// without values keeps the server from adding its own.
	Header http.Header
	// Body is the answer's body. Default: {"status":"Ok"} for a 2xx Status, the
	// status text otherwise. On RouteAnalytics the default is "ok" for every
	// event of a 2xx, and from 400 on, but for 404 and 405, the service's error
	// with the word for Status, which brings Retry-After: 1 with 408, 500, 503
	// and 504. On RouteDefinitions, and for 429 on RouteFlags, it is the
	// service's error in JSON. It needs Status or ResetMidBody.
	Body string
	// Delay passes before anything is answered. The client going away, or
	// Close, ends it early. It is virtual inside a testing/synctest bubble.
	Delay time.Duration
	// Hang never answers; the client going away or Close ends the request. It
	// goes with Path, Times and Persist alone.
	Hang bool
	// Reset cuts the connection. Default NoReset.
	Reset ResetPoint
	// Persist stores the first so many acceptable events of the request before
	// the fault, and before Delay: a failure after partial success, or with
	// Status 200 a success that kept less than it was given. Negative: all.
	// Default 0: none. It needs Status, Hang or Reset, and an ingestion path.
	Persist int
}

// ResetPoint says where a connection is cut.
type ResetPoint int

const (
	// NoReset keeps the connection.
	NoReset ResetPoint = iota
	// ResetBeforeResponse reads the request and closes without a word: it goes
	// with no Status, Header or Body.
	ResetBeforeResponse
	// ResetMidBody sends Status (default 200), a Content-Length and half of
	// the body it promises.
	ResetMidBody
)

// matches reports whether the fault is for a request: path is the request's,
// without its final slash.
func (f *Fault) matches(path string, ingestion bool) bool {
	if f.Path == "" {
		return ingestion
	}
	return strings.TrimSuffix(f.Path, "/") == path
}

// answers reports whether the fault replaces the handling of a request.
func (f *Fault) answers() bool { return f.Status != 0 || f.Hang || f.Reset != NoReset }

// script is the queue of faults to come. Times is what is left of each:
// positive, or negative for ever.
type script struct {
	mu     sync.Mutex // guards faults and events
	faults []Fault
	events []EventFault
}

// add appends faults, each that makes no sense as one that says so, and
// returns what is wrong with the first of those.
func (s *script) add(faults []Fault) (wrong error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if err := f.check(); err != nil {
			f = f.confession(err)
			wrong = cmp.Or(wrong, err)
		}
		f.Header = f.Header.Clone()
		f.Times = cmp.Or(f.Times, 1)
		s.faults = append(s.faults, f)
	}
	return wrong
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.events = nil, nil
}

// take consumes the first fault that matches a request.
func (s *script) take(path string, ingestion bool) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.matches(path, ingestion) {
			continue
		}
		if f.Times == 1 {
			s.faults = slices.Delete(s.faults, i, i+1)
		} else if f.Times > 1 {
			s.faults[i].Times--
		}
		return f, true
	}
	return Fault{}, false
}

// Inject appends faults to the server's script. Each request meets the first
// fault that matches it, and uses it up. Preflight (OPTIONS) requests meet none,
// whatever their path.
//
// A fault with a field out of range, or one that could have no effect beside
// the others, answers 500 and names the field. On a server from [NewServer] it
// also ends the test at once, by the TB's Fatalf: call Inject from the test's
// goroutine there.
func (s *Server) Inject(faults ...Fault) {
	if wrong := s.script.add(faults); wrong != nil && s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf("%v", wrong)
	}
}

// ClearFaults drops every [Fault] and [EventFault] not met yet. Requests already hanging or being
// delayed go on.
func (s *Server) ClearFaults() { s.script.clear() }
