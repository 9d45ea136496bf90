package segment_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
)

const salt = 0x5a17c0de

// area returns an area of that size that begins with frames with payloads of
// these sizes, and their offsets.
func area(size int, payloads ...int) (b []byte, offsets []int) {
	b = make([]byte, size)
	at := 0
	for i, n := range payloads {
		f := segment.Frame{Payload: bytes.Repeat([]byte{byte(i + 1)}, n), UUID: [16]byte{byte(i + 1)}, Accepted: int64(i + 1)}
		segment.Copy(b[at:], write(&f), salt)
		offsets = append(offsets, at)
		at += segment.Size(n)
	}
	return b, offsets
}

// scan returns the offsets of the sound frames in b, and how many places are
// damaged.
func scan(b []byte, salt uint32) (offsets []int, damaged int) {
	s := segment.Scan(b, salt)
	for s.Next() {
		offsets = append(offsets, s.Offset)
	}
	return offsets, s.Damaged
}

// without returns offsets without those with these indices.
func without(offsets []int, indices ...int) []int {
	var left []int
	for i, offset := range offsets {
		if !slices.Contains(indices, i) {
			left = append(left, offset)
		}
	}
	return left
}

func TestScan(t *testing.T) {
	t.Parallel()
	whole, offsets := area(4096, 10, 100, 300, 0, 50)
	for _, c := range []struct {
		name    string
		do      func(b []byte) []byte
		want    []int
		damaged int
	}{
		{"nothing is damaged", func(b []byte) []byte { return b }, offsets, 0},
		{"nothing follows the frames", func(b []byte) []byte { return b[:offsets[4]+segment.Size(50)] }, offsets, 0},
		{"there is nothing", func(b []byte) []byte { return b[:0] }, nil, 0},
		{"there are only zeros", func(b []byte) []byte { return make([]byte, len(b)) }, nil, 0},
		{"the salt is another", func(b []byte) []byte { return resalt(b, offsets) }, nil, 1},
		{"the first frame's payload", func(b []byte) []byte { b[45]++; return b }, without(offsets, 0), 1},
		{"a frame's length", func(b []byte) []byte { b[offsets[1]+5]++; return b }, without(offsets, 1), 1},
		{"a frame's state", func(b []byte) []byte { b[offsets[2]]++; return b }, without(offsets, 2), 1},
		{"two frames in a row", func(b []byte) []byte { b[offsets[1]+50]++; b[offsets[2]+50]++; return b }, without(offsets, 1, 2), 1},
		{"two frames apart", func(b []byte) []byte { b[offsets[1]+50]++; b[offsets[3]+20]++; return b }, without(offsets, 1, 3), 2},
		{"the last frame's payload", func(b []byte) []byte { b[offsets[4]+50]++; return b }, without(offsets, 4), 1},
		{"the last frame's state was not written", func(b []byte) []byte { clear(b[offsets[4]:][:4]); return b }, without(offsets, 4), 0},
		{"bytes that are not part of anything", func(b []byte) []byte { b[3000]++; return b }, offsets, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, damaged := scan(c.do(bytes.Clone(whole)), salt)
			if !slices.Equal(got, c.want) || damaged != c.damaged {
				t.Errorf("got frames at %v and %d places damaged, want %v and %d", got, damaged, c.want, c.damaged)
			}
		})
	}
}

// resalt gives all frames another salt.
func resalt(b []byte, offsets []int) []byte {
	for _, offset := range offsets {
		segment.Unsalt(b[offset:], 1)
	}
	return b
}

func TestEndIsBehindTheFramesThatWereFound(t *testing.T) {
	t.Parallel()
	b, offsets := area(4096, 10, 100, 300)
	want := []int{offsets[1], offsets[2], offsets[2] + segment.Size(300)}
	for s, i := segment.Scan(b, salt), 0; s.Next(); i++ {
		if got := s.End(); got != want[i] {
			t.Errorf("after frame %d: got end %d, want %d", i, got, want[i])
		}
	}
}

