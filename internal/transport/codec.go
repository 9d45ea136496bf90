package transport

import (
	"errors"
	"fmt"
	"strings"
)

// Compression names the way request bodies are compressed.
type Compression uint8

// The compressions that need no Codec from elsewhere. Each works at its fastest level, and a body is
// compressed only when that makes it smaller. What an endpoint understands is its own affair: all of
// PostHog's take Gzip, /i/v1/analytics/events takes the others as well.
const (
	None    Compression = iota // bodies are sent as they are
	Gzip                       // RFC 1952
	Zstd                       // RFC 8878
	Deflate                    // RFC 1950, the zlib format, which is what HTTP means by the name
)

// Codec compresses bodies. One Codec serves one Exchange and is never used by two goroutines at once,
// so it may keep its tables from one body to the next.
type Codec interface {
	// Encoding is the value of Content-Encoding for what Append makes, such as "br". It is asked for
	// once.
	Encoding() string

	// Append appends plain, compressed, to dst and returns the extended slice. It keeps neither of
	// them. When it returns an error or panics, the body is sent plain and the Codec is not used again.
	Append(dst, plain []byte) ([]byte, error)
}

// errNoGain is what a Codec of this package returns when its output has reached the size of its input.
var errNoGain = errors.New("compressed body is not smaller")

// builtIn returns what makes a Codec for a compression of this package, nil for None.
func builtIn(c Compression) func() Codec {
	switch c {
	case Gzip:
		return newGzip
	case Zstd:
		return newZstd
	case Deflate:
		return newDeflate
	}
	return nil
}

// compressor has the Codec of an Exchange made when the first body needs it, and guards against what
// it may do.
type compressor struct {
	create   func() Codec // nil when there is no compression
	codec    Codec        // nil until it is needed, and after a failure
	encoding string       // of codec
}

// append appends plain, compressed, to dst. An empty encoding means that plain is to be sent as it
// is; then the buffer holds nothing of use, and the error says what went wrong, if anything did.
func (c *compressor) append(dst, plain []byte) (packed []byte, encoding string, err error) {
	defer func() {
		if value := recover(); value != nil {
			c.codec = nil
			packed, encoding = nil, "" // the codec may still have the buffer
			err = fmt.Errorf("compress body: codec panicked: %s", OneLine(fmt.Sprint(value)))
		}
	}()
	if c.codec == nil {
		if err := c.make(); err != nil {
			return dst, "", fmt.Errorf("compress body: %w", err)
		}
	}
	packed, err = c.codec.Append(dst, plain)
	switch size := len(packed) - len(dst); {
	case errors.Is(err, errNoGain), err == nil && size >= len(plain):
		return packed, "", nil
	case err == nil && size > 0:
		return packed, c.encoding, nil
	case err == nil:
		err = errors.New("codec made nothing of it")
	}
	c.codec = nil
	return nil, "", fmt.Errorf("compress body with %s: %w", c.encoding, err)
}

// make fills in codec and encoding.
func (c *compressor) make() error {
	codec := c.create()
	if codec == nil {
		return errors.New("there is no codec")
	}
	encoding := codec.Encoding()
	if !isToken(encoding) {
		return fmt.Errorf("codec has the encoding %q, which no header can hold", encoding)
	}
	c.codec, c.encoding = codec, encoding
	return nil
}

// isToken reports whether s can be the name of a content coding.
func isToken(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
	return s != "" && strings.Trim(s, letters) == ""
}
