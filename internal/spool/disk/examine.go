package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/hedgerow/posthog/internal/segment"
)

// findings are what the frames area of a file turned out to hold.
type findings struct {
	pending []int           // offsets of sound frames that are not final
	summary segment.Summary // of these, but Used is that of all sound frames
	damaged int             // places where a record must have been that is not final
	at      int             // where the first of them begins; the end of the frames if there is none
}

// damage notes that a record is missing at offset.
func (f *findings) damage(offset int) {
	if f.damaged == 0 {
		f.at = offset
	}
	f.damaged++
}

// examine looks at the frames of a file with this salt and these ends. Whole
// says that the file goes on to the end of the area. If not, it was cut off there.
func examine(area, ends []byte, salt uint32, whole bool) findings {
	var f findings
	for scan := segment.Scan(area, salt); scan.Next(); {
		frame := area[scan.Offset:]
		if gap := area[f.summary.Used:scan.Offset]; len(gap) > 0 && !finalFrame(gap, ends, f.summary.Used) {
			f.damage(f.summary.Used)
		}
		f.summary.Used = scan.End()
		if isFinal(ends, scan.Offset) {
			continue
		}
		f.pending = append(f.pending, scan.Offset)
		accepted := segment.Accepted(frame)
		if f.summary.Records == 0 || accepted < f.summary.Oldest {
			f.summary.Oldest = accepted
		}
		if f.summary.Records == 0 || accepted > f.summary.Newest {
			f.summary.Newest = accepted
		}
		f.summary.Records++
		f.summary.Payload += segment.PayloadSize(frame)
	}
	end := f.summary.Used
	if n := damagedTail(area[end:], salt, whole); n > 0 && !finalFrame(area[end:end+n], ends, end) {
		f.damage(end)
	}
	if f.damaged == 0 {
		f.at = end
	}
	return f
}

// isFinal reports whether the frame at offset has ended.
func isFinal(ends []byte, offset int) bool {
	end := End(offset)
	return end < len(ends) && ends[end] == Final
}

// finalFrame reports whether the bytes at offset of the area, of which some are
// damaged, are those of one frame that has ended. Then nothing is missing.
func finalFrame(damaged, ends []byte, offset int) bool {
	return isFinal(ends, offset) && (len(damaged) < 2*segment.MinSize || claimedSize(damaged) == len(damaged))
}

// claimedSize is the size of a frame by its own account, or 0 if it cannot be
// that of one that is here as a whole.
func claimedSize(frame []byte) int {
	n := segment.PayloadSize(frame)
	if n < 0 || n > len(frame)-segment.HeaderSize || segment.Size(n) > len(frame) {
		return 0
	}
	return segment.Size(n)
}

// damagedTail returns the size of what was damaged behind the last sound frame,
// or 0 if nothing was: what a process was writing when it died is torn, not
// damaged. Of that, there is
//   - mostly nothing, because the state is written last, and there are zeros
//     where the next frame will be;
//   - with WriteFrames, a frame that is zeros from one of its bytes on;
//   - in a file that was about to be used again, a frame of the life before.
func damagedTail(tail []byte, salt uint32, whole bool) int {
	if len(tail) < segment.MinSize {
		return 0
	}
	state := binary.LittleEndian.Uint32(tail)
	if state == 0 || state != frameState && zero(tail[4:segment.HeaderSize]) {
		return 0 // no frame has a header of zeros
	}
	size := claimedSize(tail)
	if state == frameState && size == 0 && !whole {
		return 0 // its end is cut off with that of the file
	}
	if state == frameState && size > 0 {
		n := segment.PayloadSize(tail)
		if nextSalt(saltOf(tail, n)) == salt || cutShort(tail, n, salt) {
			return 0
		}
	}
	if size == 0 || size <= len(tail)-segment.Align && binary.LittleEndian.Uint32(tail[size:]) != 0 {
		return len(tail) // there is no telling where it ends
	}
	return size
}

// zero reports whether there are only zeros in b.
func zero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

// frameState is the state of a frame that is complete.
const frameState = 0x48474443

// saltOf returns the salt that the checksum of the frame, whose payload has n
// bytes, would match.
func saltOf(frame []byte, n int) uint32 {
	sum := crc32.Checksum(frame[segment.HeaderSize:segment.HeaderSize+n], castagnoli)
	sum = crc32.Update(sum, castagnoli, frame[12:segment.HeaderSize])
	return sum ^ binary.LittleEndian.Uint32(frame[8:])
}

// cutShort reports whether there is nothing but zeros from inside the frame on,
// which is at the start of tail and has n bytes of payload. No payload ends with
// a zero, so if the frame is sound without those zeros, all of it is there, and it is its
// length that is damaged.
func cutShort(tail []byte, n int, salt uint32) bool {
	end := len(bytes.TrimRight(tail, "\x00"))
	if end >= segment.HeaderSize && saltOf(tail, end-segment.HeaderSize) == salt {
		return false
	}
	return end < segment.HeaderSize+n
}

// read reads what there is of b at offset, and returns how much that was. What
// the disk refuses to give is zeros, block by block: lost says how many
// bytes those are, and err why. If everything is lost, n is 0.
func read(file io.ReaderAt, b []byte, offset int64) (n, lost int, err error) {
	n, first := file.ReadAt(b, offset)
	if first == nil || errors.Is(first, io.EOF) {
		return n, 0, nil
	}
	for n = 0; n < len(b); {
		part := b[n:min(n+block, len(b))]
		got, failed := file.ReadAt(part, offset+int64(n))
		if errors.Is(failed, io.EOF) {
			n += got
			break
		}
		if failed != nil {
			clear(part)
			lost += len(part)
			err = first
		}
		n += len(part)
	}
	if lost == n {
		n = 0
	}
	return n, lost, err
}
