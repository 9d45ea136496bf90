package ring

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/hedgerow/posthog/internal/segment"
)

const (
	magic      = "HGSTEPS\x1a"
	version    = 1
	headerSize = 64
	summed     = headerSize - 4 // what the checksum of the header is of
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A header is what is written once, at the start of a file.
type header struct {
	salt uint32
	area int // bytes behind the header
}

// put writes the header to the start of dst, which is zero.
func (h header) put(dst []byte) {
	copy(dst, magic)
	binary.LittleEndian.PutUint16(dst[8:], version)
	binary.LittleEndian.PutUint16(dst[10:], headerSize)
	binary.LittleEndian.PutUint32(dst[12:], h.salt)
	binary.LittleEndian.PutUint64(dst[16:], uint64(h.area))
	binary.LittleEndian.PutUint32(dst[summed:], crc32.Checksum(dst[:summed], castagnoli))
}

// parseHeader reads a header.
func parseHeader(src *[headerSize]byte) (h header, ok bool) {
	if string(src[:len(magic)]) != magic {
		return h, false
	}
	if binary.LittleEndian.Uint32(src[summed:]) != crc32.Checksum(src[:summed], castagnoli) {
		return h, false
	}
	area := binary.LittleEndian.Uint64(src[16:])
	if binary.LittleEndian.Uint16(src[8:]) != version || binary.LittleEndian.Uint16(src[10:]) != headerSize ||
		area > maxSize || area%segment.Align != 0 {
		return h, false
	}
	return header{salt: binary.LittleEndian.Uint32(src[12:]), area: int(area)}, true
}
