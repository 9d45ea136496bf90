package file

import (
	"bytes"
	"hash/crc32"
)

// frame is what a record takes beside its JSON: the equals sign, the checksum, the space, and the end of the line.
const frame = len("=00000000 \n")

// RecordSize is what a record of so many bytes of JSON takes in the file, with the mark of [File.Confirm].
func RecordSize(bytes int) int {
	const mark = len(markBegin) + uuidSize + len(markEnd)
	return frame + bytes + frame + mark
}

// Records are records that are written at once. The zero value has none, and room for none.
type Records struct {
	// Limit is how many bytes they may take in the file. Of what is beyond [MaxRecords] there, a reader knows nothing.
	Limit int

	lines []byte
	n     int
}

// Add adds a record, which is JSON on one line, and reports whether it could: not if there is no room for it, or if
// it has several lines.
func (r *Records) Add(record []byte) bool {
	if len(r.lines)+frame+len(record) > r.Limit || bytes.IndexByte(record, '\n') >= 0 {
		return false
	}
	r.lines = appendRecord(r.lines, record)
	r.n++
	return true
}

// Len is how many records there are.
func (r *Records) Len() int { return r.n }

// Size is how many bytes the records take in the file.
func (r *Records) Size() int { return len(r.lines) }

// appendRecord appends a record as it is in the file.
func appendRecord(dst, record []byte) []byte {
	const digits = "0123456789abcdef"
	sum := crc32.Checksum(record, castagnoli)
	dst = append(dst, '=')
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[sum>>shift&15])
	}
	return append(append(append(dst, ' '), record...), '\n')
}

// RecordAll adds records with a single write, and returns when the disk has them.
func (f *File) RecordAll(r *Records) error {
	if r.n == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return ErrRemoved
	}
	return f.append(r.lines)
}

// Leave ends the file and leaves it where it is, with that of the steps, for the next sweep. The runtime must not know
// it any more. Calling it again, or Remove after it, does nothing.
func (f *File) Leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		return
	}
	f.removed = true
	f.keepSteps()
	f.abandon()
}
