package transport_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

// sparing returns a Request with text as its body and notes the capacity of the buffer it was given.
func sparing(capacity *int, text string) transport.Request {
	return transport.Request{URL: endpoint, Body: func(dst []byte) []byte {
		*capacity = cap(dst)
		return append(dst, text...)
	}}
}

// lateReader reads its first request like any other. It answers 200 to the later ones after one byte of
// the body, and reads the rest only when told to.
type lateReader struct {
	proceed chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex // guards bodies
	bodies  []string
}

func (l *lateReader) RoundTrip(r *http.Request) (*http.Response, error) {
	first := make([]byte, 1)
	_, _ = io.ReadFull(r.Body, first)
	encoding := r.Header.Get("Content-Encoding")
	l.mu.Lock()
	slot := len(l.bodies)
	l.bodies = append(l.bodies, "")
	l.mu.Unlock()
	read := func() {
		defer func() { _ = r.Body.Close() }()
		rest, err := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.bodies[slot] = encoding + ":" + string(first) + string(rest)
		if err != nil {
			l.bodies[slot] = err.Error()
		}
	}
	if slot == 0 {
		read()
	} else {
		l.running.Go(func() { <-l.proceed; read() })
	}
	return &http.Response{StatusCode: 200}, nil
}

// Proves that bytes of a later request never leak into an earlier one. It relies on the race detector
// as much as on the comparison.
func TestABodyStillBeingReadIsNotOverwritten(t *testing.T) {
	t.Parallel()
	for name, compression := range map[string]transport.Compression{
		"plain": transport.None, "gzip": transport.Gzip, "zstd": transport.Zstd, "deflate": transport.Deflate,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			late := &lateReader{proceed: make(chan struct{})}
			x := transport.New(transport.Config{RoundTripper: late, Compression: compression}).NewExchange()
			var sent []string
			for _, letter := range []string{"a", "b", "c", "d", "e"} {
				body := strings.Repeat(letter+" body ", 10_000)
				sent = append(sent, body)
				if got := x.Post(t.Context(), request(endpoint, body)); got.Outcome != transport.Delivered || got.Plain != len(body) {
					t.Fatalf("Post = %+v, want %d bytes delivered", got, len(body))
				}
				if letter == "c" {
					close(late.proceed) // from here on readers and builders run side by side
				}
			}
			late.running.Wait()
			for i, got := range late.bodies {
				encoding, body, _ := strings.Cut(got, ":")
				if plain := decoded(t, encoding, body); plain != sent[i] {
					t.Errorf("request %d was read late as %.30q, want %.30q", i, plain, sent[i])
				}
			}
		})
	}
}

func TestBuffersComeBackOnceNobodyReadsThem(t *testing.T) {
	t.Parallel()
	ok := func() *http.Response { return &http.Response{StatusCode: 200} }
	cases := []struct {
		name string
		rt   roundTripperFunc
		kept bool
	}{
		{"read to the end and closed", func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return ok(), r.Body.Close()
		}, true},
		{"read to the end but not closed", func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return ok(), nil
		}, true},
		{"closed without reading", func(r *http.Request) (*http.Response, error) {
			return ok(), r.Body.Close()
		}, true},
		{"closed twice without reading", func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			return ok(), r.Body.Close()
		}, true},
		{"neither read nor closed", func(*http.Request) (*http.Response, error) {
			return ok(), nil
		}, false},
		{"a second pass neither read nor closed", func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			_, err := r.GetBody()
			return ok(), err
		}, false},
		{"a first pass closed twice while a second is open", func(r *http.Request) (*http.Response, error) {
			_, err := r.GetBody()
			_ = r.Body.Close()
			_ = r.Body.Close()
			return ok(), err
		}, false},
		{"a failure with the body still open", func(*http.Request) (*http.Response, error) {
			return nil, io.ErrUnexpectedEOF
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := sending(c.rt)
			var first, second int
			x.Post(t.Context(), sparing(&first, strings.Repeat("a", 5000)))
			x.Post(t.Context(), sparing(&second, "b"))
			if (second >= 5000) != c.kept {
				t.Errorf("second body was given a buffer of %d bytes, want the first one's kept: %v", second, c.kept)
			}
		})
	}
}

func TestABodyIsClosedForGoodOnceItsRequestIsOver(t *testing.T) {
	t.Parallel()
	var leaked *http.Request
	x := sending(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		leaked = r
		_ = r.Body.Close()
		return &http.Response{StatusCode: 200}, nil
	}))
	x.Post(t.Context(), request(endpoint, "secret"))
	if n, err := leaked.Body.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("Read after Close = %d, %v, want an error", n, err)
	}
	if body, err := leaked.GetBody(); err == nil {
		t.Errorf("GetBody after the request = %v, want an error", body)
	}
}

