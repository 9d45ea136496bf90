package posthog

import (
	"fmt"
	"reflect"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/uuid7"
)

// Message is something that can be sent to PostHog: [Capture], [Identify],
// [Alias], [GroupIdentify], [PersonProperties] or [Exception], as a value or
// as a pointer. A type that embeds one of them is refused.
type Message interface {
	// Validate reports what is missing, as a [FieldError].
	Validate() error
	// APIfy returns the event that the message stands for, without what a
	// client adds to it.
	APIfy() APIMessage

	internal()
}

// kind is the type of a message, by the name it has in errors.
type kind string

const (
	kindCapture          kind = "posthog.Capture"
	kindIdentify         kind = "posthog.Identify"
	kindAlias            kind = "posthog.Alias"
	kindGroupIdentify    kind = "posthog.GroupIdentify"
	kindPersonProperties kind = "posthog.PersonProperties"
	kindException        kind = "posthog.Exception"
)

// invalid is the error of a field of a message of this kind that is empty or
// white space.
func (k kind) invalid(field string, value any) error {
	return FieldError{Type: string(k), Name: field, Value: value}
}

// header is what every message carries besides its own fields.
type header struct {
	kind      kind
	uuid      string
	timestamp time.Time
	// usesContext says that the request context adds its properties, and its
	// distinct id where the message has none.
	usesContext bool
	// flags and sendFlags say which feature flags the event carries.
	flags     *FeatureFlagEvaluations
	sendFlags SendFeatureFlagsValue
	// minimal says that only minimalProperties travel.
	minimal bool
	// level is that of an exception, empty if nobody said it.
	level Level
	// elsewhere says that another process made the event, so that nothing of this
	// one belongs to it.
	elsewhere bool
}

// load copies msg into d, which is empty. It is a type switch and not a method
// call so that the caller's message can stay on its stack.
func load(d *event.Draft, msg Message) (header, error) {
	switch m := msg.(type) {
	case Capture:
		return m.load(d)
	case *Capture:
		if m != nil {
			return m.load(d)
		}
	case Identify:
		return m.load(d)
	case *Identify:
		if m != nil {
			return m.load(d)
		}
	case Alias:
		return m.load(d)
	case *Alias:
		if m != nil {
			return m.load(d)
		}
	case GroupIdentify:
		return m.load(d)
	case *GroupIdentify:
		if m != nil {
			return m.load(d)
		}
	case PersonProperties:
		return m.load(d)
	case *PersonProperties:
		if m != nil {
			return m.load(d)
		}
	case Exception:
		return m.load(d)
	case *Exception:
		if m != nil {
			return m.load(d)
		}
	case *flagCalled:
		return m.load(d)
	case *report:
		return m.load(d)
	}
	// The type is asked for in a way that does not let msg escape.
	return header{}, fmt.Errorf("posthog: a message of type %v cannot be sent; "+
		"pass a Capture, Identify, Alias, GroupIdentify, PersonProperties or Exception, and not nil", reflect.TypeOf(msg))
}

// apify builds the event of msg with nothing added to it but a uuid and a
// time.
func apify(msg Message) *Event {
	var d event.Draft
	h, _ := load(&d, msg)
	d.Context = h.flags.properties(nil)
	now := time.Now()
	var ids uuid7.Generator
	id, _ := event.ID(&ids, h.uuid, now)
	at, _ := event.Moment(h.timestamp, now)
	return &Event{
		Uuid:       id.String(),
		Event:      d.Event,
		DistinctId: d.DistinctID,
		Timestamp:  at,
		Properties: event.Build(&d, new(event.Static)),
	}
}
