package posthog

import (
	"errors"
	"maps"
	"reflect"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// BeforeSendFunc is the hook of posthog-go. It receives a message value, never
// a pointer, whose maps and slices are copies as they are for a [Hook]; the
// Properties of a [Capture] or [Exception] hold everything the client adds. It
// returns the message to send, of the same type, or nil to drop it. New
// programs use [Hook].
type BeforeSendFunc func(Message) Message

// beforeSend shows ev to Config.BeforeSend as the message it came from, and
// applies what comes back.
func (c *ServerClient) beforeSend(h header, draft *event.Draft, ev *Event) (next *Event, outcome queue.Outcome) {
	defer func() {
		if value := recover(); value != nil {
			c.notices.Report(notice.Warn, "BeforeSend panicked",
				"posthog: Config.BeforeSend panicked, so the event %q was dropped: %v", ev.Event, value)
			next, outcome = nil, queue.HookFailed
		}
	}()
	shown := show(h.kind, draft, ev)
	returned := c.config.BeforeSend(shown)
	if returned == nil || isNilPointer(returned) {
		c.notices.Detail("posthog: Config.BeforeSend dropped the event %q", ev.Event)
		return nil, queue.HookDropped
	}
	next, err := apply(shown, returned, draft, ev)
	if err != nil {
		c.notices.Report(notice.Warn, "BeforeSend returned an unusable message",
			"posthog: Config.BeforeSend returned an unusable message, so the event %q was dropped: %v", ev.Event, err)
		return nil, queue.HookFailed
	}
	return next, queue.Delivered
}

func isNilPointer(msg Message) bool {
	v := reflect.ValueOf(msg)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// show returns the message of kind k that ev stands for.
func show(k kind, draft *event.Draft, ev *Event) Message {
	switch k {
	case kindCapture:
		m := Capture{Uuid: ev.Uuid, Event: ev.Event, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp}
		m.Properties = maps.Clone(ev.Properties)
		if groups, ok := event.Object(ev.Properties["$groups"]); ok {
			m.Groups = groups
			delete(m.Properties, "$groups")
		}
		// What was given in a field is shown in it; $set among the properties
		// stays there, where programs written for posthog-go look for it.
		if len(draft.Set) > 0 {
			m.Set = member(ev, "$set")
			delete(m.Properties, "$set")
		}
		if len(draft.SetOnce) > 0 {
			m.SetOnce = member(ev, "$set_once")
			delete(m.Properties, "$set_once")
		}
		return m
	case kindIdentify:
		anonymous, _ := ev.Properties["$anon_distinct_id"].(string)
		return Identify{
			Uuid: ev.Uuid, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp,
			Properties: member(ev, "$set"), SetOnce: member(ev, "$set_once"), AnonDistinctID: anonymous,
		}
	case kindAlias:
		alias, _ := ev.Properties["alias"].(string)
		return Alias{Uuid: ev.Uuid, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp, Alias: alias}
	case kindGroupIdentify:
		groupType, _ := ev.Properties["$group_type"].(string)
		key, _ := ev.Properties["$group_key"].(string)
		return GroupIdentify{
			Uuid: ev.Uuid, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp,
			Type: groupType, Key: key, Properties: member(ev, "$group_set"),
		}
	case kindPersonProperties:
		unset, _ := ev.Properties["$unset"].([]string)
		return PersonProperties{
			Uuid: ev.Uuid, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp,
			Set: member(ev, "$set"), SetOnce: member(ev, "$set_once"), Unset: unset,
		}
	default:
		return showException(ev)
	}
}

func showException(ev *Event) Exception {
	m := Exception{
		Uuid: ev.Uuid, DistinctId: ev.DistinctId, Timestamp: ev.Timestamp,
		Level:  Level(stringOf(ev.Properties[propertyExceptionLevel])),
		Source: stringOf(ev.Properties[propertyExceptionSource]),
	}
	m.ExceptionList, _ = ev.Properties[propertyExceptionList].([]ExceptionItem)
	m.DebugImages, _ = ev.Properties[propertyDebugImages].([]DebugImage)
	if fingerprint := stringOf(ev.Properties[propertyExceptionFingerprint]); fingerprint != "" {
		m.ExceptionFingerprint = &fingerprint
	}
	m.Properties = maps.Clone(ev.Properties)
	for _, key := range reservedExceptionProperties {
		delete(m.Properties, key)
	}
	return m
}

// member returns the object that a property of ev holds.
func member(ev *Event, key string) Properties {
	object, _ := event.Object(ev.Properties[key])
	return object
}

// valueOf returns the message that a pointer points to.
func valueOf(msg Message) Message {
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Pointer {
		value, _ := v.Elem().Interface().(Message)
		return value
	}
	return msg
}

// apply returns ev as the message that BeforeSend returned would have it.
// Properties that the message type does not show stay as they are.
func apply(shown, returned Message, draft *event.Draft, ev *Event) (*Event, error) {
	returned = valueOf(returned)
	if reflect.TypeOf(returned) != reflect.TypeOf(shown) {
		return nil, errors.New("it is of another type than the message it was given")
	}
	if err := returned.Validate(); err != nil {
		return nil, err
	}
	var changed event.Draft
	h, err := load(&changed, returned)
	if err != nil {
		return nil, err
	}
	properties := event.Build(&changed, new(event.Static))
	if !h.usesContext {
		for key, value := range ev.Properties {
			if _, ok := properties[key]; !ok && !draft.Owns(key) {
				properties[key] = value
			}
		}
	}
	return &Event{
		Uuid:       h.uuid,
		Event:      changed.Event,
		DistinctId: changed.DistinctID,
		Timestamp:  h.timestamp,
		Properties: properties,
	}, nil
}
