package request_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/request"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want string }{
		"nothing":                         {"", ""},
		"an id":                           {"u_42", "u_42"},
		"a space within":                  {"Ada Lovelace", "Ada Lovelace"},
		"spaces around":                   {"  u \t\u2003", "u"},
		"controls within":                 {"u\x00\x1b[31m\u009f_\r\n1", "u[31m_1"},
		"controls between spaces":         {" \x00 \x7f u", "u"},
		"letters of any kind":             {"größe 日本", "größe 日本"},
		"no UTF-8":                        {"\xff\xfeu", "\ufffd\ufffdu"},
		"as long as allowed":              {strings.Repeat("a", 1000), strings.Repeat("a", 1000)},
		"longer":                          {strings.Repeat("a", 1001), strings.Repeat("a", 1000)},
		"characters count, and not bytes": {strings.Repeat("日", 1001), strings.Repeat("日", 1000)},
		"controls do not count":           {strings.Repeat("\x01", 2000) + "u", "u"},
		"the cut leaves a space":          {strings.Repeat("a", 998) + "  b", strings.Repeat("a", 998)},
		"a megabyte":                      {strings.Repeat("x", 1<<20), strings.Repeat("x", 1000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := request.Clean(c.value); got != c.want {
				t.Errorf("Clean(%.50q): got %.50q of %d bytes, want %.50q of %d", c.value, got, len(got), c.want, len(c.want))
			}
		})
	}
}

// Whatever a header holds, what is left of it is a text that can be sent on, and
// that stays what it is.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "u_42", " \x00u\r\n ", "\xff", "\u0085\u2028", strings.Repeat("ü ", 600)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := request.Clean(value)
		switch {
		case !utf8.ValidString(got):
			t.Errorf("Clean(%q): %q is no UTF-8", value, got)
		case strings.ContainsFunc(got, unicode.IsControl):
			t.Errorf("Clean(%q): %q holds control characters", value, got)
		case strings.TrimSpace(got) != got:
			t.Errorf("Clean(%q): %q has spaces around it", value, got)
		case utf8.RuneCountInString(got) > request.MaxLength:
			t.Errorf("Clean(%q): %q has more than %d characters", value, got, request.MaxLength)
		case request.Clean(got) != got:
			t.Errorf("Clean(%q): %q is not clean", value, got)
		}
		want := strings.TrimFunc(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(value, "\ufffd")), unicode.IsSpace)
		if utf8.ValidString(value) && utf8.RuneCountInString(want) <= request.MaxLength && got != want {
			t.Errorf("Clean(%q): got %q, want %q", value, got, want)
		}
	})
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all  map[string][]string
		want string
	}{
		"none":                          {nil, ""},
		"the canonical name":            {map[string][]string{"X-Id": {"a"}, "x-id": {"b"}}, "a"},
		"another case":                  {map[string][]string{"x-ID": {"b"}}, "b"},
		"several others, the first":     {map[string][]string{"x-id": {"c"}, "X-ID": {"\x00"}, "x-Id": {"b"}}, "b"},
		"several values, the first":     {map[string][]string{"X-Id": {" ", "a", "b"}}, "a"},
		"names that are not the same":   {map[string][]string{"X-Idx": {"a"}, "Y-Id": {"a"}}, ""},
		"names that are the same twice": {map[string][]string{"X-ID": {}, "x-id": {"a"}}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := request.Header(c.all, "X-Id"); got != c.want {
				t.Errorf("Header(%v): got %q, want %q", c.all, got, c.want)
			}
		})
	}
}
