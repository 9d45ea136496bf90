package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Alias says that two distinct ids are one person. Both are required.
// PostHog refuses to merge a person that was identified already, and ids that
// broken code sends for everybody, such as "null".
type Alias struct {
	// Type is ignored. It exists for programs written for posthog-go.
	//
	// Deprecated: PostHog ignores it.
	Type string
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// Alias is the other id of the same person.
	Alias string
	// DistinctId is the id that exists already.
	DistinctId string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// DisableGeoIP is ignored: [Config.DisableGeoIP] decides.
	DisableGeoIP bool
	// IsServer is ignored: [Config.IsServer] decides.
	IsServer bool
}

func (Alias) internal() {}

// Validate reports an empty DistinctId or Alias as a [FieldError].
func (msg Alias) Validate() error {
	if event.Blank(msg.DistinctId) {
		return kindAlias.invalid("DistinctId", msg.DistinctId)
	}
	if event.Blank(msg.Alias) {
		return kindAlias.invalid("Alias", msg.Alias)
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg Alias) APIfy() APIMessage { return apify(msg) }

func (msg *Alias) load(d *event.Draft) (header, error) {
	if err := msg.Validate(); err != nil {
		return header{}, err
	}
	d.Event = "$create_alias"
	d.DistinctID = msg.DistinctId
	d.Own("distinct_id", msg.DistinctId)
	d.Own("alias", msg.Alias)
	return header{kind: kindAlias, uuid: msg.Uuid, timestamp: msg.Timestamp}, nil
}
