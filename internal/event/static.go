package event

import (
	"maps"
	"slices"

	"github.com/hedgerow/posthog/internal/wire"
)

// Static holds the properties that every event of a client carries, encoded
// once. It is immutable. The zero value holds none, not even the library's name.
type Static struct {
	defaults map[string]any  // of the client and the system; any event may override them
	plain    map[string]bool // the keys of defaults that do not start with '$'
	members  []member        // the encoded defaults
	all      []byte          // the defaults and the library, as JSON members
	library  []byte          // the library alone
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
	s.all = append(s.all, s.library...)
	for _, key := range slices.Sorted(maps.Keys(s.defaults)) {
		json := encode(key, s.defaults[key])
		if len(json) == 0 {
			delete(s.defaults, key)
			continue
		}
		s.members = append(s.members, member{key, json})
		s.all = append(append(s.all, ','), json...)
		if key == "" || key[0] != '$' {
			s.plain[key] = true
		}
	}
	return s, slices.Clone(e.Losses())
}

// special reports whether a property of the event may also be one of s, or
// needs a rule of its own.
func (s *Static) special(key string) bool {
	return key != "" && key[0] == '$' || len(s.plain) > 0 && s.plain[key]
}

// append adds the members that d does not decide, and the library's.
func (s *Static) append(dst []byte, d *Draft) []byte {
	for i := range s.members {
		if !d.above(s.members[i].key) {
			dst = append(comma(dst), s.members[i].json...)
		}
	}
	if len(s.library) == 0 {
		return dst
	}
	return append(comma(dst), s.library...)
}

// comma separates the next member from the one before it, if there is one.
func comma(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' {
		return append(dst, ',')
	}
	return dst
}
