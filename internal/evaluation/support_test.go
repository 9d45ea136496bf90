package evaluation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/notice"
)

// errRefused is what a server that is down answers.
var errRefused = errors.New("connection refused")

// reply is what the server does with a request: it fails, or answers after a while.
type reply struct {
	status int // 0 is 200
	body   string
	after  time.Duration
	err    error
	panics bool
	exits  bool // the goroutine
}

// body is what a request for flags says.
type body struct {
	DistinctID       string                    `json:"distinct_id"`
	DeviceID         string                    `json:"device_id"`
	Groups           map[string]any            `json:"groups"`
	PersonProperties map[string]any            `json:"person_properties"`
	GroupProperties  map[string]map[string]any `json:"group_properties"`
	GeoIPDisable     bool                      `json:"geoip_disable"`
	Keys             []string                  `json:"flag_keys_to_evaluate"`
	Contexts         []string                  `json:"evaluation_contexts"`
}

// server is PostHog as a round tripper: requests for flags get what flags says, those for definitions the document.
type server struct {
	mu       sync.Mutex
	flags    func(body) reply
	document string
	asked    []body
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "definitions") {
		s.mu.Lock()
		defer s.mu.Unlock()
		return answered(r, reply{body: s.document})
	}
	var b body
	if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	s.mu.Lock()
	s.asked = append(s.asked, b)
	next := s.flags(b)
	s.mu.Unlock()
	if next.after > 0 {
		select {
		case <-time.After(next.after):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return answered(r, next)
}

func answered(r *http.Request, next reply) (*http.Response, error) {
	if next.exits {
		runtime.Goexit()
	}
	if next.panics {
		panic("a round tripper with a bug")
	}
	if next.err != nil {
		return nil, next.err
	}
	if next.status == 0 {
		next.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: next.status, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader([]byte(next.body))),
	}, nil
}

// answer replaces what the server answers to requests for flags.
func (s *server) answer(next reply) {
	s.respond(func(body) reply { return next })
}

func (s *server) respond(flags func(body) reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags = flags
}

// define replaces the definitions that the server has.
func (s *server) define(document string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.document = document
}

// requests returns the requests for flags so far.
func (s *server) requests() []body {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// world is an Engine, whom it asks and what it reports.
type world struct {
	testing.TB
	*evaluation.Engine
	server *server
	loader *flagsync.Loader
	remote *remote.Client

	mu      sync.Mutex
	reports []string
}

// setup says what a world is like. The rest of the Config is as given.
type setup struct {
	evaluation.Config
	definitions string // loaded from bytes; empty for none
	polled      bool   // they come from the server instead
	local       bool   // nobody may be asked
	retries     int
}

func open(t testing.TB, s setup) *world {
	t.Helper()
	w := &world{TB: t, server: &server{document: s.definitions}}
	w.server.answer(reply{err: errRefused})
	lc := flagsync.Config{Endpoint: "http://example.com", Key: "phc_test", RoundTripper: w.server}
	if s.polled {
		lc.Secret = "phs_test"
	} else if s.definitions != "" {
		lc.Bytes = []byte(s.definitions)
	}
	if s.definitions != "" {
		loader, err := flagsync.New(lc)
		if err != nil {
			t.Fatalf("flagsync.New: %v", err)
		}
		w.loader = loader
		t.Cleanup(func() { _ = loader.Close(context.Background()) })
		if err := loader.Wait(t.Context()); err != nil {
			t.Fatalf("Wait: %v", err)
		}
	}
	c := s.Config
	c.Loader = w.loader
	c.Endpoint, c.Key = "http://example.com", "phc_test"
	if !s.local {
		w.remote = remote.New(remote.Config{
			Endpoint: c.Endpoint, Key: c.Key, RoundTripper: w.server, Retries: s.retries,
			Timeout: 10 * time.Minute, // so that no test outside of a bubble depends on how fast the machine is
		})
		c.Remote = w.remote
	}
	c.Report = func(level notice.Level, name, text string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reports = append(w.reports, fmt.Sprintf("%d %s: %s", level, name, text))
	}
	w.Engine = evaluation.New(c)
	t.Cleanup(func() {
		if err := w.Engine.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return w
}

// reported returns the reports since the last call.
func (w *world) reported() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	reports := w.reports
	w.reports = nil
	return reports
}

// wantRequests fails the test unless there were n requests for flags since the last call.
func (w *world) wantRequests(n int) []body {
	w.Helper()
	got := w.server.requests()
	if len(got) != n {
		w.Errorf("%d requests %+v, want %d", len(got), got, n)
	}
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	w.server.asked = nil
	return got
}

// one asks for a flag of somebody, and fails the test unless the answer has the state, the source and the error words.
func (w *world) one(key, distinctID string, want evaluation.State, source evaluation.Source, words string) evaluation.Record {
	w.Helper()
	r, err := w.One(w.Context(), key, person(distinctID))
	if r.State != want || r.Source != source || r.Errors != words {
		w.Errorf("One(%q, %q) is %v from %v with errors %q (%v), want %v from %v with %q",
			key, distinctID, r.State, r.Source, r.Errors, err, want, source, words)
	}
	if (err == nil) != (r.State != evaluation.Unresolved) {
		w.Errorf("One(%q, %q) is %v with error %v", key, distinctID, r.State, err)
	}
	return r
}

// person is a request about somebody.
func person(distinctID string) *evaluation.Request {
	return &evaluation.Request{Subject: flags.Subject{DistinctID: distinctID}}
}

// Definitions for the tests: on for everybody, with a variant and a payload, off, and open unless the plan is known.
const definitions = `{"flags":[` +
	`{"id":4,"key":"zeal","version":2,"active":true,"has_experiment":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{\"a\":1}"}}},` +
	`{"id":1,"key":"on","version":7,"active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}},` +
	`{"id":2,"key":"split","version":3,"active":true,"has_experiment":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],` +
	`"multivariate":{"variants":[{"key":"blue","rollout_percentage":100}]},"payloads":{"blue":"7"}}},` +
	`{"id":5,"key":"off","active":false,"filters":{"groups":[]}},` +
	`{"id":3,"key":"plan","version":1,"active":true,"filters":{"groups":[{"properties":[{"key":"plan","value":"pro","operator":"exact","type":"person"}],"rollout_percentage":100}]}}` +
	`],"group_type_mapping":{"0":"company"},"cohorts":{},"minimal_flag_called_events":true}`

// closed are definitions with which everything is decided for everybody.
const decided = `{"flags":[{"id":1,"key":"on","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}],"group_type_mapping":{},"cohorts":{}}`

// full is an answer with everything that an answer can have.
const full = `{"flags":{` +
	`"plan":{"key":"plan","enabled":true,"variant":"gold","reason":{"code":"condition_match","condition_index":1,"description":"Matched condition set 2"},` +
	`"metadata":{"id":33,"version":8,"payload":"[1]","has_experiment":true}},` +
	`"on":{"key":"on","enabled":false,"reason":{"code":"no_condition_match"},"metadata":{"id":1,"version":7}},` +
	`"far":{"key":"far","enabled":true}},` +
	`"requestId":"r-1","evaluatedAt":1767225600123,"minimalFlagCalledEvents":true}`

// answers is a reply with these flags, on without anything else.
func answers(keys ...string) reply {
	var list []string
	for _, key := range keys {
		list = append(list, fmt.Sprintf(`%q:{"enabled":true,"reason":{"code":"condition_match"}}`, key))
	}
	return reply{body: `{"flags":{` + strings.Join(list, ",") + `}}`}
}

// wait lets virtual time pass.
func wait(d time.Duration) { <-time.After(d) }
