package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

// Event is an event as it travels: what hooks may change, and what callbacks
// are told about.
type Event struct {
	// Uuid identifies the event, in the canonical lower-case form.
	Uuid string
	// Event is its name.
	Event string
	// DistinctId is who it is about.
	DistinctId string
	// Timestamp is when it happened, in UTC.
	Timestamp time.Time
	// Properties are all of its properties, those that the library adds
	// included. In callbacks they were read back from JSON, so numbers are
	// float64.
	Properties Properties
}

// APIMessage is what a [Callback] receives. It is posthog-go's name for
// *Event.
type APIMessage = *Event

// decode reads back the event of a record. A record that cannot be read, which
// the library does not produce, gives an empty event.
func decode(payload []byte) *Event {
	d, err := wire.DecodeEvent(payload)
	if err != nil {
		return &Event{}
	}
	return &Event{
		Uuid:       d.UUID,
		Event:      d.Event,
		DistinctId: d.DistinctID,
		Timestamp:  d.Timestamp,
		Properties: d.Properties,
	}
}
