package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

const (
	magic     = "HGSPOOL\x1a"
	version   = 1
	byteOrder = 0x01020304
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errHeader = errors.New("neither copy of its header is sound")
	errNewer  = errors.New("it is of a later version of the format")
)

// header says whose events are in a file, and what their salt is.
type header struct {
	identity Identity
	size     int // of the frames area
	salt     uint32
	written  int64 // nanoseconds since 1970, wall clock
	ordinal  uint64
}

// put writes both copies to the start of page.
func (h *header) put(page []byte) {
	b := page[headerAt : headerAt+headerSize]
	clear(b)
	copy(b, magic)
	binary.LittleEndian.PutUint16(b[8:], version)
	binary.LittleEndian.PutUint16(b[10:], headerSize)
	binary.LittleEndian.PutUint32(b[12:], byteOrder)
	copy(b[16:24], h.identity.Key[:])
	copy(b[24:24+maxLane], h.identity.Lane)
	binary.LittleEndian.PutUint64(b[40:], uint64(h.size))
	binary.LittleEndian.PutUint32(b[48:], h.salt)
	binary.LittleEndian.PutUint64(b[56:], uint64(h.written))
	binary.LittleEndian.PutUint64(b[64:], h.ordinal)
	putChecksum(b)
	copy(page[secondAt:], b)
}

// parseHeader returns the first sound copy at the start of a file. The error
// is errNewer if that is not for this version to understand, and errHeader if
// there is none.
func parseHeader(file []byte) (header, error) {
	for _, at := range [...]int{headerAt, secondAt} {
		if len(file) < at+headerSize {
			break
		}
		copyOf := file[at:min(at+secondAt-headerAt, len(file))]
		if string(copyOf[:len(magic)]) != magic {
			continue
		}
		// Every version begins with the magic, the version and the header's size,
		// and ends with the checksum.
		n := int(binary.LittleEndian.Uint16(copyOf[10:]))
		if n < headerSize || n > len(copyOf) || !checksumMatches(copyOf[:n]) {
			continue
		}
		if binary.LittleEndian.Uint16(copyOf[8:]) > version {
			return header{}, errNewer
		}
		if h, ok := parseCopy(copyOf[:n]); ok {
			return h, nil
		}
	}
	return header{}, errHeader
}

// parseCopy reads a copy whose checksum matches.
func parseCopy(b []byte) (header, bool) {
	size := binary.LittleEndian.Uint64(b[40:])
	h := header{
		identity: Identity{Lane: string(bytes.TrimRight(b[24:24+maxLane], "\x00")), Key: [8]byte(b[16:24])},
		size:     int(min(size, math.MaxInt32)),
		salt:     binary.LittleEndian.Uint32(b[48:]),
		written:  int64(binary.LittleEndian.Uint64(b[56:])),
		ordinal:  binary.LittleEndian.Uint64(b[64:]),
	}
	return h, binary.LittleEndian.Uint16(b[8:]) == version &&
		binary.LittleEndian.Uint32(b[12:]) == byteOrder &&
		size <= maxArea && size > 0 && size%block == 0
}

// maxArea is the largest frames area. Larger sizes do not fit into an int
// everywhere.
const maxArea = 1 << 30

// nextSalt is the salt of the life of a file that follows the one with this
// salt. It is a function, so that a frame of the life before can be told from a
// damaged one; its constants make it a walk through all salts, on which neighbours
// differ in many bits.
func nextSalt(salt uint32) uint32 { return salt*1_664_525 + 1_013_904_223 }

// putChecksum writes the checksum of b without its last four bytes to those.
func putChecksum(b []byte) {
	end := len(b) - 4
	binary.LittleEndian.PutUint32(b[end:], crc32.Checksum(b[:end], castagnoli))
}

// checksumMatches reports whether putChecksum made the last four bytes of b.
func checksumMatches(b []byte) bool {
	end := len(b) - 4
	return binary.LittleEndian.Uint32(b[end:]) == crc32.Checksum(b[:end], castagnoli)
}
