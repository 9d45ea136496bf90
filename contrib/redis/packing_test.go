package redisflags_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	redisflags "github.com/hedgerow/posthog/contrib/redis"
)

// Few bytes can stand for a document that is larger than any may be.
func TestUnpackIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 1000
	for size, fits := range map[int]bool{limit: true, limit + 1: false, 1 << 20: false} {
		text := padded(size)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for form, stored := range map[string]string{"in gzip": packed.String(), "as they are": text} {
			got, err := redisflags.Unpack(stored, limit)
			if fits != (err == nil) || fits != (string(got) == text) {
				t.Errorf("%d bytes %s are %d bytes with a limit of %d, %v", size, form, len(got), limit, err)
			}
		}
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte(`{"flags":[]}`))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte{})
	f.Add([]byte(padded(64<<10 + 1)))
	f.Fuzz(func(t *testing.T, document []byte) {
		packed, err := redisflags.Pack(document)
		if err != nil {
			t.Fatalf("pack %.80q: %v", document, err)
		}
		if got, err := redisflags.Unpack(string(packed), 1<<20); err != nil || !bytes.Equal(got, document) {
			t.Errorf("%.80q comes back as %.80q, %v", document, got, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	packed, err := redisflags.Pack([]byte(padded(64<<10 + 1)))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "{}", "\x00", "\x1f\x8b", string(packed), string(packed[:50])} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		if got, err := redisflags.Unpack(stored, 1<<20); err != nil && got != nil {
			t.Errorf("%.80q is %.80q and %v, want one of them", stored, got, err)
		}
	})
}
