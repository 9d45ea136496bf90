package event

import (
	"reflect"
	"strconv"

	"github.com/hedgerow/posthog/internal/wire"
)

// Append appends the event that d and s make up. What JSON cannot carry is
// left out and found in the encoder's losses.
//
// The special properties of the event, [wire.SpecialProperties], stand behind
// the ordinary ones. Tail is how many bytes of the event come before them: up
// to there ends the last ordinary member, or the brace that opens the
// properties.
func Append(dst []byte, e *wire.Encoder, d *Draft, s *Static) (event []byte, tail int) {
	envelope := wire.Envelope{
		Event:      d.Event,
		DistinctID: d.DistinctID,
		UUID:       d.UUID,
		Timestamp:  d.Timestamp,
	}
	start := len(dst)
	dst = envelope.AppendOpen(dst)
	dst, tail = appendProperties(dst, e, d, s)
	return wire.AppendEnvelopeClose(dst), tail - start
}

// appendProperties appends the members of the event's properties. The special
// ones begin at tail.
func appendProperties(dst []byte, e *wire.Encoder, d *Draft, s *Static) (properties []byte, tail int) {
	var met specials
	alone := len(d.Owned) == 0 && len(d.Reserved) == 0 // nothing written so far can clash with s or the layer
	if d.Layer != nil && (!alone || d.composed() || s.fills || !d.Layer.fits(s)) {
		d.Spread()
	}
	for key, value := range d.Properties {
		if !alone || s.ruled(key) || d.Layer != nil && d.Layer.plain[key] {
			alone = false
			d.Spread()
			if d.Owns(key) || len(d.merges(key)) > 0 || hidden(key, value) || met.note(key) {
				continue
			}
		}
		dst = e.AppendProperty(dst, key, value)
	}
	for key, value := range d.Context {
		alone = false
		if _, ok := d.Properties[key]; ok || d.Owns(key) || len(d.merges(key)) > 0 || hidden(key, value) || met.note(key) {
			continue
		}
		dst = e.AppendProperty(dst, key, value)
	}
	for i := range d.Owned {
		if !hidden(d.Owned[i].Key, d.Owned[i].Value) && wire.Special(d.Owned[i].Key) < 0 {
			dst = e.AppendProperty(dst, d.Owned[i].Key, d.Owned[i].Value)
		}
	}
	for _, key := range [...]string{propertyGroups, propertySet, propertySetOnce} {
		if members := d.merges(key); len(members) > 0 && !d.Owns(key) {
			alone = false
			dst = appendMerged(dst, e, d, key, members)
		}
	}
	switch gaps := d.fills(); {
	case alone && !gaps && d.Layer == nil:
		return s.appendAll(dst)
	case alone && (!gaps || !s.fills):
		return appendBeside(dst, d, s)
	}
	if d.DeviceID != "" && !d.settled(propertyDeviceID) {
		dst = Text{propertyDeviceID, d.DeviceID}.append(dst)
	}
	dst = appendMembers(dst, s.ordinary, d)
	return appendSpecials(dst, e, d, s, met), len(dst)
}

// appendBeside appends what is left of an event none of whose properties has
// two sources.
func appendBeside(dst []byte, d *Draft, s *Static) (properties []byte, tail int) {
	if d.Layer != nil {
		dst = splice(dst, d.Layer.ordinary)
	}
	if d.DeviceID != "" {
		dst = Text{propertyDeviceID, d.DeviceID}.append(dst)
	}
	dst = splice(dst, s.head)
	tail = len(dst)
	if d.Layer != nil {
		dst = splice(dst, d.Layer.specials)
	}
	if d.SessionID != "" {
		dst = Text{propertySessionID, d.SessionID}.append(dst)
	}
	if d.WindowID != "" {
		dst = Text{propertyWindowID, d.WindowID}.append(dst)
	}
	if d.Personless {
		dst = append(comma(dst), personless...)
	}
	return splice(dst, s.rest), tail
}

// splice appends members that have no comma around them.
func splice(dst, members []byte) []byte {
	if len(members) == 0 {
		return dst
	}
	return append(comma(dst), members...)
}

// hidden reports whether a property says what its absence says: $is_server is
// true or not there.
func hidden(key string, value any) bool {
	return key == propertyIsServer && value == false
}

// reasonReplaced is why the caller's property is lost where a field of the
// message makes the object, and the property is none.
const reasonReplaced = "no object, so the message's field replaces it"

// appendMerged appends the object key, made of what the caller's property of
// that name holds and of members, which win.
func appendMerged(dst []byte, e *wire.Encoder, d *Draft, key string, members map[string]any) []byte {
	lower, isObject := d.lower(key)
	if !isObject {
		e.Lose(key, reasonReplaced)
	}
	known := len(e.Losses())
	dst = wire.AppendString(comma(dst), key)
	dst = append(dst, ':', '{')
	for name, value := range lower {
		if _, ok := members[name]; !ok {
			dst = e.AppendProperty(dst, name, value)
		}
	}
	for name, value := range members {
		if key == propertyGroups {
			value = GroupKey(value)
		}
		dst = e.AppendProperty(dst, name, value)
	}
	e.Within(key, known)
	return append(dst, '}')
}

// lower returns the object that the caller's own property holds, nil if there
// is none, and reports false for a property that is no object.
func (d *Draft) lower(key string) (object map[string]any, isObject bool) {
	value, ok := d.Properties[key]
	if !ok {
		value = d.Context[key]
	}
	if value == nil {
		return nil, true
	}
	return Object(value)
}

// GroupKey makes a group's key the text that PostHog compares.
func GroupKey(key any) any {
	switch k := key.(type) {
	case nil, string:
		return key
	case int:
		return strconv.Itoa(k)
	}
	switch v := reflect.ValueOf(key); v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'f', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	}
	return key
}
