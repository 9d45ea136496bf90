package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// PersonProperties changes properties of a person without saying anything
// else about them. DistinctId and at least one change are required.
type PersonProperties struct {
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is the person.
	DistinctId string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Set are properties to set.
	Set Properties
	// SetOnce are properties to set where the person has none of that name.
	SetOnce Properties
	// Unset names properties to remove.
	Unset []string
}

func (PersonProperties) internal() {}

// Validate reports an empty DistinctId, or a message that changes nothing, as
// a [FieldError].
func (msg PersonProperties) Validate() error {
	if event.Blank(msg.DistinctId) {
		return kindPersonProperties.invalid("DistinctId", msg.DistinctId)
	}
	if len(msg.Set) == 0 && len(msg.SetOnce) == 0 && len(msg.Unset) == 0 {
		return FieldError{
			Type: string(kindPersonProperties), Name: "Set", Value: msg.Set,
			Reason: "one of Set, SetOnce and Unset must hold something",
		}
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg PersonProperties) APIfy() APIMessage { return apify(msg) }

func (msg *PersonProperties) load(d *event.Draft) (header, error) {
	if err := msg.Validate(); err != nil {
		return header{}, err
	}
	d.Event = "$set"
	d.DistinctID = msg.DistinctId
	if len(msg.Set) > 0 {
		d.Own("$set", object(msg.Set))
	}
	if len(msg.SetOnce) > 0 {
		d.Own("$set_once", object(msg.SetOnce))
	}
	if len(msg.Unset) > 0 {
		d.Own("$unset", msg.Unset)
	}
	return header{kind: kindPersonProperties, uuid: msg.Uuid, timestamp: msg.Timestamp}, nil
}
