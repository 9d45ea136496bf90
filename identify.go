package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Identify sets properties of a person. DistinctId is required.
type Identify struct {
	// Type is ignored. It exists for programs written for posthog-go.
	//
	// Deprecated: PostHog ignores it.
	Type string
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is the person.
	DistinctId string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are the person's properties to set.
	Properties Properties
	// DisableGeoIP is ignored: [Config.DisableGeoIP] decides.
	DisableGeoIP bool
	// IsServer is ignored: [Config.IsServer] decides.
	IsServer bool
	// SetOnce are properties to set where the person has none of that name.
	SetOnce Properties
	// AnonDistinctID is the id under which the same person was seen before
	// they were known, if any. PostHog merges the two.
	AnonDistinctID string
}

func (Identify) internal() {}

// Validate reports an empty DistinctId as a [FieldError].
func (msg Identify) Validate() error {
	if event.Blank(msg.DistinctId) {
		return kindIdentify.invalid("DistinctId", msg.DistinctId)
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg Identify) APIfy() APIMessage { return apify(msg) }

func (msg *Identify) load(d *event.Draft) (header, error) {
	if err := msg.Validate(); err != nil {
		return header{}, err
	}
	d.Event = "$identify"
	d.DistinctID = msg.DistinctId
	d.Own("$set", object(msg.Properties))
	if len(msg.SetOnce) > 0 {
		d.Own("$set_once", object(msg.SetOnce))
	}
	if msg.AnonDistinctID != "" {
		d.Own("$anon_distinct_id", msg.AnonDistinctID)
	}
	return header{kind: kindIdentify, uuid: msg.Uuid, timestamp: msg.Timestamp}, nil
}

// object is p as the encoder's quickest type, and never null.
func object(p Properties) map[string]any {
	if p == nil {
		return map[string]any{}
	}
	return p
}
