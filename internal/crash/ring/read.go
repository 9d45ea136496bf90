package ring

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sort"

	"github.com/hedgerow/posthog/internal/segment"
)

// block is what is read, and given up, at once when a disk does not give all.
const block = 4096

// maxPosition is beyond what any process comes to, and far enough from the end of the numbers to reckon with.
const maxPosition = 1 << 62

// A step is a frame that was made out.
type step struct {
	position int64
	json     []byte
}

// Read returns the steps in a file of that many bytes, the oldest first: what can be made out, and nothing if that is
// nothing. Each is a valid object of JSON. They make an array of [MaxRead] bytes at most; of more, the newest are kept.
func Read(r io.ReaderAt, size int64) [][]byte {
	var head [headerSize]byte
	_, _ = r.ReadAt(head[:], 0) // what is missing is zeros, which are no header
	h, ok := parseHeader(&head)
	if !ok {
		return nil
	}
	area := make([]byte, max(0, min(int64(h.area), size-headerSize)))
	readAround(r, area, headerSize)
	return bounded(scan(area, h))
}

// readAround fills b, which is zeros, from an offset of the file, as far as that can be read.
func readAround(r io.ReaderAt, b []byte, offset int64) {
	if _, err := r.ReadAt(b, offset); err == nil || errors.Is(err, io.EOF) {
		return
	}
	for len(b) > 0 {
		part := b[:min(block-int(offset%block), len(b))]
		_, _ = r.ReadAt(part, offset) // half of a frame does no harm
		b, offset = b[len(part):], offset+int64(len(part))
	}
}

// scan returns the steps of the last round, in order. The area may be shorter than the header says.
func scan(area []byte, h header) []step {
	var found []step
	var newest int64 // position
	for s := segment.Scan(area, h.salt); s.Next(); {
		var frame segment.Frame
		segment.View(area[s.Offset:], &frame)
		position := frame.Accepted
		if position < 0 || position > maxPosition || position%int64(h.area) != int64(s.Offset) {
			continue
		}
		found = append(found, step{position, frame.Payload})
		newest = max(newest, position)
	}
	found = slices.DeleteFunc(found, func(s step) bool { return s.position < newest-int64(h.area) })
	sort.Slice(found, func(i, j int) bool { return found[i].position < found[j].position })
	return found
}

// bounded returns as many steps as may be given back, from the end.
func bounded(steps []step) [][]byte {
	first := len(steps)
	total := 1 // a bracket; each step brings a comma, or the other bracket
	for ; first > 0; first-- {
		s := &steps[first-1]
		if !object(s.json) {
			s.json = nil
			continue
		}
		if total += len(s.json) + 1; total > MaxRead {
			break
		}
	}
	var all [][]byte
	for _, s := range steps[first:] {
		if s.json != nil {
			all = append(all, s.json)
		}
	}
	return all
}

// object reports whether text is an object of JSON on its own.
func object(text []byte) bool { return bytes.HasPrefix(text, []byte("{")) && json.Valid(text) }
