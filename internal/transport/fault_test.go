package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/transport"
)

func TestAnswersThatBreakOff(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, raw string
		outcome   transport.Outcome
		status    int
		maybe     bool
		message   string
	}{
		{"a connection closed before the answer", "", transport.Retry, 0, true, ""},
		{"a broken status line", "HTTP/1.1 2", transport.Retry, 0, true, ""},
		{"a 200 shorter than its length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":", transport.Retry, 200, true, ""},
		{"a chunked 200 without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", transport.Retry, 200, true, ""},
		{"a 200 that breaks off after its last kept byte", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("a", 64), transport.Retry, 200, true, ""},
		{"a 200 that breaks off beyond what is kept", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("a", 65), transport.Delivered, 200, false, ""},
		{"a 400 shorter than its length", "HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\nmissing", transport.Rejected, 400, false, "missing"},
		{"a 413 shorter than its length", "HTTP/1.1 413 Too Big\r\nContent-Length: 100\r\n\r\n", transport.TooLarge, 413, false, ""},
		{"a 503 shorter than its length", "HTTP/1.1 503 Sorry\r\nContent-Length: 100\r\nRetry-After: 7\r\n\r\n", transport.Retry, 503, false, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, wire := serve(t, answering(c.raw))
				r := request(endpoint, "{}")
				r.MaxBody = 64
				got := sending(wire).Post(t.Context(), r)
				if got.Outcome != c.outcome || got.Status != c.status || got.MaybeDelivered != c.maybe || got.Message != c.message {
					t.Errorf("Post = %+v, want %v, status %d, maybe delivered %v, message %q", got, c.outcome, c.status, c.maybe, c.message)
				}
				if (got.Err != nil) != c.maybe {
					t.Errorf("Err = %v, want an error exactly when the answer was unusable", got.Err)
				}
				if got.Err != nil && !strings.Contains(got.Err.Error(), endpoint) {
					t.Errorf("Err = %q, want it to name the address", got.Err)
				}
			})
		})
	}
}

func TestTimeoutBoundsTheWholeAttempt(t *testing.T) {
	t.Parallel()
	stall := func(r *http.Request) { <-r.Context().Done() }
	cases := []struct {
		name    string
		handler http.HandlerFunc
		outcome transport.Outcome
		status  int
		maybe   bool
	}{
		{"a server that never answers", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			stall(r)
		}, transport.Retry, 0, true},
		{"a 200 whose body stalls", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			stall(r)
		}, transport.Retry, 200, true},
		{"a 400 whose text stalls", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(400)
			_ = http.NewResponseController(w).Flush()
			stall(r)
		}, transport.Rejected, 400, false},
		{"a 307 whose text stalls", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(307)
			_ = http.NewResponseController(w).Flush()
			stall(r)
		}, transport.Retry, 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, wire := serve(t, c.handler)
				x := transport.New(transport.Config{RoundTripper: wire, Timeout: 10 * time.Second}).NewExchange()
				start := time.Now()
				got := x.Post(t.Context(), request(endpoint, "{}"))
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("Post took %s, want 10s", took)
				}
				if got.Outcome != c.outcome || got.Status != c.status || got.MaybeDelivered != c.maybe {
					t.Errorf("Post = %+v, want %v, status %d, maybe delivered %v", got, c.outcome, c.status, c.maybe)
				}
				if c.outcome == transport.Retry && !errors.Is(got.Err, context.DeadlineExceeded) {
					t.Errorf("Err = %v, want the deadline in it", got.Err)
				}
				if c.outcome == transport.Retry && !strings.Contains(got.Err.Error(), "no full answer within 10s") {
					t.Errorf("Err = %q, want it to name the timeout", got.Err)
				}
			})
		})
	}
}

