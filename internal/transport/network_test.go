package transport_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/posthog/internal/transport"
)

const endpoint = "http://example.com/batch/"

// network is a listener without sockets: each dial is one end of a net.Pipe, so that everything over
// it runs in the virtual time of a synctest bubble.
type network struct {
	arrivals chan net.Conn
	closed   chan struct{}
	close    sync.Once
	dials    atomic.Int32
}

func newNetwork() *network {
	return &network{arrivals: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *network) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	n.dials.Add(1)
	client, server := net.Pipe()
	select {
	case n.arrivals <- server:
		return client, nil
	case <-n.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.arrivals:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.close.Do(func() { close(n.closed) })
	return nil
}

func (n *network) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// serve runs a real HTTP/1.1 server with handler on a network of its own, and returns that network
// and a real http.Transport into it. Both are shut down when the test ends.
func serve(t *testing.T, handler http.HandlerFunc) (*network, *http.Transport) {
	t.Helper()
	n := newNetwork()
	var running sync.WaitGroup // Serve and every connection; a closing one lingers for half a virtual second
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			running.Add(1)
		case http.StateClosed, http.StateHijacked:
			running.Done()
		}
	}
	running.Go(func() { _ = server.Serve(n) })
	wire := &http.Transport{DialContext: n.DialContext, DisableCompression: true}
	t.Cleanup(func() {
		wire.CloseIdleConnections()
		_ = server.Close()
		running.Wait()
	})
	return n, wire
}

// answering returns a handler that reads the request and then writes raw to the connection and closes
// it, which no well-behaved server does.
func answering(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

// roundTripperFunc is a RoundTripper made of one function.
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sending returns an Exchange with default settings over rt.
func sending(rt http.RoundTripper) *transport.Exchange {
	return transport.New(transport.Config{RoundTripper: rt}).NewExchange()
}

// request returns a Request for url whose body is text.
func request(url, text string) transport.Request {
	return transport.Request{URL: url, Body: func(dst []byte) []byte { return append(dst, text...) }}
}

// bodyOf reads the whole body of r.
func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("read request body: %v", err)
	}
	return string(body)
}
