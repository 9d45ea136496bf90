package posthog_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/hedgerow/posthog"
)

// pipes is a listener for connections within the process.
type pipes struct {
	dialled chan net.Conn
	closed  context.Context
	close   context.CancelFunc
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialled:
		return conn, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return visitor }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.dialled <- located{far}:
		return near, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// visitor is where requests come from.
var visitor = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711}

// located is a connection from the visitor.
type located struct{ net.Conn }

func (located) RemoteAddr() net.Addr { return visitor }

// serve answers requests with handler, in a real server without a port, until
// the test ends, and returns the way to it.
func serve(t *testing.T, handler http.Handler, protocols ...func(*http.Protocols, bool)) *http.Client {
	t.Helper()
	var p *http.Protocols
	for _, set := range protocols {
		if p == nil {
			p = new(http.Protocols)
		}
		set(p, true)
	}
	ctx, cancel := context.WithCancel(context.Background())
	listener := &pipes{dialled: make(chan net.Conn), closed: ctx, close: cancel}
	server := &http.Server{Handler: handler, Protocols: p, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.dial, Protocols: p}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	return &http.Client{Transport: transport}
}

// get makes a request with headers, and returns the status and the body, or 0 if
// there was no answer.
func get(t *testing.T, client *http.Client, url string, headers map[string]string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, ""
	}
	return answer.StatusCode, string(text)
}

// capturing is a handler that captures msg within each request.
func capturing(t *testing.T, client posthog.EnqueueClient, msg posthog.Message) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := posthog.EnqueueWithContext(r.Context(), client, msg); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
	})
}
