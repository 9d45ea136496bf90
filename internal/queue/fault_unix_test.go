//go:build linux || darwin

package queue_test

import (
	"encoding/binary"
	"os"
	"runtime/debug"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
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
var known = queue.Item{Frame: segment.Frame{
	Payload:  []byte(`{"event":"order paid"}`),
	UUID:     [16]byte{0x01, 0x98, 0xf2, 0xc4, 0x7a, 0x10, 0x7c, 0x3e, 0x9d, 0x54, 0x3b, 0x0f, 0x6f, 0x0a, 0x1c, 0x22},
	Format:   3,
	Accepted: 1_787_390_104_123_456_000, // 2026-08-22
}}

// A frame is cut short at each of its bytes in turn, by memory that ends
// there. Its state must never say that it is whole.
func TestAFrameCutShortIsNothing(t *testing.T) {
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("map two pages: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(memory); err != nil {
			t.Errorf("unmap two pages: %v", err)
		}
	})
	if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
		t.Fatalf("protect a page: %v", err)
	}
	whole := segment.Size(len(known.Payload))
	for cut := 4; cut <= whole; cut++ {
		frame := memory[page-cut : page-cut+1<<10]
		clear(frame[:cut])
		faulted := putFaults(frame)
		state := binary.LittleEndian.Uint32(frame)
		if short := cut < whole; faulted != short || (state == 0) != short {
			t.Errorf("frame cut after %d of %d bytes: got a fault: %v, and state %#x, want a fault and no state exactly if it is short",
				cut, whole, faulted, state)
		}
	}
}

// putFaults puts the known item into memory and reports whether that ended
// beyond it.
func putFaults(memory []byte) (faulted bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { faulted = recover() != nil }()
	q := queue.New(queue.Config{MaxRecords: 1, MaxBytes: len(memory), SegmentSize: len(memory), Arena: &window{memory}})
	_, _ = q.Put(&known, nil)
	return false
}
