package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Decoded is an event read back from its encoded form, for a delivery callback that wants to see what was sent.
type Decoded struct {
	// Event, DistinctID and UUID are as they were written; UUID has 36 lowercase characters.
	Event, DistinctID, UUID string
	// Timestamp is in UTC.
	Timestamp time.Time
	// Properties holds values as encoding/json reads them: every number is a float64. It is never nil.
	Properties map[string]any
}

// DecodeEvent reads an event written with [Envelope.AppendOpen], properties and [AppendEnvelopeClose]. The
// result shares no memory with payload. The error is non-nil if payload is not one JSON object, or if a member
// has the wrong type.
func DecodeEvent(payload []byte) (Decoded, error) {
	var event struct {
		Event      string         `json:"event"`
		DistinctID string         `json:"distinct_id"`
		UUID       string         `json:"uuid"`
		Timestamp  time.Time      `json:"timestamp"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return Decoded{}, fmt.Errorf("decode event: %w", err)
	}
	if event.Properties == nil {
		event.Properties = map[string]any{}
	}
	return Decoded{
		Event:      event.Event,
		DistinctID: event.DistinctID,
		UUID:       event.UUID,
		Timestamp:  event.Timestamp.UTC(),
		Properties: event.Properties,
	}, nil
}
