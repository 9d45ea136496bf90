package segment

import (
	"encoding/binary"
	"hash/crc32"
)

// A Frame is a record as it lies in a segment: a header of 40 bytes and the
// payload.
type Frame struct {
	Payload  []byte
	UUID     [16]byte
	Format   uint8  // what the payload is; records of different formats never share a request
	Mark     uint32 // 24 bits that the format gives a meaning; 0 means unknown
	Accepted int64  // nanoseconds since 1970, wall clock
}

// MaxMark is the largest mark that a frame has room for.
const MaxMark = 1<<24 - 1

const (
	// HeaderSize is what a frame takes beside its payload.
	HeaderSize = 40
	// Align is what the size of every frame is a multiple of.
	Align = 8
	// MinSize is the size of the smallest frame. So no two frames of a segment
	// begin within the same MinSize bytes, counted from its start.
	MinSize = 64

	stateComplete = 0x48474443 // "CDGH" in memory
	stateFinal    = 0x48474446 // in memory only: files keep their ends apart
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Size is the space that a payload of n bytes takes in a segment.
func Size(n int) int {
	return max((HeaderSize+n+Align-1)&^(Align-1), MinSize)
}

// Checksum is the part of a frame's checksum that is worth computing before
// any lock is taken.
func Checksum(payload []byte) uint32 { return crc32.Update(0, castagnoli, payload) }

// Write writes f, whose payload has the checksum sum, to the start of dst,
// which has room for it. The state goes last.
func Write(dst []byte, f *Frame, sum uint32) {
	binary.LittleEndian.PutUint32(dst[4:], uint32(len(f.Payload)))
	binary.LittleEndian.PutUint32(dst[12:], uint32(f.Format)|f.Mark<<8)
	copy(dst[16:32], f.UUID[:])
	binary.LittleEndian.PutUint64(dst[32:], uint64(f.Accepted))
	end := HeaderSize + copy(dst[HeaderSize:], f.Payload)
	clear(dst[end:Size(len(f.Payload))])
	binary.LittleEndian.PutUint32(dst[8:], crc32.Update(sum, castagnoli, dst[12:HeaderSize]))
	binary.LittleEndian.PutUint32(dst, stateComplete)
}

// Copy writes the frame at the start of src, whose salt is zero, to the start
// of dst with the given salt. The state goes last, and says that the frame is
// complete whatever src says.
func Copy(dst, src []byte, salt uint32) {
	n := Size(PayloadSize(src))
	copy(dst[12:n], src[12:n])
	binary.LittleEndian.PutUint32(dst[8:], binary.LittleEndian.Uint32(src[8:])^salt)
	copy(dst[4:8], src[4:8])
	binary.LittleEndian.PutUint32(dst, stateComplete)
}

// View sets f to the frame at the start of src, which Write or Unsalt left
// there. The payload is src's memory.
func View(src []byte, f *Frame) {
	end := HeaderSize + PayloadSize(src)
	f.Payload = src[HeaderSize:end:end]
	copy(f.UUID[:], src[16:32])
	kind := binary.LittleEndian.Uint32(src[12:])
	f.Format, f.Mark = uint8(kind), kind>>8
	f.Accepted = Accepted(src)
}

// Format is the format of the frame at the start of src.
func Format(src []byte) uint8 { return src[12] }

// PayloadSize is the length of the payload of the frame at the start of src.
func PayloadSize(src []byte) int { return int(binary.LittleEndian.Uint32(src[4:])) }

// Accepted is when the frame at the start of src was accepted.
func Accepted(src []byte) int64 { return int64(binary.LittleEndian.Uint64(src[32:])) }

// Finish marks the frame at the start of memory as final, and reports whether
// it was not.
func Finish(memory []byte) bool {
	if binary.LittleEndian.Uint32(memory) != stateComplete {
		return false
	}
	binary.LittleEndian.PutUint32(memory, stateFinal)
	return true
}

// Final reports whether Finish marked the frame at the start of memory.
func Final(memory []byte) bool { return binary.LittleEndian.Uint32(memory) == stateFinal }

// complete reports whether src begins with the state of a complete frame.
func complete(src []byte) bool {
	return len(src) >= MinSize && binary.LittleEndian.Uint32(src) == stateComplete
}

// sound reports whether src begins with a complete frame that has the salt,
// and all of whose bytes are as they were written.
func sound(src []byte, salt uint32) bool {
	if !complete(src) {
		return false
	}
	n := binary.LittleEndian.Uint32(src[4:])
	if uint64(n) > uint64(len(src)-HeaderSize) || Size(int(n)) > len(src) {
		return false
	}
	sum := crc32.Update(Checksum(src[HeaderSize:HeaderSize+int(n)]), castagnoli, src[12:HeaderSize])
	return sum^salt == binary.LittleEndian.Uint32(src[8:])
}

// Unsalt takes the salt from the sound frame at the start of memory.
func Unsalt(memory []byte, salt uint32) {
	sum := binary.LittleEndian.Uint32(memory[8:])
	binary.LittleEndian.PutUint32(memory[8:], sum^salt)
}
