package transport_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

// noise returns n bytes that do not compress, the same ones every time.
func noise(n int) string {
	random := rand.NewChaCha8([32]byte{1})
	body := make([]byte, n)
	_, _ = random.Read(body)
	return string(body)
}

// Proves that Content-Encoding tells the truth about the body, for each of them.
func TestCompression(t *testing.T) {
	t.Parallel()
	events := strings.Repeat(`{"event":"order paid","distinct_id":"u-17"},`, 1000)
	cases := []struct {
		name    string
		config  transport.Config
		body    string
		gzipped bool
	}{
		{"off by default", transport.Config{}, events, false},
		{"a large body", transport.Config{Compression: transport.Gzip}, events, true},
		{"a body of the threshold", transport.Config{Compression: transport.Gzip}, events[:1024], true},
		{"a body below the threshold", transport.Config{Compression: transport.Gzip}, events[:1023], false},
		{"a lower threshold", transport.Config{Compression: transport.Gzip, CompressAbove: 300}, events[:300], true},
		{"a body that would grow", transport.Config{Compression: transport.Gzip}, noise(100_000), false},
		{"a tiny body that would grow", transport.Config{Compression: transport.Gzip, CompressAbove: 1}, "{}", false},
		{"an empty body", transport.Config{Compression: transport.Gzip, CompressAbove: 1}, "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var encoding, query, wireBody string
				var length int64
				_, wire := serve(t, func(_ http.ResponseWriter, r *http.Request) {
					encoding, query, length, wireBody = r.Header.Get("Content-Encoding"), r.URL.RawQuery, r.ContentLength, bodyOf(t, r)
				})
				c.config.RoundTripper = wire
				x := transport.New(c.config).NewExchange()
				for _, url := range []string{endpoint, endpoint + "?a=b"} {
					r := request(url, c.body)
					r.GzipQuery = true
					got := x.Post(t.Context(), r)
					if got.Outcome != transport.Delivered || got.Plain != len(c.body) || got.Wire != len(wireBody) || length != int64(len(wireBody)) {
						t.Fatalf("%s: Post = %v, plain %d, wire %d, Content-Length %d; server read %d, plain body has %d",
							url, got.Outcome, got.Plain, got.Wire, length, len(wireBody), len(c.body))
					}
					if (encoding == "gzip") != c.gzipped || strings.Contains(query, "compression=gzip") != c.gzipped {
						t.Errorf("%s: Content-Encoding %q, query %q, want gzip: %v", url, encoding, query, c.gzipped)
					}
					if strings.Contains(url, "?a=b") != strings.HasPrefix(query, "a=b") {
						t.Errorf("%s: query %q, want the caller's kept", url, query)
					}
					if plain := decoded(t, encoding, wireBody); plain != c.body {
						t.Errorf("%s: server decoded %d bytes %.50q, want the plain body", url, len(plain), plain)
					}
					if c.gzipped && got.Wire >= got.Plain {
						t.Errorf("%s: %d bytes became %d, want fewer", url, got.Plain, got.Wire)
					}
				}
			})
		})
	}
}

// decoded undoes the encoding with the standard library's reader.
func decoded(t *testing.T, encoding, body string) string {
	t.Helper()
	if encoding == "" {
		return body
	}
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatalf("body with Content-Encoding %q is not gzip: %v", encoding, err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatalf("decode body: %v", err)
	}
	return string(plain)
}

// The compressor is reused, and must not remember the body before, nor a body it gave up on.
func TestACompressorIsFreshForEveryBody(t *testing.T) {
	t.Parallel()
	var got string
	x := transport.New(transport.Config{Compression: transport.Gzip, CompressAbove: 1, RoundTripper: roundTripperFunc(
		func(r *http.Request) (*http.Response, error) {
			got = decoded(t, r.Header.Get("Content-Encoding"), bodyOf(t, r))
			return &http.Response{StatusCode: 200}, nil
		})}).NewExchange()
	bodies := []string{strings.Repeat("a", 50_000), noise(200_000), strings.Repeat("b", 10), "", strings.Repeat("c", 300_000), noise(3)}
	for _, body := range append(bodies, bodies...) {
		x.Post(t.Context(), request(endpoint, body))
		if got != body {
			t.Fatalf("server decoded %d bytes, want the %d of this body", len(got), len(body))
		}
	}
}

// Proves that without GzipQuery the address stays as it is.
func TestTheQueryIsOnlyTouchedWhenAsked(t *testing.T) {
	t.Parallel()
	x := transport.New(transport.Config{Compression: transport.Gzip, RoundTripper: roundTripperFunc(
		func(r *http.Request) (*http.Response, error) {
			if r.URL.String() != endpoint || r.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("address %q, Content-Encoding %q, want %q and gzip", r.URL, r.Header.Get("Content-Encoding"), endpoint)
			}
			return &http.Response{StatusCode: 200}, nil
		})}).NewExchange()
	x.Post(t.Context(), transport.Request{URL: endpoint, Body: func(dst []byte) []byte {
		return append(dst, bytes.Repeat([]byte("a"), 5000)...)
	}})
}
