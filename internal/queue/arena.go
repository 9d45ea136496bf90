package queue

// An Arena hands out the memory of segments. Its methods are called with the
// queue's lock held, so they return at once.
type Arena interface {
	// Alloc returns size bytes that stay valid until Free.
	Alloc(size int) ([]byte, error)
	// Free takes back what Alloc returned.
	Free(region []byte)
}

// heap is the Arena of every queue but those of tests. It keeps a few regions
// of the usual size for the next Alloc, because a busy queue turns over segments
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
