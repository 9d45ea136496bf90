package event

import (
	"math/bits"

	"github.com/hedgerow/posthog/internal/wire"
)

// personless is the member of an event without a person profile.
const personless = `"$process_person_profile":false`

// specials is a set of special properties: those that only one of the
// protocols sends as properties. They are met while the others are written,
// and written behind them.
type specials uint16

// note adds key to the set if it is special, and reports whether it is.
func (s *specials) note(key string) bool {
	i := wire.Special(key)
	if i < 0 {
		return false
	}
	*s |= 1 << i
	return true
}

// appendSpecials appends the special members of the event: those that were
// met in the caller's maps, those of the message type, those that fill gaps,
// and those of every event.
func appendSpecials(dst []byte, e *wire.Encoder, d *Draft, s *Static, met specials) []byte {
	for ; met != 0; met &= met - 1 {
		key := wire.SpecialProperties[bits.TrailingZeros16(uint16(met))]
		value, ok := d.Properties[key]
		if !ok {
			value = d.Context[key]
		}
		dst = e.AppendProperty(dst, key, value)
	}
	for i := range d.Owned {
		if wire.Special(d.Owned[i].Key) >= 0 {
			dst = e.AppendProperty(dst, d.Owned[i].Key, d.Owned[i].Value)
		}
	}
	for _, id := range d.ids() {
		if id.Value != "" && id.Key != propertyDeviceID && !d.settled(id.Key) {
			dst = id.append(dst)
		}
	}
	if d.Personless && !d.settled(propertyProfile) {
		dst = append(comma(dst), personless...)
	}
	dst = appendMembers(dst, s.specials, d)
	return splice(dst, s.library)
}
