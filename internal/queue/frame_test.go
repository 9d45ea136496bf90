package queue_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/queue"
)

// window is an arena of one region that the test can look into.
type window struct{ region []byte }

func (w *window) Alloc(size int) ([]byte, error) {
	if w.region == nil {
		w.region = make([]byte, size)
	}
	return w.region[:size], nil
}

func (w *window) Free([]byte) {}

// known is an item whose frame is in testdata.
var known = queue.Item{
	Payload:  []byte(`{"event":"order paid"}`),
	UUID:     [16]byte{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, 0x22},
	Format:   3,
	Accepted: 1_787_390_104_123_456_000, // 2026-08-22
}

func TestFrame(t *testing.T) {
	t.Parallel()
	arena := new(window)
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 1 << 10, SegmentSize: 1 << 10, Arena: arena})
	put(t, q, &known)
	golden.Compare(t, "testdata/frame.bin", arena.region[:64])

	end := frameHeader + len(known.Payload)
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(crc32.Checksum(known.Payload, table), table, arena.region[12:frameHeader])
	if got := binary.LittleEndian.Uint32(arena.region[8:]); got != sum {
		t.Errorf("got checksum %08x, want %08x", got, sum)
	}
	for i, b := range arena.region[end:] {
		if b != 0 {
			t.Fatalf("got byte %#x written behind the frame at %d, want none", b, end+i)
		}
	}
}

func TestFramesBeginAtMultiplesOfEight(t *testing.T) {
	t.Parallel()
	for size := range 20 {
		arena := new(window)
		q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 1 << 10, SegmentSize: 1 << 10, Arena: arena})
		put(t, q, item(1, size))
		put(t, q, item(2, size))
		at := (frameHeader + size + 7) / 8 * 8
		if got, want := arena.region[at], arena.region[0]; got != want {
			t.Errorf("after a payload of %d bytes: got byte %#x at %d, want %#x, the first of a frame", size, got, at, want)
		}
	}
}

func TestFinishMarksTheFrame(t *testing.T) {
	t.Parallel()
	arena := new(window)
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 1 << 10, SegmentSize: 1 << 10, Arena: arena})
	put(t, q, &known)
	before := append([]byte(nil), arena.region...)
	records := q.Take(nil, 1, 1)
	if !bytes.Equal(arena.region, before) {
		t.Errorf("got another frame after Take, want the same: an event that was only taken is not final")
	}
	q.Finish(records, queue.Delivered)
	if got, want := string(arena.region[:4]), "FDGH"; got != want {
		t.Errorf("got state %q after Finish, want %q", got, want)
	}
	if !bytes.Equal(arena.region[4:], before[4:]) {
		t.Error("got more than the state changed by Finish")
	}
}
