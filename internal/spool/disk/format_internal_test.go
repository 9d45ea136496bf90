package disk

import (
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/segment"
)

// The bytes of the format, which other versions of the library will read.

var knownHeader = header{
	identity: Identity{Lane: "analytics", Key: KeyOf("phc_test")},
	size:     1 << 20,
	salt:     0x5a17c0de,
	written:  1_787_390_104_123_456_000, // 2026-08-22
	ordinal:  7,
}

func TestHeaderBytes(t *testing.T) {
	t.Parallel()
	page := make([]byte, secondAt+headerSize)
	knownHeader.put(page)
	golden.Compare(t, "testdata/header.bin", page)
	if got, err := parseHeader(page); got != knownHeader || err != nil {
		t.Errorf("got %+v and error %v, want %+v", got, err, knownHeader)
	}
}

func TestSealBytes(t *testing.T) {
	t.Parallel()
	summary := segment.Summary{Records: 1000, Used: 560_000, Payload: 520_000, Oldest: 1_787_390_104_123_456_000, Newest: 1_787_390_105_000_000_000}
	seal := make([]byte, sealSize)
	putSeal(seal, summary, knownHeader.salt)
	golden.Compare(t, "testdata/seal.bin", seal)
	if got, ok := parseSeal(seal, &knownHeader); got != summary || !ok {
		t.Errorf("got %+v, and that it is sound: %v, want %+v", got, ok, summary)
	}
	other := knownHeader
	other.salt = nextSalt(other.salt)
	if _, ok := parseSeal(seal, &other); ok {
		t.Error("got a sound seal of the life before, want none")
	}
}

// Whatever bytes a header has, reading it ends, and what is read is what would
// be written.
func FuzzHeader(f *testing.F) {
	page := make([]byte, secondAt+headerSize)
	knownHeader.put(page)
	f.Add(page)
	f.Add(page[:headerSize])
	f.Add(append(make([]byte, secondAt), page[:headerSize]...))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := parseHeader(file)
		if err != nil {
			return
		}
		if h.size <= 0 || h.size%block != 0 || h.size > maxArea {
			t.Errorf("got an area of %d bytes from %x, want a multiple of %d that is not too large", h.size, file, block)
		}
		again := make([]byte, secondAt+headerSize)
		h.put(again)
		if got, err := parseHeader(again); err != nil || got != h {
			t.Errorf("got %+v and error %v after writing it again, want %+v", got, err, h)
		}
	})
}

// A seal is of use only if nothing in it is beyond its segment.
func FuzzSeal(f *testing.F) {
	seal := make([]byte, sealSize)
	putSeal(seal, segment.Summary{Records: 3, Used: 192, Payload: 72}, knownHeader.salt)
	f.Add(seal)
	f.Add(seal[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		h := knownHeader
		s, ok := parseSeal(b, &h)
		if ok && (s.Used > h.size || s.Records*segment.MinSize > s.Used || s.Payload > s.Used || s.Records < 0) {
			t.Errorf("got %+v from %x, want what fits into %d bytes", s, b, h.size)
		}
	})
}
