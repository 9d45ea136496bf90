package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

func TestItsOwnTransportKeepsTheStandardSettings(t *testing.T) {
	t.Parallel()
	own := transport.Own(transport.New(transport.Config{Connections: 7}))
	standard := http.DefaultTransport.(*http.Transport)
	if own == nil || own == standard {
		t.Fatalf("own transport = %p, want one apart from http.DefaultTransport", own)
	}
	if own.MaxConnsPerHost != 7 || own.MaxIdleConnsPerHost != 7 || !own.DisableCompression {
		t.Errorf("own transport: %d connections, %d idle, compression disabled %v, want 7, 7, true",
			own.MaxConnsPerHost, own.MaxIdleConnsPerHost, own.DisableCompression)
	}
	if own.Proxy == nil || own.DialContext == nil || !own.ForceAttemptHTTP2 || own.IdleConnTimeout != standard.IdleConnTimeout ||
		own.TLSHandshakeTimeout != standard.TLSHandshakeTimeout {
		t.Errorf("own transport = %+v, want the settings of http.DefaultTransport", own)
	}
	if got := transport.Own(transport.New(transport.Config{})).MaxConnsPerHost; got != transport.DefaultConnections {
		t.Errorf("by default %d connections, want %d", got, transport.DefaultConnections)
	}
	if got := transport.Own(transport.New(transport.Config{RoundTripper: standard})); got != nil {
		t.Errorf("with a RoundTripper given: own transport = %p, want none", got)
	}
}

// A program may replace http.DefaultTransport; the settings then come from this package.
func TestAReplacedDefaultTransportIsNotUsed(t *testing.T) { // not parallel: it replaces a global
	standard := http.DefaultTransport
	http.DefaultTransport = roundTripperFunc(nil)
	own := transport.Own(transport.New(transport.Config{}))
	http.DefaultTransport = standard

	want := standard.(*http.Transport)
	if own.Proxy == nil || own.DialContext == nil || !own.ForceAttemptHTTP2 || own.IdleConnTimeout != want.IdleConnTimeout ||
		own.TLSHandshakeTimeout != want.TLSHandshakeTimeout || own.ExpectContinueTimeout != want.ExpectContinueTimeout {
		t.Errorf("own transport = %+v, want the settings of the standard one", own)
	}
}

func TestCloseIdleClosesOnlyItsOwnConnections(t *testing.T) {
	t.Parallel()
	for _, ours := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			n, wire := serve(t, func(http.ResponseWriter, *http.Request) {})
			config := transport.Config{RoundTripper: wire}
			if ours {
				config.RoundTripper = nil
			}
			client := transport.New(config)
			if ours {
				transport.Own(client).Proxy = nil
				transport.Own(client).DialContext = n.DialContext
			}
			x := client.NewExchange()
			for range 2 {
				if got := x.Post(t.Context(), request(endpoint, "{}")); got.Outcome != transport.Delivered {
					t.Fatalf("Post = %+v, want delivered", got)
				}
				client.CloseIdle()
			}
			if dials := n.dials.Load(); (dials == 2) != ours {
				t.Errorf("%d dials for two requests with CloseIdle between, own transport: %v", dials, ours)
			}
		})
	}
}

// The bytes of a request, line for line, as net/http writes them.
func TestTheRequestOnTheWire(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/post.http")
	if err != nil {
		t.Fatal(err)
	}
	client, server := net.Pipe()
	var got bytes.Buffer
	var serving sync.WaitGroup
	serving.Go(func() {
		defer func() { _ = server.Close() }()
		r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(server, &got)))
		if err != nil {
			t.Errorf("read request: %v", err)
			return
		}
		bodyOf(t, r)
		_, _ = io.WriteString(server, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
	wire := &http.Transport{DisableCompression: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	x := transport.New(transport.Config{RoundTripper: wire, UserAgent: "hedgerow/1.2.3"}).NewExchange()
	r := request(endpoint+"?a=b", `{"api_key":"phc_test","batch":[]}`)
	r.Header = http.Header{"X-Extra": {"yes"}}
	if got := x.Post(t.Context(), r); got.Outcome != transport.Delivered {
		t.Errorf("Post = %+v, want delivered", got)
	}
	serving.Wait()
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("wire bytes\n%s\nwant\n%s", got.Bytes(), want)
	}
}
