package wire

import (
	"encoding/hex"
	"time"
)

// An Envelope is the part of an event outside its properties. The server drops duplicates by these four, so
// they are written once and their bytes sent unchanged on every attempt.
type Envelope struct {
	// Event is the event's name, such as "order paid" or "$identify".
	Event string
	// DistinctID says whose event it is.
	DistinctID string
	// UUID is written in its lowercase form of 36 characters.
	UUID [16]byte
	// Timestamp is written in UTC, down to the nanosecond. See [AppendTime] for years out of range.
	Timestamp time.Time
}

// AppendOpen appends the event up to and including the brace that opens its properties, and returns the
// extended buffer. [Encoder.AppendProperty] adds members; [AppendEnvelopeClose] ends the event.
func (v *Envelope) AppendOpen(dst []byte) []byte {
	dst = append(dst, `{"event":`...)
	dst = AppendString(dst, v.Event)
	dst = append(dst, `,"distinct_id":`...)
	dst = AppendString(dst, v.DistinctID)
	dst = append(dst, `,"uuid":"`...)
	dst = appendUUID(dst, v.UUID)
	dst = append(dst, `","timestamp":`...)
	dst = AppendTime(dst, v.Timestamp)
	return append(dst, `,"properties":{`...)
}

// AppendEnvelopeClose appends what ends an event opened by [Envelope.AppendOpen] and returns the extended buffer.
func AppendEnvelopeClose(dst []byte) []byte {
	return append(dst, "}}"...)
}

func appendUUID(dst []byte, id [16]byte) []byte {
	var text [36]byte
	hex.Encode(text[0:], id[0:4])
	text[8] = '-'
	hex.Encode(text[9:], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:], id[10:16])
	return append(dst, text[:]...)
}
