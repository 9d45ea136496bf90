package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Capture is a custom event: somebody did something. Event and DistinctId are
// required; with [ServerClient.EnqueueWithContext] the distinct id may come
// from the request context instead.
type Capture struct {
	// Type is ignored. It exists for programs written for posthog-go.
	//
	// Deprecated: PostHog ignores it. Name the event in Event.
	Type string
	// Uuid identifies the event. Set it to make repeated captures of the same
	// fact one event: PostHog keeps one of several with the same Uuid, Event,
	// DistinctId and day. Empty means a new UUIDv7; anything that is no UUID is
	// replaced by one, with a warning.
	Uuid string
	// DistinctId is who did it. PostHog keeps 200 characters, and with
	// [CaptureModeAnalyticsV1] it refuses more than 200 bytes.
	DistinctId string
	// Event is what was done, such as "order paid".
	Event string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are the properties of the event. They win over those of the
	// request context and of the client.
	Properties Properties
	// Groups associates the event with groups. It wins over a $groups property.
	Groups Groups
	// Flags adds the feature flags of a snapshot: $feature/<key> for each, and
	// $active_feature_flags, beneath Properties. It makes no request; see
	// [ServerClient.EvaluateFlagsWithContext].
	Flags *FeatureFlagEvaluations
	// SendFeatureFlags evaluates all flags of DistinctId and adds them as Flags
	// would, which counts if both are set. That may take a request on the
	// goroutine that enqueues, for which the event waits as long as
	// [Config.FeatureFlagRequestTimeout]; flags that cannot be evaluated are
	// missing from the event.
	//
	// Deprecated: use Flags, which has the values that the program branched on.
	SendFeatureFlags SendFeatureFlagsValue
	// IsServer is ignored: [Config.IsServer] decides.
	IsServer bool
	// Set are person properties to set, as the $set property. Events with
	// person properties cost more than events without.
	Set Properties
	// SetOnce are person properties to set where the person has none of that
	// name, as the $set_once property.
	SetOnce Properties
}

func (Capture) internal() {}

// Validate reports an empty Event or DistinctId as a [FieldError].
func (msg Capture) Validate() error {
	if event.Blank(msg.Event) {
		return kindCapture.invalid("Event", msg.Event)
	}
	if event.Blank(msg.DistinctId) {
		return kindCapture.invalid("DistinctId", msg.DistinctId)
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg Capture) APIfy() APIMessage { return apify(msg) }

func (msg *Capture) load(d *event.Draft) (header, error) {
	if event.Blank(msg.Event) {
		return header{}, kindCapture.invalid("Event", msg.Event)
	}
	d.Event = msg.Event
	d.DistinctID = msg.DistinctId
	d.Properties = msg.Properties
	d.Groups = msg.Groups
	d.Set = msg.Set
	d.SetOnce = msg.SetOnce
	return header{
		kind: kindCapture, uuid: msg.Uuid, timestamp: msg.Timestamp, usesContext: true,
		flags: msg.Flags, sendFlags: msg.SendFeatureFlags,
	}, nil
}