// Whatever byte is changed, of whatever frame, the others are found.
func TestEveryByteOfAnAreaFlipped(t *testing.T) {
	t.Parallel()
	b, offsets := area(1024, 10, 100, 300, 0, 50)
	padding := map[int]bool{}
	for i, n := range []int{10, 100, 300, 0, 50} {
		for at := offsets[i] + segment.HeaderSize + n; at < offsets[i]+segment.Size(n); at++ {
			padding[at] = true
		}
	}
	end := offsets[4] + segment.Size(50)
	for at := range b {
		for _, flip := range []byte{0xFF, 1, 2, 4, 8, 16, 32, 64, 128} {
			b[at] ^= flip
			got, _ := scan(b, salt)
			b[at] ^= flip
			want := offsets
			if at < end && !padding[at] {
				i, found := slices.BinarySearch(offsets, at)
				if !found {
					i--
				}
				want = without(offsets, i)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("byte %d with bits %08b flipped: got frames at %v, want %v", at, flip, got, want)
			}
		}
	}
}

// Wherever an area is cut off, the frames in front of the cut are found.
func TestEveryTruncationOfAnArea(t *testing.T) {
	t.Parallel()
	b, offsets := area(1024, 10, 100, 300, 0, 50)
	for size := range b {
		var want []int
		for i, n := range []int{10, 100, 300, 0, 50} {
			if offsets[i]+segment.Size(n) <= size {
				want = append(want, offsets[i])
			}
		}
		if got, _ := scan(b[:size], salt); !slices.Equal(got, want) {
			t.Fatalf("cut after %d bytes: got frames at %v, want %v", size, got, want)
		}
	}
}

// Whatever the bytes are, scanning ends, and what it finds is sound, in order
// and apart.
func FuzzScan(f *testing.F) {
	b, offsets := area(512, 10, 100, 0)
	f.Add(b, uint32(salt))
	f.Add(b[:offsets[1]+50], uint32(salt))
	f.Add(resalt(bytes.Clone(b), offsets), uint32(salt))
	f.Add([]byte("CDGH"), uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, salt uint32) {
		end := 0
		s := segment.Scan(b, salt)
		for s.Next() {
			if s.Offset < end || s.Offset%segment.Align != 0 || s.End() <= s.Offset || s.End() > len(b) {
				t.Fatalf("got a frame from %d to %d behind one that ends at %d, in %d bytes", s.Offset, s.End(), end, len(b))
			}
			end = s.End()
			memory := bytes.Clone(b[s.Offset:end])
			segment.Unsalt(memory, salt)
			requireWritten(t, memory)
		}
		if s.Next() {
			t.Error("got true from Next after false, want false")
		}
	})
}

// requireWritten fails the test unless the frame, but for its padding, is what Write makes of it.
func requireWritten(t *testing.T, b []byte) {
	t.Helper()
	var f segment.Frame
	segment.View(b, &f)
	end := segment.HeaderSize + len(f.Payload)
	if got := write(&f); !bytes.Equal(got[:end], b[:end]) {
		t.Errorf("got frame %x, want %x", b[:end], got[:end])
	}
}

// What is written to a frame is what comes out of it, whatever it is.
func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"event":"order paid"}`), []byte("0123456789abcdef"), uint8(3), uint32(0x0a0b0c), int64(1_787_390_104_123_456_000), uint32(salt))
	f.Add([]byte{}, []byte{}, uint8(0), uint32(0), int64(0), uint32(0))
	f.Fuzz(func(t *testing.T, payload, uuid []byte, format uint8, mark uint32, accepted int64, salt uint32) {
		want := segment.Frame{Payload: payload, Format: format, Mark: mark & segment.MaxMark, Accepted: accepted}
		copy(want.UUID[:], uuid)
		b := make([]byte, segment.Size(len(payload)))
		segment.Copy(b, write(&want), salt)
		offsets, damaged := scan(b, salt)
		if fmt.Sprint(offsets) != "[0]" || damaged > 0 {
			t.Fatalf("got frames at %v and %d places damaged, want one at 0", offsets, damaged)
		}
		if others, _ := scan(b, salt+1); len(others) > 0 {
			t.Errorf("got frames at %v with another salt, want none", others)
		}
		segment.Unsalt(b, salt)
		var got segment.Frame
		if segment.View(b, &got); !same(&got, &want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
