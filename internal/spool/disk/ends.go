package disk

import (
	"bytes"

	"github.com/hedgerow/posthog/internal/segment"
)

// Final is the value, in a file's ends, of a record that must not be sent
// again. Every other value says that it must.
const Final = 0xA5

// End returns which of a file's ends belongs to the frame at offset.
func End(offset int) int { return offset / segment.MinSize }

// endsOf returns the ends of the frames in the first used bytes of the frames
// area.
func endsOf(ends []byte, used int) []byte {
	return ends[:min(End(used+segment.MinSize-1), len(ends))]
}

// countEnds counts the final records.
func countEnds(ends []byte) int { return bytes.Count(ends, []byte{Final}) }
