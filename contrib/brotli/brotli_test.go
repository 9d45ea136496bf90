package brotli_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	compressor "github.com/andybalholm/brotli"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/contrib/brotli"
	"github.com/hedgerow/posthog/posthogtest"
)

// undo is what posthogtest needs to read brotli.
func undo(r io.Reader) io.Reader { return compressor.NewReader(r) }

// What a Codec makes, one body after the other, is what it was given.
func TestAppendCanBeUndone(t *testing.T) {
	t.Parallel()
	for _, level := range []int{-1, 0, brotli.Level, 11, 99} {
		codec := brotli.NewCodecLevel(level)
		for _, plain := range []string{"", "a", strings.Repeat("hedge ", 10_000), strings.Repeat("row ", 100)} {
			dst := []byte("before")
			packed, err := codec.Append(dst, []byte(plain))
			if err != nil {
				t.Fatalf("level %d: Append of %d bytes: %v", level, len(plain), err)
			}
			rest, ok := bytes.CutPrefix(packed, dst)
			if !ok {
				t.Fatalf("level %d: Append of %d bytes lost what was in front", level, len(plain))
			}
			got, err := io.ReadAll(undo(bytes.NewReader(rest)))
			if err != nil || string(got) != plain {
				t.Errorf("level %d: %d bytes come back as %d, %v", level, len(plain), len(got), err)
			}
			if len(plain) > 1000 && len(rest) > len(plain)/10 {
				t.Errorf("level %d: %d bytes of repetition take %d", level, len(plain), len(rest))
			}
		}
	}
}

// Proves HV1-6: events arrive by the endpoint that takes brotli.
func TestClientSendsBrotli(t *testing.T) {
	t.Parallel()
	server := posthogtest.NewServer(t, &posthogtest.Config{Brotli: undo})
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint:    server.URL(),
		Transport:   server.Transport(),
		CaptureMode: posthog.CaptureModeAnalyticsV1,
		Compression: posthog.CompressionBrotli,
		NewCodec:    brotli.NewCodec,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	server.Recorder(t).Count("order paid", 100)
	if r := server.Requests()[0]; r.Encoding != "br" || len(r.RawBody) > len(r.Body)/5 {
		t.Errorf("the request has the encoding %q and %d bytes for %d, want br and less than a fifth", r.Encoding, len(r.RawBody), len(r.Body))
	}
}
