package posthogtest

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// inMemoryURL is where a server without a real listener answers.
const inMemoryURL = "http://posthog.test"

// Server is an in-process PostHog. Create one with [NewServer] in a test or
// [Start] in a program. All methods are safe for concurrent use.
type Server struct {
	config Config
	record *record
	script *script
	flags  *flagBook
	conns  *connections
	memory *network
	http   *http.Server
	loops  sync.WaitGroup // accept loops
	closed chan struct{}  // closed by Close; ends every wait
	finish sync.Once
	tb     TB // nil for a server that no test owns

	mu  sync.Mutex // guards url and the start of accept loops
	url string
}

// NewServer starts a server on an in-memory network and closes it when the
// test ends. A nil config means the defaults. Inside a testing/synctest bubble
// pass the bubble's own *testing.T, so that the server lives and ends in it.
func NewServer(tb TB, config *Config) *Server {
	tb.Helper()
	if config == nil {
		config = new(Config)
	}
	s, err := Start(*config)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a program. It is reachable in memory, through
// [Server.Transport], until [Server.Listen] gives it a port. The caller must
// Close it. The error is about the configuration.
func Start(config Config) (*Server, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: config,
		record: newRecord(config.Keep),
		script: new(script),
		flags:  newFlagBook(config.FlagOptions),
		conns:  newConnections(),
		memory: newNetwork(),
		closed: make(chan struct{}),
		url:    inMemoryURL,
	}
	s.http = &http.Server{
		Handler:   s,
		ConnState: s.conns.observe,
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	s.serve(s.memory)
	return s, nil
}

// URL is the address to give a client: "http://posthog.test", or the real one
// after [Server.Listen].
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Transport returns a new *http.Transport whose connections are in-memory
// pipes to this server: a real client and a real server speaking HTTP/1.1 with
// keep-alive. Every host name leads here, whatever the URL; https is accepted
// and carried without encryption. Each call returns a transport with its own
// connections, which end with the server.
func (s *Server) Transport() http.RoundTripper {
	return s.memory.transport()
}

// Listen also serves on a TCP address, such as "127.0.0.1:8010", and returns
// the URL. "" means any free port of 127.0.0.1. The in-memory network keeps
// working. After Close it returns [http.ErrServerClosed].
func (s *Server) Listen(addr string) (url string, err error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		l.Close()
		return "", http.ErrServerClosed
	}
	s.serve(l)
	s.url = "http://" + l.Addr().String()
	return s.url, nil
}

// serve runs an accept loop. Callers hold mu or own s alone.
func (s *Server) serve(l net.Listener) {
	s.loops.Go(func() {
		_ = s.http.Serve(l) // always http.ErrServerClosed: Close ended it
	})
}

// Dials is the number of connections opened so far, on all listeners. It
// shows whether a client reuses its connections.
func (s *Server) Dials() int {
	opened, _ := s.conns.counts()
	return opened
}

// OpenConns is the number of connections open now, idle ones included.
func (s *Server) OpenConns() int {
	_, open := s.conns.counts()
	return open
}

// Close stops the server: hung and delayed requests end without an answer,
// every connection is closed, every goroutine has ended when it returns. What
// was recorded stays readable. Calling it again does nothing. It must not be
// called from inside a request to this server.
func (s *Server) Close() {
	s.finish.Do(func() {
		s.mu.Lock()
		close(s.closed)
		s.mu.Unlock()

		_ = s.http.Close() // listeners' close errors change nothing here
		s.loops.Wait()
		_ = s.http.Close() // connections accepted while the loops were ending
		s.conns.wait()
	})
}

func (s *Server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// Events returns every event accepted since the start or the last Reset, in
// order of arrival, duplicates included.
func (s *Server) Events() []Event { return s.record.allEvents() }

// Rows returns the events as a query would see them: of those with the same
// project token, UTC day, name, distinct id and uuid only the latest is kept,
// in the place of the first. Events the pipeline drops after answering 200 are
// missing; [Server.Warnings] tells which.
func (s *Server) Rows() []Event { return s.record.rows() }

// Requests returns every ingestion request in order of arrival, also refused,
// hung and faulted ones.
func (s *Server) Requests() []Request { return s.record.allRequests() }

// Warnings returns what production would lose or complain about without
// telling the client, in order.
func (s *Server) Warnings() []Warning { return s.record.allWarnings() }

// Reset forgets events, requests, those about flags included, warnings, and all
// that is known of persons and groups. Flags, cohorts, faults and connections
// stay.
func (s *Server) Reset() { s.record.reset() }
