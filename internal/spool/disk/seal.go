package disk

import (
	"encoding/binary"

	"github.com/hedgerow/posthog/internal/segment"
)

const sealMagic = 0x4C414553 // "SEAL" in memory

// putSeal writes the seal of a segment with this salt to b.
func putSeal(b []byte, s segment.Summary, salt uint32) {
	b = b[:sealSize]
	clear(b)
	binary.LittleEndian.PutUint32(b, sealMagic)
	binary.LittleEndian.PutUint32(b[4:], uint32(s.Records))
	binary.LittleEndian.PutUint32(b[8:], uint32(s.Used))
	binary.LittleEndian.PutUint32(b[12:], uint32(s.Payload))
	binary.LittleEndian.PutUint64(b[16:], uint64(s.Oldest))
	binary.LittleEndian.PutUint64(b[24:], uint64(s.Newest))
	binary.LittleEndian.PutUint32(b[32:], salt)
	putChecksum(b)
}

// parseSeal returns the seal in b, if it is sound and belongs to a header with
// this salt and size.
func parseSeal(b []byte, h *header) (segment.Summary, bool) {
	if len(b) < sealSize {
		return segment.Summary{}, false
	}
	b = b[:sealSize]
	if binary.LittleEndian.Uint32(b) != sealMagic || binary.LittleEndian.Uint32(b[32:]) != h.salt || !checksumMatches(b) {
		return segment.Summary{}, false
	}
	s := segment.Summary{
		Records: int(binary.LittleEndian.Uint32(b[4:])),
		Used:    int(binary.LittleEndian.Uint32(b[8:])),
		Payload: int(binary.LittleEndian.Uint32(b[12:])),
		Oldest:  int64(binary.LittleEndian.Uint64(b[16:])),
		Newest:  int64(binary.LittleEndian.Uint64(b[24:])),
	}
	return s, s.Used >= 0 && s.Used <= h.size &&
		s.Records >= 0 && s.Records <= s.Used/segment.MinSize &&
		s.Payload >= 0 && s.Payload <= s.Used
}
