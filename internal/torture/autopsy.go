package torture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
)

// Autopsy says what is in a file of the spool, for whoever has to find out how
// it was damaged, and reports whether it was. It trusts nothing but
// docs/spool-format.md. The texts of the events have to follow from the seed and
// the sizes.
func Autopsy(file []byte, seed uint64, sizes Sizes) (report string, damaged bool) {
	a := autopsy{file: file, seed: seed, sizes: sizes}
	if a.header() {
		a.seal()
		a.frames()
	}
	return strings.Join(a.lines, "\n"), a.damaged
}

// Where things are in a file. See docs/spool-format.md.
const (
	headerBytes = 128
	secondCopy  = 512
	sealAt      = 1024
	endsAt      = 4096
	frameHeader = 40
	smallest    = 64

	complete  = 0x48474443
	finalMark = 0xA5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// autopsy is one call of Autopsy.
type autopsy struct {
	file    []byte
	seed    uint64
	sizes   Sizes
	salt    uint32
	ends    []byte
	area    []byte
	start   int // of the area
	records int // that the seal speaks of; -1 if there is none
	lines   []string
	damaged bool
}

func (a *autopsy) say(format string, args ...any) {
	a.lines = append(a.lines, fmt.Sprintf(format, args...))
}

// header finds out where the areas are, and reports whether it could.
func (a *autopsy) header() bool {
	a.say("%d bytes", len(a.file))
	for _, at := range []int{0, secondCopy} {
		if len(a.file) < at+headerBytes {
			break
		}
		b := a.file[at : at+headerBytes]
		size := int(min(binary.LittleEndian.Uint64(b[40:]), math.MaxInt32))
		if crc32.Checksum(b[:124], castagnoli) != binary.LittleEndian.Uint32(b[124:]) || size <= 0 || size > 1<<30 {
			a.say("the header at %d is not sound: %x", at, b)
			continue
		}
		a.salt = binary.LittleEndian.Uint32(b[48:])
		a.say("the header at %d says: ordinal %d, salt %08x, frames area of %d bytes", at, binary.LittleEndian.Uint64(b[64:]), a.salt, size)
		a.start = endsAt + (size/smallest+4095)/4096*4096
		if len(a.file) != a.start+size {
			a.say("it should have %d bytes", a.start+size)
		}
		if a.start > len(a.file) {
			break
		}
		a.ends, a.area = a.file[endsAt:a.start], a.file[a.start:min(a.start+size, len(a.file))]
		return true
	}
	a.damaged = true
	return false
}

func (a *autopsy) seal() {
	b := a.file[sealAt : sealAt+48]
	a.records = -1
	switch {
	case allZero(b):
		a.say("there is no seal")
	case crc32.Checksum(b[:44], castagnoli) != binary.LittleEndian.Uint32(b[44:]), binary.LittleEndian.Uint32(b[32:]) != a.salt:
		a.say("the seal is not sound, or not of this salt: %x", b)
	default:
		a.records = int(binary.LittleEndian.Uint32(b[4:]))
		a.say("the seal says: %d records in %d bytes", a.records, binary.LittleEndian.Uint32(b[8:]))
	}
}

// frames walks through the frames, and says of what it meets on the way that is
// none.
func (a *autopsy) frames() {
	at, sound, final := 0, 0, 0
	for at <= len(a.area)-smallest {
		if n, ok := a.sound(at); ok {
			sound++
			final += a.final(at)
			at = min(at+n, len(a.area))
			continue
		}
		next := at + 8
		for next <= len(a.area)-smallest {
			if _, ok := a.sound(next); ok {
				break
			}
			next += 8
		}
		if next > len(a.area)-smallest {
			break
		}
		a.damaged = true
		a.say("%d sound frames up to %d; the next one begins %d bytes behind that", sound, at, next-at)
		a.describe(at)
		at = next
	}
	a.say("%d sound frames up to %d, %d of them final, of %d ends that say so", sound, at, final, bytes.Count(a.ends, []byte{finalMark}))
	if a.records >= 0 && sound != a.records || a.records < 0 && at <= len(a.area)-smallest && binary.LittleEndian.Uint32(a.area[at:]) != 0 {
		a.damaged = true
	}
	if a.damaged {
		a.describe(at)
	}
}

// sound returns the size of the frame at an offset of the area, if it is sound.
func (a *autopsy) sound(at int) (size int, ok bool) {
	b := a.area[at:]
	n := payloadSize(b)
	if binary.LittleEndian.Uint32(b) != complete || n > len(b)-frameHeader || checksum(b, n)^a.salt != binary.LittleEndian.Uint32(b[8:]) {
		return 0, false
	}
	return max((frameHeader+n+7)&^7, smallest), true
}

// payloadSize is what the frame at the start of b says of its payload. More than a
// small int holds is more than there is in any case.
func payloadSize(b []byte) int {
	return int(min(binary.LittleEndian.Uint32(b[4:]), math.MaxInt32))
}

// checksum is that of the frame at the start of b, without a salt.
func checksum(b []byte, n int) uint32 {
	return crc32.Update(crc32.Checksum(b[frameHeader:frameHeader+n], castagnoli), castagnoli, b[12:frameHeader])
}

// final returns 1 if the frame at an offset of the area is final, or else 0.
func (a *autopsy) final(at int) int {
	if i := at / smallest; i < len(a.ends) && a.ends[i] == finalMark {
		return 1
	}
	return 0
}

// describe says what is at an offset of the area where there is no sound frame.
func (a *autopsy) describe(at int) {
	b := a.area[at:]
	a.say("at %d of the area, %d of the file, final: %d: %x", at, a.start+at, a.final(at), b[:min(smallest, len(b))])
	a.say("in front of that: %x", a.area[max(0, at-smallest):at])
	if len(b) < smallest || allZero(b[:frameHeader]) {
		return
	}
	n := payloadSize(b)
	a.say("as a frame it is complete: %v, format %d, uuid %x, accepted at %d, payload of %d bytes", binary.LittleEndian.Uint32(b) == complete,
		b[12], b[16:32], int64(binary.LittleEndian.Uint64(b[32:])), n)
	if n > len(b)-frameHeader {
		a.say("which is more than there is")
		n = len(b) - frameHeader
	} else {
		salt := checksum(b, n) ^ binary.LittleEndian.Uint32(b[8:])
		a.say("its checksum is that of salt %08x; the life of the file behind that has salt %08x", salt, salt*1_664_525+1_013_904_223)
	}
	a.zeros(b[:frameHeader+n])
	a.compare(b[frameHeader : frameHeader+n])
}

// zeros says where in a frame there are zeros, of which an event has none.
func (a *autopsy) zeros(frame []byte) {
	const least, most = 16, 8 // bytes in a row, and rows that are said
	found := 0
	for from := frameHeader; from < len(frame) && found < most; {
		to := from
		for to < len(frame) && frame[to] == 0 {
			to++
		}
		if to-from >= least {
			found++
			a.say("zeros from %d to %d of the frame", from, to)
		}
		from = to + 1
	}
}

// compare says how a payload differs from that of the event that it was.
func (a *autopsy) compare(payload []byte) {
	name, _, _ := bytes.Cut(between(payload, `"distinct_id":"`), []byte{'"'})
	id, err := ParseID(string(name))
	text := between(payload, `"text":"`)
	if err != nil || text == nil {
		a.say("it does not say which event it was: %.300q", payload)
		return
	}
	want := Text(a.seed, id, a.sizes)
	first, last, count := -1, 0, 0
	for i := range want {
		if i < len(text) && text[i] == want[i] {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		count++
	}
	a.say("event %v, whose text has %d bytes and begins at %d of the frame", id, len(want), frameHeader+len(payload)-len(text))
	if count == 0 {
		a.say("its text is as it should be; around it there is %.300q and %.300q", payload[:len(payload)-len(text)], text[len(want):])
		return
	}
	a.say("%d bytes of its text differ, from %d to %d; there is %.80q where %.80q should be", count, first, last, text[min(first, len(text)):], want[first:])
}

// between returns what comes behind a mark, or nil.
func between(b []byte, mark string) []byte {
	_, rest, found := bytes.Cut(b, []byte(mark))
	if !found {
		return nil
	}
	return rest
}

func allZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }
