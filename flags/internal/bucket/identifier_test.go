package bucket_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/bucket"
)

// Proves FL-01.
func TestIdentifiersAreHashedAsTheServerSeesThem(t *testing.T) {
	t.Parallel()
	as := func(n int) string { return strings.Repeat("a", n) }
	for name, c := range map[string]struct {
		id, identifier, distinctID string
	}{
		"an empty one stays":                        {"", "", ""},
		"valid text stays":                          {"ümlaut-用户", "ümlaut-用户", "ümlaut-用户"},
		"200 bytes stay":                            {as(200), as(200), as(200)},
		"201 bytes lose one as a distinct id":       {as(201), as(201), as(200)},
		"200 characters of 2 bytes stay":            {strings.Repeat("ü", 200), strings.Repeat("ü", 200), strings.Repeat("ü", 200)},
		"characters are counted, not bytes":         {strings.Repeat("用", 300), strings.Repeat("用", 300), strings.Repeat("用", 200)},
		"each bad byte is replaced":                 {"a\xff\xfeb", "a\ufffd\ufffdb", "a\ufffd\ufffdb"},
		"half a character is replaced by the byte":  {"\xe7\x94", "\ufffd\ufffd", "\ufffd\ufffd"},
		"replacements count, and may ask for a cut": {as(199) + "\xff\xff", as(199) + "\ufffd\ufffd", as(199) + "\ufffd"},
	} {
		if got := bucket.Identifier(c.id); got != c.identifier {
			t.Errorf("%s: Identifier(%q) = %q, want %q", name, c.id, got, c.identifier)
		}
		if got := bucket.DistinctID(c.id); got != c.distinctID {
			t.Errorf("%s: DistinctID(%q) = %q, want %q", name, c.id, got, c.distinctID)
		}
	}
}

// What an identifier is at the server is what encoding/json makes of it.
func FuzzIdentifier(f *testing.F) {
	f.Add("user-1")
	f.Add("a\xff\xc3(用\xed\xa0\x80")
	f.Add(strings.Repeat("ü", 201))
	f.Fuzz(func(t *testing.T, id string) {
		raw, err := json.Marshal(id)
		if err != nil {
			t.Fatalf("Marshal(%q): %v", id, err)
		}
		var want string
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("Unmarshal(%s): %v", raw, err)
		}
		if got := bucket.Identifier(id); got != want {
			t.Errorf("Identifier(%q) = %q, want %q", id, got, want)
		}
		if runes := []rune(want); len(want) > 200 {
			want = string(runes[:min(200, len(runes))])
		}
		if got := bucket.DistinctID(id); got != want {
			t.Errorf("DistinctID(%q) = %q, want %q", id, got, want)
		}
		if place := bucket.Hash(bucket.HoldoutPrefix, id, ""); place < 0 || place > 1 {
			t.Errorf("Hash of %q is %v, want 0 to 1", id, place)
		}
	})
}

func TestIdentifierNoAlloc(t *testing.T) {
	id := strings.Repeat("ü", 300)
	if got := testing.AllocsPerRun(200, func() { bucket.DistinctID(id) }); got != 0 {
		t.Errorf("DistinctID of valid text allocates %v times, want 0", got)
	}
}
