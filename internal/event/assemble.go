package event

import (
	"reflect"
	"strconv"

	"github.com/hedgerow/posthog/internal/wire"
)

// Append appends the event that d and s make up. What JSON cannot carry is
// left out and found in the encoder's losses.
func Append(dst []byte, e *wire.Encoder, d *Draft, s *Static) []byte {
	envelope := wire.Envelope{
		Event:      d.Event,
		DistinctID: d.DistinctID,
		UUID:       d.UUID,
		Timestamp:  d.Timestamp,
	}
	dst = envelope.AppendOpen(dst)
	dst = appendProperties(dst, e, d, s)
	return wire.AppendEnvelopeClose(dst)
}

func appendProperties(dst []byte, e *wire.Encoder, d *Draft, s *Static) []byte {
	alone := len(d.Owned) == 0 && len(d.Reserved) == 0 // nothing written so far can clash with s
	for key, value := range d.Properties {
		if !alone || s.special(key) {
			alone = false
			if d.Owns(key) || len(d.merges(key)) > 0 || hidden(key, value) {
				continue
			}
		}
		dst = e.AppendProperty(dst, key, value)
	}
	for key, value := range d.Context {
		alone = false
		if _, ok := d.Properties[key]; ok || d.Owns(key) || len(d.merges(key)) > 0 || hidden(key, value) {
			continue
		}
		dst = e.AppendProperty(dst, key, value)
	}
	for i := range d.Owned {
		if !hidden(d.Owned[i].Key, d.Owned[i].Value) {
			dst = e.AppendProperty(dst, d.Owned[i].Key, d.Owned[i].Value)
		}
	}
	if d.SessionID != "" && !d.settled(propertySessionID) {
		alone = false
		dst = append(comma(dst), `"$session_id":`...)
		dst = wire.AppendString(dst, d.SessionID)
	}
	if d.Personless && !d.settled(propertyProfile) {
		alone = false
		dst = append(comma(dst), `"$process_person_profile":false`...)
	}
	for _, key := range [...]string{propertyGroups, propertySet, propertySetOnce} {
		if members := d.merges(key); len(members) > 0 && !d.Owns(key) {
			alone = false
			dst = appendMerged(dst, e, d, key, members)
		}
	}
	if alone && len(s.all) > 0 {
		return append(comma(dst), s.all...)
	}
	return s.append(dst, d)
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
