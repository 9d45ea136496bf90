package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/wire"
)

// standard returns what encoding/json makes of value, without HTML escaping.
func standard(t *testing.T, value any) string {
	t.Helper()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatalf("encoding/json refuses %#v: %v", value, err)
	}
	return string(bytes.TrimSuffix(buffer.Bytes(), []byte("\n")))
}

// encode returns a value as the Encoder writes it, and what it lost. It fails the test for text that is not
// JSON in UTF-8, and returns "" for a value lost whole.
func encode(t *testing.T, value any) (string, []wire.Loss) {
	t.Helper()
	var encoder wire.Encoder
	out, ok := encoder.AppendValue(nil, value)
	if !ok {
		if len(out) != 0 || encoder.Losses() == nil {
			t.Fatalf("a value lost whole left %q and losses %v, want nothing and a loss", out, encoder.Losses())
		}
		return "", encoder.Losses()
	}
	requireJSON(t, out)
	return string(out), encoder.Losses()
}

// requireJSON fails the test unless text is one JSON value in valid UTF-8.
func requireJSON(t *testing.T, text []byte) {
	t.Helper()
	if !json.Valid(text) {
		t.Fatalf("got %q, want valid JSON", text)
	}
	if !utf8.Valid(text) {
		t.Fatalf("got %q, want valid UTF-8", text)
	}
}

// decode reads JSON the way encoding/json does.
func decode(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	return value
}
