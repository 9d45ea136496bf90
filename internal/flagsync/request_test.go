package flagsync_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// roundTrips is a RoundTripper with one document, for tests of everything but HTTP.
type roundTrips struct {
	answer string
	count  int
	panics bool
}

func (r *roundTrips) RoundTrip(*http.Request) (*http.Response, error) {
	r.count++
	if r.panics {
		panic("no round trip")
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(r.answer)), ContentLength: -1, Header: http.Header{}}, nil
}

// Proves FD-01: the bytes of a request, line for line.
func TestTheRequestOnTheWire(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/definitions.http")
	if err != nil {
		t.Fatal(err)
	}
	client, server := net.Pipe()
	var got bytes.Buffer
	var serving sync.WaitGroup
	serving.Go(func() {
		defer func() { _ = server.Close() }()
		requests := bufio.NewReader(io.TeeReader(server, &got))
		for _, answer := range []string{
			"HTTP/1.1 200 OK\r\nETag: W/\"1\"\r\nContent-Length: 12\r\n\r\n{\"flags\":[]}",
			"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
		} {
			if _, err := http.ReadRequest(requests); err != nil {
				t.Errorf("read request: %v", err)
				return
			}
			_, _ = io.WriteString(server, answer)
		}
	})
	wire := &http.Transport{DisableCompression: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	loader, err := flagsync.New(flagsync.Config{
		Endpoint: "http://user:password@example.com/proxy/", Key: "phc_test&", Secret: " phs_test\n", UserAgent: "hedgerow/1.2.3", RoundTripper: wire,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := loader.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	}
	serving.Wait()
	if err := loader.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("wire bytes\n%s\nwant\n%s", got.Bytes(), want)
	}
}

func TestAnswersMayBeGzipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != "gzip" {
				t.Errorf("Accept-Encoding %q, want gzip", got)
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, document("a"))
			_ = z.Close()
		})
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Network, "a")
	})
}

// endless is an answer that never ends.
type endless struct{ read int64 }

func (e *endless) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(e), ContentLength: 1 << 50, Header: http.Header{}}, nil
}

func (e *endless) Read(p []byte) (int, error) { e.read += int64(len(p)); return len(p), nil }

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // in which reading takes no time, on the slowest machine
		body := new(endless)
		loader, err := flagsync.New(flagsync.Config{Endpoint: "http://example.com", Secret: "phs_test", RoundTripper: body})
		if err != nil {
			t.Fatal(err)
		}
		err = loader.Reload(t.Context())
		if err == nil || !strings.Contains(err.Error(), "64 MiB") {
			t.Errorf("Reload = %v, want that the document is too large", err)
		}
		if err := loader.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if body.read > flagsync.MaxDocument+1<<20 {
			t.Errorf("%d bytes were read of an endless answer, want about %d", body.read, flagsync.MaxDocument)
		}
	})
}

// The secret key leaves neither the host nor https.
func TestRedirects(t *testing.T) {
	for name, c := range map[string]struct {
		location string
		want     int // requests
		loads    bool
	}{
		"within the host":          {"/elsewhere?token=x", 2, true},
		"with the whole address":   {"http://example.com/elsewhere", 2, true},
		"to another host":          {"http://evil.example.com/", 1, false},
		"to another port":          {"http://example.com:81/", 1, false},
		"to something else":        {"ftp://example.com/", 1, false},
		"nowhere":                  {"", 1, false},
		"to where it came from":    {"/flags/definitions", 6, false},
		"to an impossible address": {"http://%zz/", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t, secret(), func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/elsewhere" {
						if got := r.Header.Get("Authorization"); got != "Bearer phs_test" {
							t.Errorf("Authorization %q after a redirect, want it again", got)
						}
						_, _ = io.WriteString(w, document("a"))
						return
					}
					w.Header()["Location"] = []string{c.location}
					w.WriteHeader(http.StatusPermanentRedirect)
				})
				err := w.Reload(t.Context())
				if (err == nil) != c.loads {
					t.Errorf("Reload = %v, want definitions: %v", err, c.loads)
				}
				if got := len(w.service.seen()); got != c.want {
					t.Errorf("%d requests, want %d", got, c.want)
				}
			})
		})
	}
}

// A RoundTripper is the application's code, which may do anything.
func TestARoundTripperThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &roundTrips{answer: document("a"), panics: true}
		loader, err := flagsync.New(flagsync.Config{Endpoint: "http://example.com", Secret: "phs_test", RoundTripper: rt})
		if err != nil {
			t.Fatal(err)
		}
		if err := loader.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "no round trip") {
			t.Errorf("Reload = %v, want the panic", err)
		}
		rt.panics = false
		if err := loader.Wait(t.Context()); err != nil {
			t.Errorf("Wait: %v, want the loader to go on", err)
		}
		if err := loader.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
