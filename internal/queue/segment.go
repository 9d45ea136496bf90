package queue

import "encoding/binary"

// An Arena hands out the memory of segments. Its methods are called with the
// queue's lock held, so they return at once.
type Arena interface {
	// Alloc returns size bytes that stay valid until Free. Where a segment can
	// outlive the process they are zero, so that its end can be found.
	Alloc(size int) ([]byte, error)
	// Free takes back what Alloc returned.
	Free(region []byte)
}

// heap is the Arena of a queue that lives in memory. It keeps a few regions of
// the usual size for the next Alloc, because a busy queue turns over segments
// faster than a collector should have to follow.
type heap struct {
	size  int // of the regions that are kept
	spare [][]byte
}

const spareSegments = 4

func (h *heap) Alloc(size int) ([]byte, error) {
	if n := len(h.spare); n > 0 && size == h.size {
		region := h.spare[n-1]
		h.spare[n-1] = nil
		h.spare = h.spare[:n-1]
		return region, nil
	}
	return make([]byte, size), nil
}

// Free keeps the region as it is: a segment is read up to what was written
// into it since, never further.
func (h *heap) Free(region []byte) {
	if len(region) == h.size && len(h.spare) < spareSegments {
		h.spare = append(h.spare, region)
	}
}

// segment is one region and the progress made through it. The queue's lock
// guards it, except for the bytes of frames: those are written once, before
// the frame can be taken.
type segment struct {
	region []byte
	write  int // where the next frame goes
	read   int // where the next unread frame starts
	live   int // frames not yet released
	held   int // those of them that were taken
	next   *segment
}

func (s *segment) room() int { return len(s.region) - s.write }

func (s *segment) unread() bool { return s.read < s.write }

func (s *segment) put(item *Item, sum uint32) {
	writeFrame(s.region[s.write:], item, sum)
	s.write += frameSize(len(item.Payload))
	s.live++
}

func (s *segment) take(r *Record) {
	readFrame(s.region[s.read:], r)
	r.segment, r.offset = s, s.read
	s.held++
	s.read += frameSize(len(r.Payload))
}

// peek is the length of the next unread payload.
func (s *segment) peek() int {
	return int(binary.LittleEndian.Uint32(s.region[s.read+4:]))
}

// oldest is when the next unread frame was accepted.
func (s *segment) oldest() int64 {
	return int64(binary.LittleEndian.Uint64(s.region[s.read+32:]))
}

// finish marks the frame at offset as final and reports whether it was open.
func (s *segment) finish(offset int) bool {
	state := s.region[offset:]
	if binary.LittleEndian.Uint32(state) != stateCommitted {
		return false
	}
	binary.LittleEndian.PutUint32(state, stateFinished)
	return true
}
