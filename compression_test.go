package posthog_test

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// long is an event that is worth compressing.
var long = posthog.Capture{DistinctId: "u_7", Event: "e", Properties: posthog.Properties{"text": strings.Repeat("hedge ", 300)}}

// deflating is a codec as satellites bring it: it has the name of brotli, and
// makes something else that the tests can undo.
type deflating struct{}

func newDeflating() posthog.Codec { return deflating{} }

func (deflating) Encoding() string { return "br" }

func (deflating) Append(dst, plain []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, _ = w.Write(plain)
	_ = w.Close()
	return out.Bytes(), nil
}

// Proves PY-11, HV1-6: gzip from 1 KiB on by default; whatever is asked for by name
// from the first byte on; and nothing but gzip where nothing else is understood.
func TestCompression(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode   posthog.CompressionMode
		msg    posthog.Message
		v0, v1 string
	}{
		"default, long":  {posthog.CompressionDefault, long, "gzip", "gzip"},
		"default, short": {posthog.CompressionDefault, capture("e"), "", ""},
		"gzip, short":    {posthog.CompressionGzip, capture("e"), "gzip", "gzip"},
		"gzip, long":     {posthog.CompressionGzip, long, "gzip", "gzip"},
		"zstd, long":     {posthog.CompressionZstd, long, "gzip", "zstd"},
		"deflate, short": {posthog.CompressionDeflate, capture("e"), "gzip", "deflate"},
		"brotli, long":   {posthog.CompressionBrotli, long, "gzip", "br"},
		"none, long":     {posthog.CompressionNone, long, "", ""},
	} {
		for mode := range eachMode(0) {
			t.Run(mode.String()+", "+name, func(t *testing.T) {
				t.Parallel()
				server := posthogtest.NewServer(t, &posthogtest.Config{
					Brotli: func(r io.Reader) io.Reader { return flate.NewReader(r) },
				})
				client := dial(t, server, posthog.Config{CaptureMode: mode, Compression: c.mode, NewCodec: newDeflating})
				enqueue(t, client, c.msg)
				flush(t, client)
				server.Recorder(t).Count("e", 1)
				want, marker := c.v1, ""
				if mode == posthog.CaptureModeLegacy {
					want, marker = c.v0, c.v0
				}
				r := server.Requests()[0]
				if got, query := r.Header.Get("Content-Encoding"), r.Query.Get("compression"); got != want || query != marker {
					t.Errorf("Content-Encoding %q, query %q, want %q and %q", got, query, want, marker)
				}
				if compressed := len(r.RawBody) < len(r.Body); compressed != (want != "") {
					t.Errorf("the body is %d bytes for %d, want compressed: %v", len(r.RawBody), len(r.Body), want != "")
				}
			})
		}
	}
}

func TestCompressionModeString(t *testing.T) {
	t.Parallel()
	for mode, want := range map[posthog.CompressionMode]string{
		posthog.CompressionDefault: "default", posthog.CompressionNone: "none", posthog.CompressionGzip: "gzip",
		posthog.CompressionZstd: "zstd", posthog.CompressionDeflate: "deflate", posthog.CompressionBrotli: "brotli", 99: "unknown",
	} {
		if got := mode.String(); got != want {
			t.Errorf("CompressionMode(%d).String() = %q, want %q", mode, got, want)
		}
	}
}

// A codec that gives up costs its compression and no event.
func TestACodecThatFails(t *testing.T) {
	t.Parallel()
	for name, codec := range map[string]func() posthog.Codec{
		"none":          func() posthog.Codec { return nil },
		"one too large": func() posthog.Codec { return growing{} },
		"one to panic":  func() posthog.Codec { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{
				CaptureMode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionBrotli, NewCodec: codec, Interval: time.Hour,
			})
			enqueue(t, client, long)
			flush(t, client)
			server.Recorder(t).Count("e", 1)
			if got := server.Requests()[0].Header.Get("Content-Encoding"); got != "" {
				t.Errorf("Content-Encoding is %q, want none", got)
			}
		})
	}
}

// growing makes everything larger.
type growing struct{}

func (growing) Encoding() string { return "br" }

func (growing) Append(dst, plain []byte) ([]byte, error) {
	return append(append(dst, plain...), "and more"...), nil
}
