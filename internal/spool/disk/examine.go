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
}

// examine looks at the frames of a file with this salt and these ends. Whole
// says that the file goes on to the end of the area. If not, it was cut off there.
func examine(area, ends []byte, salt uint32, whole bool) findings {
	var f findings
	for scan := segment.Scan(area, salt); scan.Next(); {
		frame := area[scan.Offset:]
		if gap := area[f.summary.Used:scan.Offset]; len(gap) > 0 && !finalFrame(gap, ends, f.summary.Used) {
			f.damaged++
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
	if n := damagedTail(area[end:], end, salt, whole); n > 0 && !finalFrame(area[end:end+n], ends, end) {
		f.damaged++
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
//   - with WriteFrames, a frame that is zeros from one of its pages on;
//   - in a file that was about to be used again, a frame of the life before.
func damagedTail(tail []byte, offset int, salt uint32, whole bool) int {
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
		if nextSalt(saltOf(tail, n)) == salt || cutShort(tail, offset, segment.HeaderSize+n) {
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

// cutShort reports whether there is nothing but zeros from a page's begin inside
// the frame on. The frame, of size bytes without its padding, is at the start of
// tail, and at offset of the area, which begins where a page does.
func cutShort(tail []byte, offset, size int) bool {
	end := len(tail)
	for end > 0 && tail[end-1] == 0 {
		end--
	}
	page := (offset + end + block - 1) / block * block // the first behind what is not zero
	return page < offset+size
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
