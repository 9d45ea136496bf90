package redisflags

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	packFrom    = 64 << 10 // bytes; larger documents are compressed
	maxDocument = 64 << 20 // bytes, in every form
	gzipMark    = 0x1f     // the first byte of everything in gzip
)

// pack returns the form in which a document is stored: as it is, or in gzip.
func pack(document []byte) ([]byte, error) {
	if len(document) <= packFrom && len(document) > 0 && plain(document[0]) {
		return document, nil
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(document); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return packed.Bytes(), nil
}

// unpack is the inverse of pack, for documents of up to limit bytes. It uses no more memory than that, whatever it is
// given.
func unpack(stored string, limit int) ([]byte, error) {
	switch {
	case stored == "":
		return nil, errors.New("it is empty")
	case len(stored) > limit:
		return nil, tooLarge(limit)
	case plain(stored[0]):
		return []byte(stored), nil
	case stored[0] != gzipMark:
		return nil, fmt.Errorf("its form, %#x, is unknown to this version", stored[0])
	}
	r, err := gzip.NewReader(strings.NewReader(stored))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	document, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if len(document) > limit {
		return nil, tooLarge(limit)
	}
	return document, nil
}

func tooLarge(limit int) error { return fmt.Errorf("it has more than %d bytes", limit) }

// plain reports whether a JSON object can begin with b.
func plain(b byte) bool { return b == '{' || b == ' ' || b == '\n' || b == '\r' || b == '\t' }