func TestAPanickingRoundTripperKeepsItsBuffer(t *testing.T) {
	t.Parallel()
	broken := false
	x := sending(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if broken {
			panic("broken RoundTripper")
		}
		return &http.Response{StatusCode: 200}, r.Body.Close()
	}))
	var capacity int
	post := func() {
		defer func() { _ = recover() }()
		x.Post(t.Context(), sparing(&capacity, strings.Repeat("a", 5000)))
	}
	post()
	broken = true
	post()
	post()
	if capacity != 0 {
		t.Errorf("after a panic the next body was given a buffer of %d bytes that may still be read, want none", capacity)
	}
}

func TestHugeBuffersAreNotKept(t *testing.T) {
	t.Parallel()
	swallow := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: 200}, nil
	})
	var capacity int
	x := sending(swallow)
	x.Post(t.Context(), sparing(&capacity, strings.Repeat("a", 5<<20)))
	x.Post(t.Context(), sparing(&capacity, ""))
	if capacity != 0 {
		t.Errorf("after a body of 5 MiB the next was given a buffer of %d bytes, want none", capacity)
	}
}

// HTTP/2 closes a request body on a goroutine of its own, often after the answer has been read. That
// must not cost a new buffer for each request.
func TestBuffersComeBackOverRealConnections(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork()
				protocols := map[int]int{}
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					protocols[r.ProtoMajor]++
					_, _ = io.Copy(io.Discard, r.Body)
					_, _ = io.WriteString(w, `{"status":"Ok"}`)
				}))
				_ = server.Listener.Close()
				server.Listener = n
				server.EnableHTTP2 = http2
				server.StartTLS()
				defer server.Close()
				wire := server.Client().Transport.(*http.Transport)
				wire.DialContext = n.DialContext

				x := sending(wire)
				var capacity int
				r := sparing(&capacity, strings.Repeat("a", 300_000))
				r.URL = "https://example.com/batch/"
				for i := range 20 {
					if got := x.Post(t.Context(), r); got.Outcome != transport.Delivered {
						t.Fatalf("Post = %+v, want delivered", got)
					}
					if i > 0 && capacity < 300_000 {
						t.Fatalf("request %d was given a buffer of %d bytes, want the one before kept", i, capacity)
					}
				}
				if want := map[bool]int{false: 1, true: 2}[http2]; protocols[want] != 20 {
					t.Errorf("requests by major version: %v, want 20 of %d", protocols, want)
				}
			})
		})
	}
}

// An early answer over a real connection: the server says no after the first bytes of a large body.
func TestAnEarlyAnswerOverARealConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "early" {
				w.Header().Set("Connection", "close")
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			if body := bodyOf(t, r); strings.Trim(body, "b") != "" || len(body) != 2_000_000 {
				t.Errorf("second body: %d bytes starting %.20q, want only its own", len(body), body)
			}
		})
		x := sending(wire)
		for range 3 {
			if got := x.Post(t.Context(), request(endpoint+"?early", strings.Repeat("a", 2_000_000))); got.Outcome != transport.TooLarge {
				t.Errorf("early answer: %+v, want too large", got)
			}
			if got := x.Post(t.Context(), request(endpoint, strings.Repeat("b", 2_000_000))); got.Outcome != transport.Delivered {
				t.Errorf("after it: %+v, want delivered", got)
			}
		}
	})
}

func TestExchangesOfOneClientRunSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, decoded(t, r.Header.Get("Content-Encoding"), bodyOf(t, r)))
		})
		wire.MaxConnsPerHost = 4
		wire.MaxIdleConnsPerHost = 4
		client := transport.New(transport.Config{RoundTripper: wire, Compression: transport.Gzip})
		var senders sync.WaitGroup
		for i := range 8 {
			senders.Go(func() {
				x := client.NewExchange()
				for size := range 20 {
					body := strings.Repeat(string(rune('a'+i)), size*300)
					got := x.Post(context.WithoutCancel(t.Context()), request(endpoint, body))
					if got.Outcome != transport.Delivered || string(got.Body) != body {
						t.Errorf("sender %d: %v, echo of %d bytes %.20q, want its %d", i, got.Outcome, len(got.Body), got.Body, len(body))
					}
				}
			})
		}
		senders.Wait()
		if dials := n.dials.Load(); dials > 4 {
			t.Errorf("%d dials, want at most 4", dials)
		}
	})
}
