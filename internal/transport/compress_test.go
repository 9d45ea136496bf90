package transport_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"

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
	type config = transport.Config
	cases := []struct {
		name     string
		config   config
		body     string
		encoding string
	}{
		{"off by default", config{}, events, ""},
		{"an unknown compression", config{Compression: 99}, events, ""},
		{"a large body", config{Compression: transport.Gzip}, events, "gzip"},
		{"a body of the threshold", config{Compression: transport.Gzip}, events[:1024], "gzip"},
		{"a body below the threshold", config{Compression: transport.Gzip}, events[:1023], ""},
		{"a lower threshold", config{Compression: transport.Gzip, CompressAbove: 300}, events[:300], "gzip"},
		{"a body that would grow", config{Compression: transport.Gzip}, noise(100_000), ""},
		{"a tiny body that would grow", config{Compression: transport.Gzip, CompressAbove: 1}, "{}", ""},
		{"an empty body", config{Compression: transport.Gzip, CompressAbove: 1}, "", ""},
		{"a large body with zstd", config{Compression: transport.Zstd}, events, "zstd"},
		{"a body larger than the window of zstd", config{Compression: transport.Zstd}, strings.Repeat(events, 30), "zstd"},
		{"a body that zstd would grow", config{Compression: transport.Zstd}, noise(100_000), ""},
		{"a tiny body that zstd would grow", config{Compression: transport.Zstd, CompressAbove: 1}, "{}", ""},
		{"an empty body with zstd", config{Compression: transport.Zstd, CompressAbove: 1}, "", ""},
		{"a large body with deflate", config{Compression: transport.Deflate}, events, "deflate"},
		{"a body that deflate would grow", config{Compression: transport.Deflate}, noise(100_000), ""},
		{"a codec takes the place of a compression", config{Compression: transport.Gzip, Codec: half}, events, "half"},
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
					if encoding != c.encoding || strings.Contains(query, "compression=gzip") != (c.encoding == "gzip") {
						t.Errorf("%s: Content-Encoding %q, query %q, want %q and the query for gzip alone", url, encoding, query, c.encoding)
					}
					if strings.Contains(url, "?a=b") != strings.HasPrefix(query, "a=b") {
						t.Errorf("%s: query %q, want the caller's kept", url, query)
					}
					if plain := decoded(t, encoding, wireBody); plain != c.body {
						t.Errorf("%s: server decoded %d bytes %.50q, want the plain body", url, len(plain), plain)
					}
					if (got.Wire < got.Plain) != (c.encoding != "") || got.CompressionErr != nil {
						t.Errorf("%s: %d bytes became %d, error %v, want fewer exactly when compressed", url, got.Plain, got.Wire, got.CompressionErr)
					}
				}
			})
		})
	}
}

// decoded undoes the encoding, where it can with the standard library's reader.
func decoded(t *testing.T, encoding, body string) string {
	t.Helper()
	var reader io.Reader
	var err error
	switch encoding {
	case "":
		return body
	case "gzip":
		reader, err = gzip.NewReader(strings.NewReader(body))
	case "deflate":
		if body[0] != 0x78 { // what servers tell zlib from raw deflate by
			t.Errorf("deflated body begins with %#x, want 0x78", body[0])
		}
		reader, err = zlib.NewReader(strings.NewReader(body))
	case "zstd":
		decoder, failure := zstd.NewReader(strings.NewReader(body), zstd.WithDecoderConcurrency(1))
		if failure == nil {
			defer decoder.Close()
		}
		reader, err = decoder, failure
	case "half":
		count, _, _ := strings.Cut(body, " ")
		n, _ := strconv.Atoi(count)
		return strings.Repeat(`{"event":"order paid","distinct_id":"u-17"},`, n)
	default:
		t.Fatalf("Content-Encoding %q, want one that was asked for", encoding)
	}
	if err != nil {
		t.Fatalf("body is not what Content-Encoding %q says: %v", encoding, err)
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
	for _, compression := range []transport.Compression{transport.Gzip, transport.Zstd, transport.Deflate} {
		var got string
		x := transport.New(transport.Config{Compression: compression, CompressAbove: 1, RoundTripper: roundTripperFunc(
			func(r *http.Request) (*http.Response, error) {
				got = decoded(t, r.Header.Get("Content-Encoding"), bodyOf(t, r))
				return &http.Response{StatusCode: 200}, nil
			})}).NewExchange()
		bodies := []string{strings.Repeat("a", 50_000), noise(200_000), strings.Repeat("b", 10), "", strings.Repeat("c", 300_000), noise(3)}
		for _, body := range append(bodies, bodies...) {
			x.Post(t.Context(), request(endpoint, body))
			if got != body {
				t.Fatalf("compression %d: server decoded %d bytes, want the %d of this body", compression, len(got), len(body))
			}
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
