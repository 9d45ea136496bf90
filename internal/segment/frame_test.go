package segment_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/segment"
)

// known is the frame that is in testdata.
var known = segment.Frame{
	Payload:  []byte(`{"event":"order paid"}`),
	UUID:     [16]byte{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, 0x22},
	Format:   3,
	Mark:     0x0a0b0c,
	Accepted: 1_787_390_104_123_456_000, // 2026-08-22
}

// write returns the frame in bytes, in memory that was used before.
func write(f *segment.Frame) []byte {
	b := bytes.Repeat([]byte{0xEE}, segment.Size(len(f.Payload)))
	segment.Write(b, f, segment.Checksum(f.Payload))
	return b
}

// same reports whether the frames are the same.
func same(a, b *segment.Frame) bool {
	return bytes.Equal(a.Payload, b.Payload) && a.UUID == b.UUID && a.Format == b.Format && a.Mark == b.Mark && a.Accepted == b.Accepted
}

func TestFrameBytes(t *testing.T) {
	t.Parallel()
	b := write(&known)
	golden.Compare(t, "testdata/frame.bin", b)
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(crc32.Checksum(known.Payload, table), table, b[12:segment.HeaderSize])
	if got := binary.LittleEndian.Uint32(b[8:]); got != sum {
		t.Errorf("got checksum %08x, want %08x", got, sum)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for payload, want := range map[int]int{0: 64, 1: 64, 24: 64, 25: 72, 32: 72, 33: 80, 1000: 1040, 1 << 20: 1<<20 + 40} {
		if got := segment.Size(payload); got != want {
			t.Errorf("payload of %d bytes: got a frame of %d, want %d", payload, got, want)
		}
	}
}

func TestViewIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for payload := range 200 {
		want := known
		want.Payload = bytes.Repeat([]byte{byte(payload)}, payload)
		b := write(&want)
		got := segment.Frame{Payload: []byte("old"), Format: 9}
		segment.View(b, &got)
		if !same(&got, &want) {
			t.Errorf("payload of %d bytes: got %+v, want %+v", payload, got, want)
		}
		if segment.PayloadSize(b) != payload || segment.Accepted(b) != want.Accepted {
			t.Errorf("got %d bytes of payload, accepted at %d, want %d and %d", segment.PayloadSize(b), segment.Accepted(b), payload, want.Accepted)
		}
		if cap(got.Payload) != payload {
			t.Errorf("got a payload of %d bytes with room for %d, want no way into what follows", payload, cap(got.Payload))
		}
	}
}

// Only the checksum of a frame in a file differs from that in memory, and
// Unsalt makes them equal.
func TestCopyAndUnsalt(t *testing.T) {
	t.Parallel()
	const salt = 0x5a17c0de
	src := write(&known)
	dst := bytes.Repeat([]byte{0xEE}, len(src)+8)
	segment.Copy(dst, src, salt)
	if tail := dst[len(src):]; slices.ContainsFunc(tail, func(b byte) bool { return b != 0xEE }) {
		t.Errorf("got %x behind the frame, want it untouched", tail)
	}
	if bytes.Equal(dst[8:12], src[8:12]) {
		t.Errorf("got checksum %x with a salt, want another than %x", dst[8:12], src[8:12])
	}
	segment.Unsalt(dst, salt)
	if !bytes.Equal(dst[:len(src)], src) {
		t.Errorf("got %x after Copy and Unsalt, want %x", dst[:len(src)], src)
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	b := write(&known)
	before := bytes.Clone(b)
	if segment.Final(b) {
		t.Error("got a new frame that is final, want one that is not")
	}
	if !segment.Finish(b) || !segment.Final(b) {
		t.Error("Finish: got false, or a frame that is not final, want true and one that is")
	}
	if segment.Finish(b) {
		t.Error("Finish again: got true, want false")
	}
	if !bytes.Equal(b[4:], before[4:]) {
		t.Error("got more than the state changed by Finish")
	}
	// A final frame that is copied to a file is complete there: files keep their ends apart.
	segment.Copy(b, bytes.Clone(b), 0)
	if !bytes.Equal(b, before) {
		t.Errorf("got %x from a copy of a final frame, want %x", b, before)
	}
}
