package transport

import (
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// stream is a Codec around a compressor that writes to an io.Writer.
type stream struct {
	encoding string
	writer   streamWriter
	out      boundedSink
}

// streamWriter is what the compressors of the flate family have in common.
type streamWriter interface {
	io.WriteCloser
	Reset(io.Writer)
}

func newGzip() Codec {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil { // it is nil for a level the package itself names
		return nil
	}
	return &stream{encoding: "gzip", writer: w}
}

func newDeflate() Codec {
	w, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		return nil
	}
	return &stream{encoding: "deflate", writer: w}
}

// Encoding returns "gzip" or "deflate".
func (s *stream) Encoding() string { return s.encoding }

// Append appends plain, compressed, to dst. It gives up with errNoGain as soon as that is not smaller.
func (s *stream) Append(dst, plain []byte) ([]byte, error) {
	s.out = boundedSink{bytes: dst, room: len(plain) - 1}
	s.writer.Reset(&s.out)
	_, err := s.writer.Write(plain)
	if err == nil {
		err = s.writer.Close()
	}
	dst = s.out.bytes
	s.out = boundedSink{} // the buffer has another owner from here on
	return dst, err
}

// boundedSink appends what is written to it until its room is used up. Bodies that do not compress
// end early by it, and never grow a buffer beyond the size of the plain body.
type boundedSink struct {
	bytes []byte
	room  int
}

// Write appends p whole, or fails with errNoGain and appends nothing.
func (s *boundedSink) Write(p []byte) (int, error) {
	if len(p) > s.room {
		return 0, errNoGain
	}
	s.room -= len(p)
	s.bytes = append(s.bytes, p...)
	return len(p), nil
}

// zstdWindow is how far back in a body repetition is found. Events of one batch resemble each other, so
// what is near is as good as what is far; a larger window costs memory and gains next to nothing.
const zstdWindow = 128 << 10

// zstandard is the Codec for zstd. It compresses on the calling goroutine alone.
type zstandard struct {
	encoder *zstd.Encoder
}

func newZstd() Codec {
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(zstdWindow),
		zstd.WithLowerEncoderMem(true),
	)
	if err != nil {
		return nil
	}
	return zstandard{encoder}
}

// Encoding returns "zstd".
func (zstandard) Encoding() string { return "zstd" }

// Append appends plain, compressed, to dst. The format stores what does not compress, so the output is
// never much larger than plain.
func (z zstandard) Append(dst, plain []byte) ([]byte, error) {
	return z.encoder.EncodeAll(plain, dst), nil
}
