package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Proves FR-06, FR-07, HTT-4 and FT-09: which failures are tried again, how often and when.
func TestWhichFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	const full = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
	for name, tc := range map[string]struct {
		answer answer
		again  bool
		word   string
		status int
	}{
		"400":                         {says(400, "bad"), false, "api_error_400", 400},
		"401":                         {says(401, "bad"), false, "api_error_401", 401},
		"402":                         {says(402, "bad"), false, "api_error_402", 402},
		"403":                         {says(403, "bad"), false, "api_error_403", 403},
		"404":                         {says(404, "bad"), false, "api_error_404", 404},
		"408":                         {says(408, "bad"), false, "api_error_408", 408},
		"413":                         {says(413, "bad"), false, "api_error_413", 413},
		"429":                         {says(429, "bad"), false, "api_error_429", 429},
		"500":                         {says(500, "bad"), false, "api_error_500", 500},
		"501":                         {says(501, "bad"), false, "api_error_501", 501},
		"502":                         {says(502, "bad"), true, "api_error_502", 502},
		"503":                         {says(503, "bad"), false, "api_error_503", 503},
		"504":                         {says(504, "bad"), true, "api_error_504", 504},
		"520":                         {says(520, "bad"), false, "api_error_520", 520},
		"304":                         {says(304, ""), false, "api_error_304", 304},
		"closed without an answer":    {writes(""), true, "connection_error", 0},
		"closed in the status line":   {writes("HTTP/1.1 20"), true, "connection_error", 0},
		"closed in the header":        {writes("HTTP/1.1 200 OK\r\nContent-Le"), true, "connection_error", 0},
		"closed before the body":      {writes(full), true, "connection_error", 200},
		"closed in the body":          {writes(full + `{"flags":`), true, "connection_error", 200},
		"closed in a chunk":           {writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"), true, "connection_error", 200},
		"no HTTP":                     {writes("SSH-2.0-x\r\n"), true, "connection_error", 0},
		"silence":                     {hangs(""), true, "timeout", 0},
		"silence after the beginning": {hangs(`{"flags":`), true, "timeout", 200},
	} {
		for retries := range 4 {
			t.Run(fmt.Sprintf("%s, %d retries", name, retries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, way := serve(t, tc.answer)
					_, err := asking(way, func(c *remote.Config) { c.Retries = retries }).Flags(t.Context(), person)
					failed := failure(t, err)
					if err == nil || failed.Word() != tc.word || failed.Status != tc.status {
						t.Errorf("error is %v, word %q, status %d, want word %q, status %d", err, failed.Word(), failed.Status, tc.word, tc.status)
					}
					want := 1
					if tc.again {
						want += retries
					}
					if n := len(s.seen()); n != want || failed.Attempts != want {
						t.Errorf("%d requests and %d attempts, want %d", n, failed.Attempts, want)
					}
					took := time.Duration(0)
					if tc.word == "timeout" {
						took = remote.DefaultTimeout
					}
					requireWaits(t, s.seen(), took)
				})
			})
		}
	}
}

// requireWaits fails the test unless requests follow each other after 300, 600, 1200 ms and up to a fifth more, when each
// took that long, and are the same, bit by bit.
func requireWaits(t *testing.T, seen []visit, took time.Duration) {
	t.Helper()
	wait := 300 * time.Millisecond
	for i := 1; i < len(seen); i++ {
		got := seen[i].at - seen[i-1].at - took
		if got < wait || got > wait+wait/5 {
			t.Errorf("wait %d is %v, want %v to %v", i, got, wait, wait+wait/5)
		}
		if seen[i].body != seen[0].body || seen[i].url != seen[0].url {
			t.Errorf("request %d is %s, want that of the first, %s", i, seen[i].body, seen[0].body)
		}
		wait *= 2
	}
}

