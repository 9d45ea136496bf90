package wire

import "time"

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
