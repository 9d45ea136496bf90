package event

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/wire"
)

// Layer holds the properties of one request context, encoded once for all
// events of the request. Its methods are safe for concurrent use.
//
// Most events share no key with the layer, nor does the layer with the
// client's defaults. They get its bytes as they are; for all others it is the
// map that [Draft.Context] would be.
type Layer struct {
	texts      []Text
	properties map[string]any

	simple   bool            // the bytes may be used at all
	keys     []string        // of the members in the bytes
	plain    map[string]bool // those that do not start with '$'
	ordinary []byte          // the members but for
	specials []byte          // the special ones; both without a comma around them

	beside atomic.Pointer[Static] // the latest one found to have no key in common
	once   sync.Once
	values map[string]any // set within once
}

// NewLayer returns a layer of texts and properties, of which the latter win.
// It keeps both, and nobody may change them.
func NewLayer(texts []Text, properties map[string]any) *Layer {
	l := &Layer{texts: texts, properties: properties, simple: true}
	var e wire.Encoder
	l.keys = make([]string, 0, len(texts)+len(properties))
	l.ordinary = make([]byte, 0, 64*(len(texts)+len(properties)))
	for i := range texts {
		if _, ok := properties[texts[i].Key]; ok {
			continue
		}
		l.note(texts[i].Key)
		dst := l.place(texts[i].Key)
		*dst = texts[i].append(*dst)
	}
	for key, value := range properties {
		l.note(key)
		if member := e.AppendProperty([]byte{'{'}, key, value)[1:]; len(member) > 0 {
			dst := l.place(key)
			*dst = append(comma(*dst), member...)
		}
	}
	l.simple = l.simple && len(e.Losses()) == 0
	return l
}

// note remembers a key, and what it means for the way the layer can be used.
func (l *Layer) note(key string) {
	l.keys = append(l.keys, key)
	switch key {
	case propertyLib, propertyLibVersion, propertyDistinctID, propertyIsServer, propertySessionID, propertyWindowID,
		propertyDeviceID, propertyProfile, propertyGroups, propertySet, propertySetOnce:
		l.simple = false
	}
	if !strings.HasPrefix(key, "$") {
		if l.plain == nil {
			l.plain = make(map[string]bool)
		}
		l.plain[key] = true
	}
}

// place returns the bytes that a member of that name belongs to.
func (l *Layer) place(key string) *[]byte {
	if wire.Special(key) >= 0 {
		return &l.specials
	}
	return &l.ordinary
}

// Values returns the layer as a map, which nobody may change.
func (l *Layer) Values() map[string]any {
	l.once.Do(func() {
		l.values = make(map[string]any, len(l.keys))
		for i := range l.texts {
			l.values[l.texts[i].Key] = l.texts[i].Value
		}
		maps.Copy(l.values, l.properties)
	})
	return l.values
}

// fits reports whether the layer's bytes can stand beside those of s.
func (l *Layer) fits(s *Static) bool {
	if !l.simple {
		return false
	}
	if l.beside.Load() == s {
		return true
	}
	if slices.ContainsFunc(l.keys, s.has) {
		return false
	}
	l.beside.Store(s)
	return true
}
