package transport_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/transport"
)

// Proves that sequential batches share a connection whatever the answers are.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		status int
		length int
		stream bool
		kept   bool
	}{
		{"after a 200 without a body", 200, 0, false, true},
		{"after a 200 with a small body", 200, 12, false, true},
		{"after a chunked 200", 200, 30_000, true, true},
		{"after a 200 of exactly the kept size", 200, 64 << 10, false, true},
		{"after a 200 longer than is kept", 200, 100_000, false, true},
		{"after a 400 with 10 KiB of text", 400, 10 << 10, false, true},
		{"after a chunked 503 with 10 KiB of text", 503, 10 << 10, true, true},
		{"after a 413 that read the body", 413, 100, false, true},
		{"not after an error page without end", 500, 1 << 20, true, false},
		{"not after a 200 without end", 200, 1 << 20, true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					w.WriteHeader(c.status)
					if c.stream {
						_ = http.NewResponseController(w).Flush()
					}
					_, _ = io.WriteString(w, strings.Repeat("a", c.length))
				})
				x := sending(wire)
				want := transport.Classify(c.status)
				for range 2 {
					if got := x.Post(t.Context(), request(endpoint, "{}")); got.Outcome != want || got.Err != nil {
						t.Fatalf("Post = %v, status %d, error %v, want %v", got.Outcome, got.Status, got.Err, want)
					}
				}
				if dials := n.dials.Load(); (dials == 1) != c.kept {
					t.Errorf("%d dials for two requests, want one connection kept: %v", dials, c.kept)
				}
			})
		})
	}
}

func TestAnswerBodiesAreBounded(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name          string
		length, bound int
		want          int
		cut           bool
	}{
		{"empty", 0, 0, 0, false},
		{"below the default", 1000, 0, 1000, false},
		{"at the default", 64 << 10, 0, 64 << 10, false},
		{"beyond the default", 64<<10 + 1, 0, 64 << 10, true},
		{"a larger bound", 200_000, 1 << 20, 200_000, false},
		{"a bound of one byte", 2, 1, 1, true},
		{"beyond every bound", 5 << 20, 1000, 1000, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			page := strings.Repeat("0123456789", c.length/10+1)[:c.length]
			x := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(page))}, nil
			}))
			r := request(endpoint, "{}")
			r.MaxBody = c.bound
			got := x.Post(t.Context(), r)
			if got.Outcome != transport.Delivered || string(got.Body) != page[:c.want] || got.BodyCut != c.cut {
				t.Errorf("%d bytes, bound %d: got %v, %d bytes, cut %v, want delivered, %d bytes, cut %v",
					c.length, c.bound, got.Outcome, len(got.Body), got.BodyCut, c.want, c.cut)
			}
		})
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		length, want int
		cut          bool
	}{
		{"empty", 0, 0, false},
		{"at the bound", 4096, 4096, false},
		{"beyond the bound", 4097, 4096, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			page := strings.Repeat("0123456789", 500)[:c.length]
			x := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 402, Body: io.NopCloser(strings.NewReader(page))}, nil
			}))
			r := request(endpoint, "{}")
			r.MaxBody = 1 // is about another kind of answer
			got := x.Post(t.Context(), r)
			if got.Outcome != transport.Rejected || string(got.Body) != page[:c.want] || got.BodyCut != c.cut || got.Message != page[:min(c.want, 1024)] {
				t.Errorf("%d bytes: got %v, body of %d bytes, cut %v, message of %d bytes, want rejected, %d, cut %v, %d",
					c.length, got.Outcome, len(got.Body), got.BodyCut, len(got.Message), c.want, c.cut, min(c.want, 1024))
			}
		})
	}
}

func TestWhatAnAnswerSaysAboutItself(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 503} {
		x := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{
				"Content-Type":       {"application/json; charset=utf-8"},
				"Posthog-Request-Id": {"0199c0de-0000-7000-8000-000000000001\x1b[31m"},
				"Retry-After":        {"3"},
			}}, nil
		}))
		got := x.Post(t.Context(), request(endpoint, "{}"))
		if got.ContentType != "application/json; charset=utf-8" || got.RequestID != "0199c0de-0000-7000-8000-000000000001 [31m" ||
			got.RetryAfter != 3*time.Second {
			t.Errorf("status %d: Content-Type %q, request id %q, Retry-After %s, want what the answer says, in printable text",
				status, got.ContentType, got.RequestID, got.RetryAfter)
		}
	}
}

func TestMessagesAreOneReadableLine(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"plain text", "missing api key", "missing api key"},
		{"nothing", "", ""},
		{"lines and tabs", " a\r\n\tb\n\n c ", "a b c"},
		{"terminal escapes", "\x1b[31mred\x1b[0m", "[31mred [0m"},
		{"invisible direction marks", "a\u202eb\u2028c", "a b c"},
		{"bytes that are not text", "a\xff\xfe\x00b", "a b"},
		{"other scripts", "слишком большой", "слишком большой"},
		{"a long text", strings.Repeat("x", 5000), strings.Repeat("x", 1024)},
		{"a letter across the bound", strings.Repeat("x", 1023) + "ж", strings.Repeat("x", 1023)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(c.text))}, nil
			}))
			got := x.Post(t.Context(), request(endpoint, "{}")).Message
			if got != c.want {
				t.Errorf("text %.60q: Message = %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestALongRedirectTargetStaysOneShortLine(t *testing.T) {
	t.Parallel()
	x := sending(roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return moved(301, "https://example.com/"+strings.Repeat("ж", 5000)), nil
	}))
	got := x.Post(t.Context(), request(endpoint, "{}")).Message
	if len(got) > 1024 || !utf8.ValidString(got) || !strings.HasPrefix(got, "Endpoint "+endpoint+" answered 301 to https://example.com/") {
		t.Errorf("Message = %d bytes %.100q, want at most 1024 that name both addresses", len(got), got)
	}
}
