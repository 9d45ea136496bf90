package uuid7_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/uuid7"
)

const canonical = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"

var sample = uuid7.UUID{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, 0x22}

// Proves CAP-10: the forms a caller may write a valid uuid in are all understood.
func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"the canonical form":     canonical,
		"upper case":             strings.ToUpper(canonical),
		"braces":                 "{" + canonical + "}",
		"a URN":                  "urn:uuid:" + canonical,
		"a URN in upper case":    "URN:UUID:" + strings.ToUpper(canonical),
		"digits alone":           strings.ReplaceAll(canonical, "-", ""),
		"upper case, no hyphens": strings.ToUpper(strings.ReplaceAll(canonical, "-", "")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := uuid7.Parse(text)
			if !ok || got != sample {
				t.Errorf("Parse(%q) = %v, %t, want %v, true", text, got, ok, sample)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                    "",
		"a digit that is not one":    "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c2g",
		"a hyphen out of place":      "0198f2c47-a10-7c3e-9d54-3b0f6f0a1c22",
		"a hyphen among the digits":  "0198f2c47a107c3e9d543b0f6f0a1c2-",
		"space around it":            " " + canonical + " ",
		"one brace":                  "{" + canonical + "0",
		"another kind of URN":        "urn:oid::" + canonical,
		"a digit too many":           canonical + "0",
		"text of the right length":   "this is no uuid, but 36 bytes long!!",
		"a letter outside of ASCII":  "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1cé",
		"hyphens where digits stand": strings.Repeat("-", 36),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := uuid7.Parse(text); ok || got != (uuid7.UUID{}) {
				t.Errorf("Parse(%q) = %v, %t, want the zero UUID, false", text, got, ok)
			}
		})
	}
}

func TestParseWantsEveryHyphenInItsPlace(t *testing.T) {
	t.Parallel()
	for _, place := range []int{8, 13, 18, 23} {
		text := canonical[:place] + "_" + canonical[place+1:]
		if got, ok := uuid7.Parse(text); ok {
			t.Errorf("Parse(%q) = %v, true, want false", text, got)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	if got := sample.String(); got != canonical {
		t.Errorf("String() = %q, want %q", got, canonical)
	}
	if got, want := string(sample.AppendText([]byte("id="))), "id="+canonical; got != want {
		t.Errorf("AppendText = %q, want %q", got, want)
	}
}

func TestTextNoAlloc(t *testing.T) {
	buffer := make([]byte, 0, 64)
	got := testing.AllocsPerRun(100, func() {
		if _, ok := uuid7.Parse(canonical); !ok {
			t.Error("Parse refused the canonical form")
		}
		buffer = sample.AppendText(buffer[:0])
	})
	if got != 0 {
		t.Errorf("Parse and AppendText allocate %v times, want 0", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"", canonical, strings.ToUpper(canonical), "{" + canonical + "}", "urn:uuid:" + canonical, strings.ReplaceAll(canonical, "-", "")} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, ok := uuid7.Parse(text)
		if !ok {
			if u != (uuid7.UUID{}) {
				t.Fatalf("Parse(%q) refused it and still returned %v", text, u)
			}
			return
		}
		if again, ok := uuid7.Parse(u.String()); !ok || again != u {
			t.Fatalf("Parse(%q) = %v, but its text reads back as %v, %t", text, u, again, ok)
		}
		digits := strings.ToLower(strings.ReplaceAll(text, "-", ""))
		if want := strings.ReplaceAll(u.String(), "-", ""); !strings.Contains(digits, want) {
			t.Fatalf("Parse(%q) = %v, whose digits %q are not those of the text", text, u, want)
		}
	})
}
