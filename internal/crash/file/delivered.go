package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

const (
	markBegin = `{"delivered":"`
	markEnd   = `"}`
	uuidSize  = len("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
)

// Confirm adds a mark that PostHog confirmed the event with that uuid, which has 36 characters, and returns when the disk has it. Who reads
// the file when this process is dead leaves the event out.
func (f *File) Confirm(uuid string) error {
	mark := []byte(markBegin + uuid + markEnd)
	if _, ok := cutMark(mark); !ok {
		return fmt.Errorf("confirm event in crash file: %q is no uuid", uuid)
	}
	return f.Record(mark)
}

// Delivered reports whether PostHog confirmed the event with that uuid before the process died: one of its records, or the
// crash itself.
func (l *Left) Delivered(uuid string) bool { return l.delivered[uuid] }

// settle takes the marks out of the records, and the events that they are of.
func (l *Left) settle() {
	l.Records = slices.DeleteFunc(l.Records, func(record []byte) bool {
		uuid, ok := cutMark(record)
		if !ok {
			return false
		}
		if l.delivered == nil {
			l.delivered = make(map[string]bool)
		}
		l.delivered[uuid] = true
		return true
	})
	if len(l.delivered) == 0 {
		return
	}
	l.Records = slices.DeleteFunc(l.Records, func(record []byte) bool {
		var members map[string]json.RawMessage
		var uuid string
		if json.Unmarshal(record, &members) != nil || json.Unmarshal(members["uuid"], &uuid) != nil || !l.delivered[uuid] {
			return false
		}
		l.Confirmed = append(l.Confirmed, record)
		return true
	})
}

// cutMark returns the uuid of a record that is a mark.
func cutMark(record []byte) (uuid string, ok bool) {
	if len(record) != len(markBegin)+uuidSize+len(markEnd) ||
		!bytes.HasPrefix(record, []byte(markBegin)) || !bytes.HasSuffix(record, []byte(markEnd)) {
		return "", false
	}
	id := record[len(markBegin) : len(markBegin)+uuidSize]
	for i, c := range id {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash != (c == '-') || !dash && !hex {
			return "", false
		}
	}
	return string(id), true
}
