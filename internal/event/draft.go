package event

import (
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

// Draft is a message on its way to becoming an event. Its maps are the
// caller's and are only read.
type Draft struct {
	Event      string
	DistinctID string
	UUID       uuid7.UUID
	Timestamp  time.Time

	// Properties are the caller's.
	Properties map[string]any
	// Context holds the properties of the request context.
	Context map[string]any
	// Layer, if there is one, has them instead, encoded already.
	Layer *Layer
	// SessionID, WindowID and DeviceID are those of the request context. A
	// $session_id, $window_id or $device_id property of either map wins.
	SessionID, WindowID, DeviceID string
	// Personless adds $process_person_profile=false where no map has that
	// property.
	Personless bool

	// Groups, Set and SetOnce are merged into the objects $groups, $set and
	// $set_once, and win over their members.
	Groups, Set, SetOnce map[string]any
	// Owned are the properties of the message type. Nothing overrides them.
	Owned []Field
	// Reserved names further properties that the caller cannot set.
	Reserved []string
}

// Field is one property.
type Field struct {
	Key   string
	Value any
}

// Text is a property whose value is a text.
type Text struct{ Key, Value string }

// append appends the property to others.
func (t Text) append(dst []byte) []byte {
	dst = wire.AppendString(comma(dst), t.Key)
	return wire.AppendString(append(dst, ':'), t.Value)
}

// Own adds a property that nothing overrides.
func (d *Draft) Own(key string, value any) {
	d.Owned = append(d.Owned, Field{key, value})
}

// Reset empties the draft and forgets everything of the caller's, but keeps
// the memory of Owned.
func (d *Draft) Reset() {
	owned := d.Owned
	clear(owned)
	*d = Draft{Owned: owned[:0]}
}

// Names of properties with rules of their own.
const (
	propertyDistinctID = "distinct_id"
	propertyLib        = "$lib"
	propertyLibVersion = "$lib_version"
	propertyIsServer   = "$is_server"
	propertySessionID  = "$session_id"
	propertyWindowID   = "$window_id"
	propertyDeviceID   = "$device_id"
	propertyProfile    = "$process_person_profile"
	propertyGroups     = "$groups"
	propertySet        = "$set"
	propertySetOnce    = "$set_once"
)

// Owns reports whether the message type, or the library, owns a property.
func (d *Draft) Owns(key string) bool {
	for i := range d.Owned {
		if d.Owned[i].Key == key {
			return true
		}
	}
	return key == propertyLib || key == propertyLibVersion || slices.Contains(d.Reserved, key)
}

// merges returns the draft's members for an object that is put together from
// a property and a field of the message, or nil.
func (d *Draft) merges(key string) map[string]any {
	switch key {
	case propertyGroups:
		return d.Groups
	case propertySet:
		return d.Set
	case propertySetOnce:
		return d.SetOnce
	}
	return nil
}

// above reports whether anything above the client's default properties
// decides the property.
func (d *Draft) above(key string) bool {
	switch {
	case d.settled(key):
		return true
	case key == propertySessionID:
		return d.SessionID != ""
	case key == propertyWindowID:
		return d.WindowID != ""
	case key == propertyDeviceID:
		return d.DeviceID != ""
	case key == propertyProfile:
		return d.Personless
	}
	return len(d.merges(key)) > 0
}

// ids are the ids of the request context, empty ones included.
func (d *Draft) ids() [3]Text {
	return [...]Text{{propertySessionID, d.SessionID}, {propertyWindowID, d.WindowID}, {propertyDeviceID, d.DeviceID}}
}

// fills reports whether the draft has values for properties that nothing else
// decides.
func (d *Draft) fills() bool {
	return d.SessionID != "" || d.WindowID != "" || d.DeviceID != "" || d.Personless
}

// composed reports whether a property is put together from several places.
func (d *Draft) composed() bool { return len(d.Groups) > 0 || len(d.Set) > 0 || len(d.SetOnce) > 0 }

// Spread makes Context what Layer has. Nobody may change that map.
func (d *Draft) Spread() {
	if d.Layer != nil {
		d.Context, d.Layer = d.Layer.Values(), nil
	}
}

// settled reports whether one of the caller's maps has the property, or the
// message type owns it.
func (d *Draft) settled(key string) bool {
	if _, ok := d.Properties[key]; ok {
		return true
	}
	_, ok := d.Context[key]
	return ok || d.Owns(key)
}
