package flagsync_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/notice"
)

// answers are those of a script, for calls in which some are the same.
type answers []http.HandlerFunc

// service is PostHog's endpoint on a network of net.Pipe, so that everything over it runs in virtual time. Each
// request gets the next answer of the script, and the last one for ever.
type service struct {
	arrivals chan net.Conn
	closed   chan struct{}

	mu       sync.Mutex
	script   []http.HandlerFunc
	requests []request
	busy     int // requests that are being answered
	busiest  int
}

// request is what the service saw of one.
type request struct {
	at     time.Time
	header http.Header
	target string
}

func (s *service) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case s.arrivals <- server:
		return client, nil
	case <-s.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *service) Accept() (net.Conn, error) {
	select {
	case conn := <-s.arrivals:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *service) Close() error   { return nil }
func (s *service) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, request{time.Now(), r.Header.Clone(), r.URL.String()})
	next := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	s.busy++
	s.busiest = max(s.busiest, s.busy)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}()
	next(w, r)
}

// answer replaces the script.
func (s *service) answer(script ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// seen returns the requests so far.
func (s *service) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// waits returns the times between the requests so far.
func (s *service) waits() []time.Duration {
	var waits []time.Duration
	requests := s.seen()
	for i := 1; i < len(requests); i++ {
		waits = append(waits, requests[i].at.Sub(requests[i-1].at))
	}
	return waits
}

// serve starts a service with the script, and returns it and a transport to it. Both end with the test.
func serve(t *testing.T, script ...http.HandlerFunc) (*service, *http.Transport) {
	t.Helper()
	s := &service{arrivals: make(chan net.Conn), closed: make(chan struct{}), script: script}
	var running sync.WaitGroup
	server := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			running.Add(1)
		case http.StateClosed, http.StateHijacked:
			running.Done()
		}
	}
	running.Go(func() { _ = server.Serve(s) })
	wire := &http.Transport{DialContext: s.dial, DisableCompression: true}
	t.Cleanup(func() {
		wire.CloseIdleConnections()
		close(s.closed)
		_ = server.Close()
		running.Wait()
	})
	return s, wire
}

// world is a Loader, the service it asks and what it reports.
type world struct {
	*testing.T
	*flagsync.Loader
	service *service

	mu      sync.Mutex
	reports []string
}

// open returns a Loader with the configuration, as far as it says anything, over a service with the script.
func open(t *testing.T, c flagsync.Config, script ...http.HandlerFunc) *world {
	t.Helper()
	w := &world{T: t}
	service, wire := serve(t, script...)
	w.service = service
	c.Endpoint, c.Key = "http://example.com", "phc_test"
	c.RoundTripper = wire
	c.Report = func(level notice.Level, text string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reports = append(w.reports, fmt.Sprintf("%d %s", level, text))
	}
	loader, err := flagsync.New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	w.Loader = loader
	t.Cleanup(func() {
		if err := loader.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return w
}

// secret is a configuration that asks PostHog.
func secret() flagsync.Config { return flagsync.Config{Secret: "phs_test"} }

// reported returns the reports since the last call.
func (w *world) reported() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	reports := w.reports
	w.reports = nil
	return reports
}

// want fails the test unless exactly these flags are loaded, from that source.
func (w *world) want(source flagsync.Source, keys ...string) {
	w.Helper()
	s := w.State()
	if got := loaded(s); !slices.Equal(got, keys) || s.Source != source {
		w.Errorf("loaded are %q from %v, want %q from %v", got, s.Source, keys, source)
	}
}

// loaded returns the keys of the flags in s, sorted.
func loaded(s *flagsync.State) []string {
	if !s.Loaded() {
		return nil
	}
	keys := make(map[string]bool)
	for _, f := range s.Program.Definitions().Flags {
		keys[f.Key] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

// wait lets virtual time pass.
func wait(d time.Duration) { <-time.After(d) }

// pass lets virtual time pass, and everything happen that is due then. One goroutine of a test may call it at a time.
func pass(d time.Duration) {
	wait(d)
	synctest.Wait()
}

// document returns definitions of boolean flags that are on for everybody.
func document(keys ...string) string {
	var list []string
	for i, key := range keys {
		list = append(list, fmt.Sprintf(`{"id":%d,"key":%q,"active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}`, i+1, key))
	}
	return `{"flags":[` + strings.Join(list, ",") + `],"group_type_mapping":{},"cohorts":{}}`
}

// ok answers with a document, and with an ETag unless that is empty.
func ok(body, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		_, _ = io.WriteString(w, body)
	}
}

// status answers with a status and header lines, which are names and values by turns.
func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		if code != http.StatusNotModified {
			_, _ = io.WriteString(w, `{"detail":"because"}`)
		}
	}
}

// conditional answers as PostHog does: with 304 to the ETag that it knows.
func conditional(body, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, body)
	}
}

// enabled evaluates a flag.
func enabled(s *flagsync.State, key string) bool {
	return s.Loaded() && s.Program.Evaluate(key, &flags.Subject{DistinctID: "u_42"}).Enabled
}
