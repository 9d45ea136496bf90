package posthogtest_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/hedgerow/posthog/posthogtest"
)

// packed writes text through a compressor.
func packed(t *testing.T, text string, open func(io.Writer) (io.WriteCloser, error)) string {
	t.Helper()
	var buf bytes.Buffer
	w, err := open(&buf)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return buf.String()
}

func TestTheAnalyticsRouteUndoesItsEncodings(t *testing.T) {
	t.Parallel()
	text := sheet(event("a", "u", 1))
	raw := packed(t, text, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 9) })
	wrapped := packed(t, text, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil })
	frame := packed(t, text, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	for name, c := range map[string]struct {
		coding, body string
		status       int
		word, text   string
	}{
		"none":                             {"", text, 200, "", ""},
		"gzip":                             {"gzip", zipped(text), 200, "", ""},
		"gzip in capitals":                 {"GZIP", zipped(text), 200, "", ""},
		"deflate as zlib wraps it":         {"deflate", wrapped, 200, "", ""},
		"deflate as a bare stream":         {"deflate", raw, 200, "", ""},
		"zstd":                             {"zstd", frame, 200, "", ""},
		"brotli":                           {"br", base64Of(text), 200, "", ""},
		"gzip that is not said":            {"", zipped(text), 400, "request_parsing_error", ""},
		"gzip that is not there":           {"gzip", text, 400, "request_decoding_error", "the gzip data is damaged"},
		"gzip cut short":                   {"gzip", zipped(text)[:40], 400, "request_decoding_error", "the gzip data is damaged"},
		"zlib that is not there":           {"deflate", "\x78nonsense", 400, "request_decoding_error", "the deflate data is damaged"},
		"a bare stream that is not there":  {"deflate", text, 400, "request_decoding_error", "the deflate data is damaged"},
		"zstd that is not there":           {"zstd", text, 400, "request_decoding_error", "the zstd data is damaged"},
		"zstd cut short":                   {"zstd", frame[:20], 400, "request_decoding_error", "the zstd data is damaged"},
		"brotli that is not there":         {"br", "!", 400, "request_decoding_error", "the br data is damaged"},
		"nothing, compressed":              {"gzip", zipped(""), 400, "empty_body", ""},
		"base64, which is the older one's": {"", base64Of(text), 400, "request_parsing_error", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Brotli: func(r io.Reader) io.Reader { return base64.NewDecoder(base64.StdEncoding, r) }})
			got := report(t, s, c.body, "Content-Encoding", c.coding)
			if got.status != c.status {
				t.Fatalf("%s of %q: got %d %s, want %d", c.coding, c.body, got.status, got.body, c.status)
			}
			if c.status == 200 {
				request := s.Requests()[0]
				if want := strings.ToLower(c.coding); request.Encoding != want || string(request.Body) != text || string(request.RawBody) != c.body {
					t.Errorf("got encoding %q and body %q, want %q and %q", request.Encoding, request.Body, want, text)
				}
				return
			}
			if word, description := mistake(t, got); word != c.word || !strings.Contains(description, c.text) {
				t.Errorf("%s of %q: got %s: %s, want %s with %q", c.coding, c.body, word, description, c.word, c.text)
			}
		})
	}
}

func TestTheAnalyticsRouteHasLimitsOfItsOwn(t *testing.T) {
	t.Parallel()
	text := sheet(event("a", "u", 1))
	size := int64(len(text))
	for name, c := range map[string]struct {
		limits       posthogtest.Limits
		coding, body string
		status       int
	}{
		"a body as large as allowed":                  {posthogtest.Limits{AnalyticsBody: size, BatchBody: 1, EventBody: 1}, "", text, 200},
		"a body one byte larger":                      {posthogtest.Limits{AnalyticsBody: size - 1}, "", text, 413},
		"a body that decompresses to what is allowed": {posthogtest.Limits{AnalyticsDecompressed: size, Decompressed: 1}, "gzip", zipped(text), 200},
		"a body that decompresses to one byte more":   {posthogtest.Limits{AnalyticsDecompressed: size - 1}, "gzip", zipped(text), 413},
		"a plain body over the decompressed limit":    {posthogtest.Limits{AnalyticsDecompressed: size - 1}, "", text, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Limits: c.limits})
			got := report(t, s, c.body, "Content-Encoding", c.coding)
			if got.status != c.status {
				t.Fatalf("%d bytes under %+v: got %d %s, want %d", len(c.body), c.limits, got.status, got.body, c.status)
			}
			if c.status != 413 {
				return
			}
			if word, _ := mistake(t, got); word != "payload_too_large" {
				t.Errorf("got %s, want payload_too_large", word)
			}
		})
	}
}
