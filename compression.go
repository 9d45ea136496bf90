package posthog

import (
	"github.com/hedgerow/posthog/internal/transport"
)

// CompressionMode says how request bodies are compressed. /batch/ and the AI
// endpoint understand nothing but gzip: bodies for them are compressed with that
// whenever another way is set. A body that gets no smaller is sent as it is. A
// server that refuses a compressed one, with status 415, gets it again as it is,
// and all others from then on, with a warning.
type CompressionMode uint8

// The compression modes.
const (
	// CompressionDefault, the zero value, compresses bodies of at least 1 KiB
	// with gzip.
	CompressionDefault CompressionMode = iota
	// CompressionNone sends every body as it is.
	CompressionNone
	// CompressionGzip compresses every body that gzip makes smaller.
	CompressionGzip
	// CompressionZstd does so with zstd: bodies are about a fifth smaller than
	// with gzip, for about a fifth more processor time in all.
	CompressionZstd
	// CompressionDeflate does so with zlib's format, which is gzip's with less
	// around it.
	CompressionDeflate
	// CompressionBrotli does so with [Config.NewCodec], which it needs.
	CompressionBrotli
)

// String returns "default", "none", "gzip", "zstd", "deflate" or "brotli".
func (m CompressionMode) String() string {
	switch m {
	case CompressionDefault:
		return "default"
	case CompressionNone:
		return "none"
	case CompressionGzip:
		return "gzip"
	case CompressionZstd:
		return "zstd"
	case CompressionDeflate:
		return "deflate"
	case CompressionBrotli:
		return "brotli"
	}
	return "unknown"
}

// parseCompression reads the value of POSTHOG_CAPTURE_COMPRESSION.
func parseCompression(text string) (CompressionMode, bool) {
	switch text {
	case "none", "identity":
		return CompressionNone, true
	case "gzip":
		return CompressionGzip, true
	case "deflate":
		return CompressionDeflate, true
	case "zstd":
		return CompressionZstd, true
	case "br", "brotli":
		return CompressionBrotli, true
	}
	return 0, false
}

// Codec compresses request bodies; see [Config.NewCodec]. It is never used by
// two goroutines at once, so it may keep its tables from one body to the next.
type Codec interface {
	// Encoding is the name that the Content-Encoding header gets, such as "br".
	// It is asked for once.
	Encoding() string
	// Append appends plain, compressed, to dst and returns the extended slice. It
	// keeps neither of them. When it returns an error or panics, the body is sent
	// as it is, and the log says so once.
	Append(dst, plain []byte) ([]byte, error)
}

// transportConfig is the configuration of a lane's connections.
func (c *Config) transportConfig(connections int, compression CompressionMode) transport.Config {
	config := transport.Config{
		RoundTripper:  c.Transport,
		Connections:   connections,
		UserAgent:     SDKName + "/" + Version,
		Timeout:       c.BatchUploadTimeout,
		CompressAbove: 1, // asked for, not merely allowed
	}
	switch compression {
	case CompressionNone:
	case CompressionZstd:
		config.Compression = transport.Zstd
	case CompressionDeflate:
		config.Compression = transport.Deflate
	case CompressionBrotli:
		newCodec := c.NewCodec
		config.Codec = func() transport.Codec { return newCodec() }
	case CompressionGzip:
		config.Compression = transport.Gzip
	default:
		config.Compression, config.CompressAbove = transport.Gzip, transport.DefaultCompressAbove
	}
	return config
}
