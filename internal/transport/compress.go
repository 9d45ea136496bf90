package transport

import (
	"errors"

	"github.com/klauspost/compress/gzip"
)

// errNoGain stops a compressor whose output has reached the size of its input.
var errNoGain = errors.New("compressed body is not smaller")

// compressor gzips one body at a time and keeps its tables between bodies. The zero value is ready.
type compressor struct {
	writer *gzip.Writer // made by the first body
	out    boundedSink
}

// append adds plain, gzipped, to dst and reports whether that came out smaller than plain. If not,
// for whatever reason, plain is to be sent; the returned buffer then holds nothing of use.
func (c *compressor) append(dst, plain []byte) ([]byte, bool) {
	c.out = boundedSink{bytes: dst, room: len(plain) - 1}
	err := c.write(plain)
	dst = c.out.bytes
	c.out = boundedSink{} // the buffer has another owner from here on
	return dst, err == nil
}

func (c *compressor) write(plain []byte) error {
	if c.writer == nil {
		w, err := gzip.NewWriterLevel(&c.out, gzip.BestSpeed)
		if err != nil {
			return err
		}
		c.writer = w
	} else {
		c.writer.Reset(&c.out)
	}
	if _, err := c.writer.Write(plain); err != nil {
		return err
	}
	return c.writer.Close()
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
