//go:build linux || darwin

package queue_test

import (
	"encoding/binary"
	"os"
	"runtime/debug"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

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
	whole := frameHeader + len(known.Payload)
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