// Proves FR-06 for connections that never come about.
func TestFailedDialsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dialing  func(ctx context.Context) error
		endpoint string
		word     string
	}{
		"refused": {
			func(context.Context) error { return &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED} }, endpoint, "connection_error",
		},
		"no such host": {
			func(context.Context) error { return &net.DNSError{Err: "no such host", Name: "example.com"} }, endpoint, "connection_error",
		},
		"a dialer that gives up first": {
			func(context.Context) error { return &net.DNSError{Err: "slow", Name: "example.com", IsTimeout: true} }, endpoint, "timeout",
		},
		"no connection ever": {
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, endpoint, "timeout",
		},
		"no TLS at the other end": {nil, "https://flags.example.com", "connection_error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, says(200, enabled))
				s.dialing = tc.dialing
				_, err := asking(way, func(c *remote.Config) { c.Endpoint, c.Retries = tc.endpoint, 2 }).Flags(t.Context(), person)
				failed := failure(t, err)
				if failed.Word() != tc.word || failed.Attempts != 3 || failed.Status != 0 || len(s.dialed()) != 3 {
					t.Errorf("error is %v, word %q, %d attempts, %d dials, want word %q after 3", err, failed.Word(), failed.Attempts, len(s.dialed()), tc.word)
				}
			})
		})
	}
}

// Proves FR-06: a retry that succeeds is a success, and an attempt of another kind ends it.
func TestTheLastAttemptDecides(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answers []answer
		word    string
		tries   int
	}{
		"502, then flags":           {[]answer{says(502, ""), says(200, enabled)}, "", 2},
		"504, then flags":           {[]answer{says(504, ""), says(200, enabled)}, "", 2},
		"closed, then flags":        {[]answer{writes(""), says(200, enabled)}, "", 2},
		"slow, then flags":          {[]answer{hangs(""), says(200, enabled)}, "", 2},
		"502, then 500":             {[]answer{says(502, ""), says(500, ""), says(200, enabled)}, "api_error_500", 2},
		"502, then closed, flags":   {[]answer{says(502, ""), writes(""), says(200, enabled)}, "", 3},
		"502, then over the quota":  {[]answer{says(502, ""), says(200, `{"quotaLimited":["feature_flags"]}`)}, "quota_limited", 2},
		"502 longer than is waited": {[]answer{says(502, ""), says(502, ""), says(504, ""), says(200, enabled)}, "api_error_504", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, tc.answers...)
				got, err := asking(way, func(c *remote.Config) { c.Retries = 2 }).Flags(t.Context(), person)
				word := ""
				if err != nil {
					failed := failure(t, err)
					word = failed.Word()
				}
				if word != tc.word || got.Flags["new-nav"].Enabled != (word == "") || len(s.seen()) != tc.tries {
					t.Errorf("Flags = %+v, %v (word %q) after %d requests, want word %q after %d", got, err, word, len(s.seen()), tc.word, tc.tries)
				}
			})
		})
	}
}

// Proves FR-06: at most 9 retries, whose waits stop growing.
func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, says(502, ""))
		_, err := asking(way, func(c *remote.Config) { c.Retries = 100 }).Flags(t.Context(), person)
		if failed := failure(t, err); failed.Attempts != 10 {
			t.Errorf("%d attempts, want 10", failed.Attempts)
		}
		seen := s.seen()
		if last := seen[9].at - seen[8].at; last < 30*time.Second || last > 36*time.Second {
			t.Errorf("the last wait is %v, want 30 to 36 s", last)
		}
		_, err = asking(way, func(c *remote.Config) { c.Retries = -1 }).Flags(t.Context(), person)
		if failed := failure(t, err); failed.Attempts != 1 {
			t.Errorf("%d attempts with less than no retries, want 1", failed.Attempts)
		}
	})
}