func TestTheEndOfTheCallersContextIsCanceled(t *testing.T) {
	t.Parallel()
	silent := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	cases := []struct {
		name  string
		ctx   func(context.Context) (context.Context, context.CancelFunc)
		after time.Duration
		maybe bool
		cause error
	}{
		{"canceled while waiting", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		}, 3 * time.Second, true, context.Canceled},
		{"a deadline before the timeout", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 4*time.Second)
		}, 4 * time.Second, true, context.DeadlineExceeded},
		{"a deadline at the timeout", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, transport.DefaultTimeout)
		}, transport.DefaultTimeout, true, context.DeadlineExceeded},
		{"ended before the start", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, 0, false, context.Canceled},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, wire := serve(t, silent)
				ctx, cancel := c.ctx(t.Context())
				defer cancel()
				start := time.Now()
				got := sending(wire).Post(ctx, request(endpoint, "{}"))
				if took := time.Since(start); took != c.after {
					t.Errorf("Post took %s, want %s", took, c.after)
				}
				if got.Outcome != transport.Canceled || got.MaybeDelivered != c.maybe || !errors.Is(got.Err, c.cause) {
					t.Errorf("Post = %+v, want canceled, maybe delivered %v, error %v", got, c.maybe, c.cause)
				}
			})
		})
	}
}

func TestAnAnswerCountsEvenIfTheContextEndsMeanwhile(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]transport.Outcome{200: transport.Delivered, 400: transport.Rejected, 503: transport.Retry} {
		ctx, cancel := context.WithCancel(t.Context())
		got := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
			cancel()
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("x"))}, nil
		})).Post(ctx, request(endpoint, "{}"))
		if got.Outcome != want {
			t.Errorf("status %d with an ended context: %+v, want %v", status, got, want)
		}
	}
}

// After a 101 the connection is the body, and reading it could wait for ever.
func TestASwitchOfProtocolsIsRejectedUnread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Errorf("hijack: %v", err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			_, _ = io.Copy(io.Discard, conn) // until the client hangs up
			_ = conn.Close()
		})
		start := time.Now()
		got := sending(wire).Post(t.Context(), request(endpoint, "{}"))
		if took := time.Since(start); took != 0 || got.Outcome != transport.Rejected || got.Status != 101 || got.Message != "" {
			t.Errorf("Post = %+v after %s, want rejected without a message and at once", got, took)
		}
	})
}

func TestRequestsThatNeverReachAServer(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	_ = n.Close()
	refusing := &http.Transport{DialContext: n.DialContext}
	got := sending(refusing).Post(t.Context(), request(endpoint+"?key=phc_test", "{}"))
	if got.Outcome != transport.Retry || got.MaybeDelivered || got.Status != 0 || got.Err == nil {
		t.Errorf("refused dial: %+v, want retry, not delivered", got)
	}
	if text := got.Err.Error(); strings.Contains(text, "phc_test") || !strings.HasPrefix(text, "send request to "+endpoint) {
		t.Errorf("refused dial: error %q, want a verb phrase, the address and no query", text)
	}

	got = sending(roundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, nil })).
		Post(t.Context(), request(endpoint, "{}"))
	if got.Outcome != transport.Retry || got.MaybeDelivered || got.Err == nil {
		t.Errorf("neither answer nor error: %+v, want retry", got)
	}

	closed := false
	answer := &http.Response{StatusCode: 200, Body: closer(func() { closed = true })}
	got = sending(roundTripperFunc(func(*http.Request) (*http.Response, error) { return answer, io.ErrUnexpectedEOF })).
		Post(t.Context(), request(endpoint, "{}"))
	if got.Outcome != transport.Retry || !errors.Is(got.Err, io.ErrUnexpectedEOF) || !closed {
		t.Errorf("answer and error: %+v, closed %v, want retry and the answer closed", got, closed)
	}

	for _, url := range []string{"http://eve:secret@exa mple.com/", "/batch/", "", "http://example.com:port/"} {
		got := sending(refusing).Post(t.Context(), request(url, "{}"))
		if got.Outcome != transport.Rejected || got.Status != 0 || got.Err == nil || strings.Contains(got.Err.Error(), "secret") {
			t.Errorf("address %q: %+v, want rejected with an error without credentials", url, got)
		}
	}
}

// closer is an empty body that reports its closing.
type closer func()

func (closer) Read([]byte) (int, error) { return 0, io.EOF }
func (c closer) Close() error           { c(); return nil }
