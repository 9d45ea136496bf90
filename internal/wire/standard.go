package wire

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// scratchKept is the largest buffer a standardEncoder holds on to between values, in bytes.
const scratchKept = 64 << 10

// standardEncoder is encoding/json writing into a buffer that is reused. The zero value is ready.
type standardEncoder struct {
	buffer  bytes.Buffer
	encoder *json.Encoder // writes to buffer
}

// appendEncoded appends what encoding/json makes of value. It reports false, and appends nothing, if that fails
// or if a method encoding/json calls panics.
func (s *standardEncoder) appendEncoded(dst []byte, value any) (out []byte, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = dst, false
		}
	}()
	if s.encoder == nil {
		s.encoder = json.NewEncoder(&s.buffer)
		s.encoder.SetEscapeHTML(false)
	}
	s.buffer.Reset()
	if s.encoder.Encode(value) != nil {
		return dst, false
	}
	return s.appendBuffer(dst), true
}

// appendCompact appends text without insignificant space. It reports false, and appends nothing, if text is not
// one JSON value.
func (s *standardEncoder) appendCompact(dst, text []byte) ([]byte, bool) {
	s.buffer.Reset()
	if json.Compact(&s.buffer, text) != nil {
		return dst, false
	}
	return s.appendBuffer(dst), true
}

// appendBuffer appends the JSON value in the buffer. A marshaler can put bytes into a string that are not valid
// UTF-8, and encoding/json passes them on; outside strings JSON is ASCII, so they can be replaced where they stand.
func (s *standardEncoder) appendBuffer(dst []byte) []byte {
	text := bytes.TrimSuffix(s.buffer.Bytes(), []byte("\n")) // Encode ends each value with one
	if utf8.Valid(text) {
		dst = append(dst, text...)
	} else {
		dst = append(dst, bytes.ToValidUTF8(text, []byte("\uFFFD"))...)
	}
	if s.buffer.Cap() > scratchKept {
		s.buffer = bytes.Buffer{}
	}
	return dst
}
