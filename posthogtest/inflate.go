package posthogtest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd frame may ask the decoder to remember.
const maxWindow = 64 << 20

// inflate undoes the Content-Encoding of a request to [RouteAnalytics].
func (s *Server) inflate(coding string, raw []byte) ([]byte, *refusal) {
	if coding == "" {
		return raw, nil
	}
	if coding == "br" && s.config.Brotli == nil {
		return nil, reject(http.StatusUnsupportedMediaType, "unsupported_encoding", "br needs a decoder: set Config.Brotli")
	}
	r, err := s.inflater(coding, raw)
	if err != nil {
		return nil, damaged(coding, err)
	}
	defer r.Close()
	limit := s.config.Limits.AnalyticsDecompressed
	plain, err := readLimited(r, limit, -1)
	switch {
	case errors.Is(err, errOverLimit):
		return nil, tooLarge("the decompressed body is larger than %d bytes", limit)
	case err != nil:
		return nil, damaged(coding, err)
	}
	return plain, nil
}

func damaged(coding string, err error) *refusal {
	return reject(http.StatusBadRequest, "request_decoding_error", "the %s data is damaged: %v", coding, err)
}

// inflater reads what a coding hides. Closing it ends nothing but itself.
func (s *Server) inflater(coding string, raw []byte) (io.ReadCloser, error) {
	source := bytes.NewReader(raw)
	switch coding {
	case "gzip":
		return gzip.NewReader(source)
	case "deflate":
		// The name means zlib's format to HTTP and a bare stream to some
		// clients; the first byte tells.
		if len(raw) > 0 && raw[0] == 0x78 {
			return zlib.NewReader(source)
		}
		return flate.NewReader(source), nil
	case "br":
		return io.NopCloser(s.config.Brotli(source)), nil
	default: // zstd; readPreamble lets no other name pass
		// With a concurrency of one the decoder starts no goroutine.
		r, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return r.IOReadCloser(), nil
	}
}
