// Package brotli compresses the requests of a client with brotli:
//
//	client, err := posthog.NewWithConfig("phc_…", posthog.Config{
//		CaptureMode: posthog.CaptureModeAuto,
//		Compression: posthog.CompressionBrotli,
//		NewCodec:    brotli.NewCodec,
//	})
//
// It is a module of its own so that programs without it do not link the
// compressor. Everything runs on the goroutine that sends; the package starts
// none, and keeps no state but the tables of each [Codec].
//
// Brotli makes bodies about as small as [posthog.CompressionZstd] does, for
// several times its processor time, so it is the choice only where something on
// the way understands nothing else.
package brotli

import (
	"bytes"
	"fmt"

	"github.com/andybalholm/brotli"

	"github.com/hedgerow/posthog"
)

// Level is how hard [NewCodec] tries. Higher levels take much longer, and gain
// little on events.
const Level = 4

// Codec is a [posthog.Codec] for brotli. The zero value is not ready; use
// [NewCodec] or [NewCodecLevel].
type Codec struct {
	writer *brotli.Writer
}

var _ posthog.Codec = (*Codec)(nil)

// NewCodec returns a Codec of the default [Level], for posthog.Config.NewCodec.
func NewCodec() posthog.Codec { return NewCodecLevel(Level) }

// NewCodecLevel returns a Codec of a level from 0, the fastest, to 11, the
// smallest. Other levels count as the nearest of these.
func NewCodecLevel(level int) *Codec {
	return &Codec{brotli.NewWriterLevel(nil, min(max(level, brotli.BestSpeed), brotli.BestCompression))}
}

// Encoding returns "br".
func (*Codec) Encoding() string { return "br" }

// Append appends plain, compressed, to dst.
func (c *Codec) Append(dst, plain []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	c.writer.Reset(out)
	defer c.writer.Reset(nil) // it keeps neither dst nor plain
	if _, err := c.writer.Write(plain); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := c.writer.Close(); err != nil {
		return nil, fmt.Errorf("end compression: %w", err)
	}
	return out.Bytes(), nil
}
