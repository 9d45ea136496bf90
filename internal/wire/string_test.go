package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/wire"
)

func TestAppendString(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"empty":                                {"", `""`},
		"plain":                                {"order paid", `"order paid"`},
		"a quote and a backslash":              {`a "b" \c`, `"a \"b\" \\c"`},
		"the short escapes":                    {"\b\f\n\r\t", `"\b\f\n\r\t"`},
		"other control characters":             {"\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\""},
		"HTML is left alone":                   {"<a href='x'>&", `"<a href='x'>&"`},
		"other scripts":                        {"größe 価格 🦔", `"größe 価格 🦔"`},
		"a byte that is not UTF-8":             {"a\xffb", `"a` + "\uFFFD" + `b"`},
		"a rune cut off at the end":            {"price \xe4\xbe", `"price ` + "\uFFFD\uFFFD" + `"`},
		"the replacement character itself":     {"\uFFFD", `"` + "\uFFFD" + `"`},
		"a surrogate half":                     {"\xed\xa0\x80", `"` + "\uFFFD\uFFFD\uFFFD" + `"`},
		"a quote right after eight characters": {`12345678"`, `"12345678\""`},
		"a quote in the last overlapping step": {`1234567890"23`, `"1234567890\"23"`},
		"four characters, the last special":    {"abc\n", `"abc\n"`},
		"three characters, the last special":   {"ab\n", `"ab\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(wire.AppendString([]byte("x"), tc.text)); got != "x"+tc.want {
				t.Errorf("AppendString(%q) = %q, want %q", tc.text, got, "x"+tc.want)
			}
		})
	}
}

// Every byte is tried at every place of strings of every length up to three steps, since the fast path looks at
// eight bytes at a time and must not miss one.
func TestAppendStringFindsEveryByteAtEveryPlace(t *testing.T) {
	t.Parallel()
	var got []byte
	for length := 1; length <= 24; length++ {
		for place := range length {
			for b := range 256 {
				text := strings.Repeat("a", place) + string([]byte{byte(b)}) + strings.Repeat("a", length-place-1)
				got = wire.AppendString(got[:0], text)
				special := b < ' ' || b == '"' || b == '\\' || b >= utf8.RuneSelf
				if verbatim := len(got) == length+2; verbatim == special {
					t.Fatalf("AppendString(%q) = %q, want it escaped: %t", text, got, special)
				}
			}
		}
	}
}

func FuzzString(f *testing.F) {
	for _, text := range []string{"", "order paid", "a \"quoted\" line\n", "größe\u2028", "cut \xe4\xbe", "\x00\x7f\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := wire.AppendString(nil, text)
		requireJSON(t, got)
		var read string
		if err := json.Unmarshal(got, &read); err != nil {
			t.Fatalf("AppendString(%q) = %q does not read back: %v", text, got, err)
		}
		if want := string([]rune(text)); read != want {
			t.Fatalf("AppendString(%q) reads back as %q, want %q", text, read, want)
		}
	})
}
