package queue

import (
	"encoding/binary"
	"hash/crc32"
)

// A segment is a sequence of frames, each a header and a payload, padded to a
// multiple of eight bytes. All numbers are little-endian.
//
//	 0  4  state     written last: 0 nothing here, committed, finished
//	 4  4  length    bytes of payload
//	 8  4  checksum  CRC-32C of the payload followed by bytes 12 to 40
//	12  1  format    which protocol the payload is encoded for
//	13  3  zero
//	16 16  uuid      of the event
//	32  8  accepted  nanoseconds since 1970, wall clock
//	40     payload
//
// A reader that meets a state it does not know, a length that does not fit,
// or a checksum that does not match has met the end of what was written.
const (
	frameHeader = 40
	frameAlign  = 8

	stateCommitted = 0x48474443 // "CDGH" in memory
	stateFinished  = 0x48474446
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frameSize is the space that a payload of n bytes takes in a segment.
func frameSize(n int) int {
	return (frameHeader + n + frameAlign - 1) &^ (frameAlign - 1)
}

// Largest returns the largest payload that a queue of maxBytes takes.
func Largest(maxBytes int) int {
	return max(maxBytes&^(frameAlign-1)-frameHeader, 0)
}

// checksum is the part of a frame's checksum that is worth computing before
// any lock is taken.
func checksum(payload []byte) uint32 { return crc32.Update(0, castagnoli, payload) }

// writeFrame writes item, whose payload has the checksum sum, to the start of
// dst, which has room for it. The state word goes last, so a frame cut short
// by the death of the process is never taken for a whole one.
func writeFrame(dst []byte, item *Item, sum uint32) {
	binary.LittleEndian.PutUint32(dst[4:], uint32(len(item.Payload)))
	binary.LittleEndian.PutUint32(dst[12:], uint32(item.Format))
	copy(dst[16:32], item.UUID[:])
	binary.LittleEndian.PutUint64(dst[32:], uint64(item.Accepted))
	copy(dst[frameHeader:], item.Payload)
	binary.LittleEndian.PutUint32(dst[8:], crc32.Update(sum, castagnoli, dst[12:frameHeader]))
	binary.LittleEndian.PutUint32(dst, stateCommitted)
}

// readFrame views the frame at the start of src, which writeFrame wrote.
func readFrame(src []byte, r *Record) {
	n := int(binary.LittleEndian.Uint32(src[4:]))
	r.Format = src[12]
	copy(r.UUID[:], src[16:32])
	r.Accepted = int64(binary.LittleEndian.Uint64(src[32:]))
	r.Payload = src[frameHeader : frameHeader+n : frameHeader+n]
}