// Proves FR-08: a call ends with its context, wherever it is, and not before.
func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	never := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, tc := range map[string]struct {
		answer   answer
		dialing  func(ctx context.Context) error
		end      time.Duration
		requests int
	}{
		"before it begins":      {says(200, enabled), nil, 0, 0},
		"while it dials":        {says(200, enabled), never, time.Second, 0},
		"before the answer":     {hangs(""), nil, time.Second, 1},
		"in the answer":         {hangs(`{"flags":`), nil, time.Second, 1},
		"in the second attempt": {hangs(""), nil, 3500 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, tc.answer)
				s.dialing = tc.dialing
				client := asking(way, func(c *remote.Config) { c.Retries = 9 })
				ended := func(ctx context.Context, want error, word string) {
					t.Helper()
					known, begin := len(s.seen()), time.Now()
					_, err := client.Flags(ctx, person)
					if failed := failure(t, err); !errors.Is(err, want) || failed.Word() != word || time.Since(begin) != tc.end {
						t.Errorf("error is %v, word %q, after %v, want %v, %q after %v", err, failed.Word(), time.Since(begin), want, word, tc.end)
					}
					if n := len(s.seen()) - known; n != tc.requests {
						t.Errorf("%d requests, want %d", n, tc.requests)
					}
				}
				late, cancel := context.WithTimeout(t.Context(), tc.end)
				defer cancel()
				ended(late, context.DeadlineExceeded, "timeout")
				canceled, cancel := context.WithCancel(t.Context())
				defer time.AfterFunc(tc.end, cancel).Stop()
				if tc.end == 0 {
					cancel()
				}
				ended(canceled, context.Canceled, "unknown_error")
			})
		})
	}
}

// Proves FR-08: a wait ends with the context too, and is not even begun if the context would not outlast it.
func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, way := serve(t, says(502, ""))
		client := asking(way, func(c *remote.Config) { c.Retries = 9 })

		begin := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(700*time.Millisecond, cancel).Stop()
		_, err := client.Flags(ctx, person)
		if failed := failure(t, err); !errors.Is(err, context.Canceled) || failed.Status != 502 || failed.Attempts != 2 {
			t.Errorf("canceled in a wait: error %v, status %d, %d attempts, want context.Canceled, 502, 2", err, failed.Status, failed.Attempts)
		}
		if took := time.Since(begin); took != 700*time.Millisecond {
			t.Errorf("canceled in a wait: returned after %v, want 700ms", took)
		}

		begin = time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		_, err = client.Flags(ctx, person)
		if failed := failure(t, err); failed.Word() != "api_error_502" || failed.Attempts != 2 {
			t.Errorf("no time for a wait: error %v, word %q, %d attempts, want api_error_502, 2", err, failed.Word(), failed.Attempts)
		}
		if took := time.Since(begin); took > 360*time.Millisecond {
			t.Errorf("no time for a wait: returned after %v, want at once after the second attempt", took)
		}
	})
}

// A refusal is one, however long its text is in coming.
func TestTheStatusOfARefusalStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, way := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			hangs("out of\n order")(w, r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := asking(way, nil).Flags(ctx, person)
		if failed := failure(t, err); failed.Word() != "api_error_500" || failed.Body != "out of order" || time.Since(begin) != time.Second {
			t.Errorf("error %v, word %q, text %q after %v, want api_error_500 after 1s", err, failed.Word(), failed.Body, time.Since(begin))
		}
	})
}

// Proves FR-08: a timeout of one's own, for each attempt.
func TestEachAttemptHasATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, hangs(""))
		_, err := asking(way, func(c *remote.Config) { c.Timeout, c.Retries = 100*time.Millisecond, 1 }).Flags(t.Context(), person)
		seen := s.seen()
		if failed := failure(t, err); len(seen) != 2 || failed.Word() != "timeout" || !strings.Contains(err.Error(), "no full answer within 100ms") {
			t.Fatalf("error is %v after %d requests, want a timeout of 100ms after 2", err, len(seen))
		}
		requireWaits(t, seen, 100*time.Millisecond)
	})
}
