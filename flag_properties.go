package posthog

import (
	"maps"

	"github.com/hedgerow/posthog/internal/event"
)

// flagProperties are what the application said about everybody and every group.
// They never change: new ones take their place.
type flagProperties struct {
	person map[string]any
	groups map[string]map[string]any // by group type
}

// SetPersonPropertiesForFlags adds person properties to every evaluation of
// flags from now on, on top of those of earlier calls. Those of a single
// evaluation win. They are the same for every person this client asks about, so
// they suit a program with one user, such as a command-line tool; a service
// passes properties with each question. Nothing is captured. props is copied.
func (c *ServerClient) SetPersonPropertiesForFlags(props Properties) {
	props = event.Clone(props)
	c.changeFlagProperties(func(known *flagProperties) {
		known.person = merge(known.person, props)
	})
}

// SetGroupPropertiesForFlags does so for the groups of a type, such as
// "company".
func (c *ServerClient) SetGroupPropertiesForFlags(groupType string, props Properties) {
	props = event.Clone(props)
	c.changeFlagProperties(func(known *flagProperties) {
		known.groups = maps.Clone(known.groups)
		if known.groups == nil {
			known.groups = make(map[string]map[string]any)
		}
		known.groups[groupType] = merge(known.groups[groupType], props)
	})
}

// ResetPersonPropertiesForFlags ends what SetPersonPropertiesForFlags began.
func (c *ServerClient) ResetPersonPropertiesForFlags() {
	c.changeFlagProperties(func(known *flagProperties) { known.person = nil })
}

// ResetGroupPropertiesForFlags ends what SetGroupPropertiesForFlags began, for
// the named group types, or for all of them if none is named.
func (c *ServerClient) ResetGroupPropertiesForFlags(types ...string) {
	c.changeFlagProperties(func(known *flagProperties) {
		if len(types) == 0 {
			known.groups = nil
			return
		}
		known.groups = maps.Clone(known.groups)
		for _, groupType := range types {
			delete(known.groups, groupType)
		}
	})
}

// changeFlagProperties puts what edit makes of them in the place of the known
// properties. Edit changes no map that is there already.
func (c *ServerClient) changeFlagProperties(edit func(known *flagProperties)) {
	if c.inert() {
		return
	}
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	c.flags.adjusted.Store(true)
	c.flags.changing.Lock()
	defer c.flags.changing.Unlock()
	var known flagProperties
	if now := c.flags.known.Load(); now != nil {
		known = *now
	}
	edit(&known)
	c.flags.known.Store(&known)
}

// merge returns lower with upper on top of it. It changes neither, and is one
// of them if the other is empty.
func merge(lower, upper map[string]any) map[string]any {
	if len(lower) == 0 {
		return upper
	}
	if len(upper) == 0 {
		return lower
	}
	merged := make(map[string]any, len(lower)+len(upper))
	maps.Copy(merged, lower)
	maps.Copy(merged, upper)
	return merged
}
