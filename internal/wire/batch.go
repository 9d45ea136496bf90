package wire

import "time"

// A Batch is the frame around the events in the body of POST /batch/. Between its opening and its close stand
// the events, separated by commas.
type Batch struct {
	// APIKey is the project's key. The server finds it at the root of the body and nowhere else.
	APIKey string
	// Historical marks events from the past, which the server keeps apart from live traffic. It is written only
	// when true.
	Historical bool
}

// AppendOpen appends the members before the events and the bracket that opens them, and returns the extended
// buffer. The server compares sentAt with its own clock to correct the events' timestamps, so it is the time of
// this attempt: the one part of a body that differs from one attempt to the next.
func (b Batch) AppendOpen(dst []byte, sentAt time.Time) []byte {
	dst = append(dst, `{"api_key":`...)
	dst = AppendString(dst, b.APIKey)
	if b.Historical {
		dst = append(dst, `,"historical_migration":true`...)
	}
	dst = append(dst, `,"sent_at":`...)
	dst = AppendTime(dst, sentAt)
	return append(dst, `,"batch":[`...)
}

// AppendClose appends what ends the body and returns the extended buffer.
func (b Batch) AppendClose(dst []byte) []byte {
	return append(dst, "]}"...)
}
