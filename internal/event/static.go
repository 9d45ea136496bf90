package event

import (
	"bytes"
	"maps"
	"slices"

	"github.com/hedgerow/posthog/internal/wire"
)

// Static holds the properties that every event of a client carries, encoded
// once. It is immutable. The zero value holds none, not even the library's name.
type Static struct {
	defaults map[string]any  // of the client and the system; any event may override them
	plain    map[string]bool // the keys of defaults that do not start with '$'
	ordinary []member        // the encoded defaults, apart from
	specials []member        // those that are special properties
	library  []byte          // the library's name and version, as JSON members
	all      []byte          // ordinary, specials and library
	tail     int             // where the special properties begin in all
	head     []byte          // all up to there
	rest     []byte          // and from there, without a comma in front
	fills    bool            // defaults has a property that fills a gap of the request context as well
	name     string
	version  string
}

type member struct {
	key  string
	json []byte // "key":value
}

// NewStatic encodes the default properties and the library's name and
// version. It returns the defaults that JSON cannot carry, which are left out.
func NewStatic(library, version string, defaults map[string]any) (*Static, []wire.Loss) {
	s := &Static{
		defaults: Clone(defaults),
		plain:    make(map[string]bool),
		name:     library,
		version:  version,
	}
	delete(s.defaults, propertyLib)
	delete(s.defaults, propertyLibVersion)
	if s.defaults[propertyIsServer] == false {
		delete(s.defaults, propertyIsServer)
	}
	var e wire.Encoder
	encode := func(key string, value any) []byte { return e.AppendProperty([]byte("{"), key, value)[1:] }
	s.library = append(encode(propertyLib, library), ',')
	s.library = append(s.library, encode(propertyLibVersion, version)...)
	for _, key := range slices.Sorted(maps.Keys(s.defaults)) {
		json := encode(key, s.defaults[key])
		if len(json) == 0 {
			delete(s.defaults, key)
			continue
		}
		if wire.Special(key) >= 0 {
			s.specials = append(s.specials, member{key, json})
		} else {
			s.ordinary = append(s.ordinary, member{key, json})
		}
		if key == "" || key[0] != '$' {
			s.plain[key] = true
		}
	}
	s.all = appendMembers([]byte("{"), s.ordinary, new(Draft))
	s.tail = len(s.all) - len("{")
	s.all = appendMembers(s.all, s.specials, new(Draft))
	s.all = append(comma(s.all), s.library...)[len("{"):]
	s.head, s.rest = s.all[:s.tail], bytes.TrimPrefix(s.all[s.tail:], []byte(","))
	for _, key := range [...]string{propertySessionID, propertyWindowID, propertyDeviceID, propertyProfile} {
		s.fills = s.fills || s.has(key)
	}
	return s, slices.Clone(e.Losses())
}

// has reports whether the defaults have a property of that name.
func (s *Static) has(key string) bool {
	_, ok := s.defaults[key]
	return ok
}

// ruled reports whether a property of the event may also be one of s, or
// needs a rule of its own.
func (s *Static) ruled(key string) bool {
	return key != "" && key[0] == '$' || key == propertyDistinctID || len(s.plain) > 0 && s.plain[key]
}

// appendAll appends all that s holds. The special members begin at tail.
func (s *Static) appendAll(dst []byte) (all []byte, tail int) {
	if len(s.all) == 0 {
		return dst, len(dst)
	}
	tail = len(dst)
	dst = comma(dst)
	if s.tail > 0 {
		tail = len(dst) + s.tail
	}
	return append(dst, s.all...), tail
}

// appendMembers appends the members that d does not decide.
func appendMembers(dst []byte, members []member, d *Draft) []byte {
	for i := range members {
		if !d.above(members[i].key) {
			dst = append(comma(dst), members[i].json...)
		}
	}
	return dst
}

// comma separates the next member from the one before it, if there is one.
func comma(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' {
		return append(dst, ',')
	}
	return dst
}
