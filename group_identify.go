package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// GroupIdentify sets properties of a group, such as a company. Type and Key
// are required.
type GroupIdentify struct {
	// Type is the group type, such as "company". A project has up to five.
	Type string
	// Key identifies the group within its type.
	Key string
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is who changes the group. Empty means the group itself, as
	// $<type>_<key>.
	DistinctId string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are the group's properties to set. PostHog shows "name".
	Properties Properties
	// DisableGeoIP is ignored: [Config.DisableGeoIP] decides.
	DisableGeoIP bool
	// IsServer is ignored: [Config.IsServer] decides.
	IsServer bool
}

func (GroupIdentify) internal() {}

// Validate reports an empty Type or Key as a [FieldError].
func (msg GroupIdentify) Validate() error {
	if event.Blank(msg.Type) {
		return kindGroupIdentify.invalid("Type", msg.Type)
	}
	if event.Blank(msg.Key) {
		return kindGroupIdentify.invalid("Key", msg.Key)
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg GroupIdentify) APIfy() APIMessage { return apify(msg) }

func (msg *GroupIdentify) load(d *event.Draft) (header, error) {
	if err := msg.Validate(); err != nil {
		return header{}, err
	}
	d.Event = "$groupidentify"
	d.DistinctID = msg.DistinctId
	if event.Blank(d.DistinctID) {
		d.DistinctID = "$" + msg.Type + "_" + msg.Key
	}
	d.Own("$group_type", msg.Type)
	d.Own("$group_key", msg.Key)
	d.Own("$group_set", object(msg.Properties))
	return header{kind: kindGroupIdentify, uuid: msg.Uuid, timestamp: msg.Timestamp}, nil
}
