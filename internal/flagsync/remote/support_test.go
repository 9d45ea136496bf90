package remote_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/wire"
)

// answer is how the server meets one request.
type answer func(w http.ResponseWriter, r *http.Request)

// visit is a request that the server saw.
type visit struct {
	at     time.Duration // since the server began
	method string
	url    string
	header http.Header
	body   string
}

// A server is a real HTTP server on connections that never leave the process, so that all of it runs in the virtual time
// of a bubble. It gives its answers in turn, and the last one from then on.
type server struct {
	arrivals chan net.Conn
	closed   chan struct{}
	dialing  func(ctx context.Context) error // if set, says what becomes of a dial

	mu      sync.Mutex // guards the fields below
	began   time.Time
	visits  []visit
	dials   []time.Duration
	answers []answer
}

// serve returns a server, and a real http.Transport to it. Both are shut down when the test ends.
func serve(t *testing.T, answers ...answer) (*server, *http.Transport) {
	t.Helper()
	s := &server{arrivals: make(chan net.Conn), closed: make(chan struct{}), began: time.Now(), answers: answers}
	var running sync.WaitGroup // Serve and every connection; a closing one lingers for half a virtual second
	h := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	h.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			running.Add(1)
		case http.StateClosed, http.StateHijacked:
			running.Done()
		}
	}
	running.Go(func() { _ = h.Serve(s) })
	way := &http.Transport{DialContext: s.dial, DisableCompression: true}
	t.Cleanup(func() {
		way.CloseIdleConnections()
		_ = h.Close()
		running.Wait()
	})
	return s, way
}

func (s *server) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	s.mu.Lock()
	s.dials = append(s.dials, time.Since(s.began))
	s.mu.Unlock()
	if s.dialing != nil {
		if err := s.dialing(ctx); err != nil {
			return nil, err
		}
	}
	near, far := net.Pipe()
	select {
	case s.arrivals <- far:
		return near, nil
	case <-s.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *server) Accept() (net.Conn, error) {
	select {
	case conn := <-s.arrivals:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *server) Close() error   { close(s.closed); return nil }
func (s *server) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.visits = append(s.visits, visit{time.Since(s.began), r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	next(w, r)
}

// seen returns the requests so far.
func (s *server) seen() []visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]visit(nil), s.visits...)
}

// dialed returns when connections were asked for.
func (s *server) dialed() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Duration(nil), s.dials...)
}

// says answers with a status and a body.
func says(status int, body string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// redirects answers with a redirect.
func redirects(status int, to string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		if to != "" {
			w.Header().Set("Location", to)
		}
		w.WriteHeader(status)
	}
}

// writes sends raw bytes and closes the connection, which no well-behaved server does.
func writes(raw string) answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

// hangs sends the beginning of an answer, possibly none, and then nothing until the client is gone.
func hangs(beginning string) answer {
	return func(w http.ResponseWriter, r *http.Request) {
		if beginning != "" {
			_, _ = io.WriteString(w, beginning)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}
}

const (
	enabled  = `{"flags":{"new-nav":{"enabled":true,"metadata":{"id":1,"version":2}}},"requestId":"r-1"}`
	endpoint = "http://flags.example.com"
)

// asking returns a Client with one retry.
func asking(rt http.RoundTripper, change func(c *remote.Config)) *remote.Client {
	config := remote.Config{
		Endpoint: endpoint, Key: "phc_test", Secret: "phs_secret", UserAgent: "hedgerow/1.2.3", RoundTripper: rt, Retries: remote.DefaultRetries,
	}
	if change != nil {
		change(&config)
	}
	return remote.New(config)
}

var person = wire.FlagsRequest{DistinctID: "u-9", Keys: []string{"new-nav"}, GeoIPDisable: true}

// failure returns err as an *Error, and a zero one for nil.
func failure(t *testing.T, err error) remote.Error {
	t.Helper()
	if err == nil {
		return remote.Error{}
	}
	failed, ok := errors.AsType[*remote.Error](err)
	if !ok {
		t.Fatalf("error is %T %v, want a *remote.Error", err, err)
	}
	return *failed
}
