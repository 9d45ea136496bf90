package posthogtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// EventCheck makes statements about one event. Each returns the check, so
// they chain; each failure is reported by itself. The check of an event that
// was not found says nothing more.
type EventCheck struct {
	tb    TB
	event Event
	ok    bool
}

// Event returns the event for statements of your own, and the zero Event if it
// was not found.
func (c *EventCheck) Event() Event { return c.event }

// DistinctID states whose event it is.
func (c *EventCheck) DistinctID(want string) *EventCheck {
	c.tb.Helper()
	if c.ok && c.event.DistinctID != want {
		c.errorf("distinct id", quote(want), quote(c.event.DistinctID), "")
	}
	return c
}

// Via states by which route the event came, such as [RouteAIBatch]: a path with
// or without its final slash.
func (c *EventCheck) Via(route string) *EventCheck {
	c.tb.Helper()
	if want := strings.TrimSuffix(route, "/"); c.ok && c.event.Route != want {
		c.errorf("route", want, c.event.Route, "")
	}
	return c
}

// Timestamp states the event's time, to the nanosecond and in any zone: either
// the stored one, [Event.Timestamp], or the one the client sent. The two differ
// where the server corrects the client's clock, which on a real
// clock is always: by as long as the request was under way. A time the server
// did not use, such as one too far in the future, does not count as sent.
func (c *EventCheck) Timestamp(want time.Time) *EventCheck {
	c.tb.Helper()
	at, sent := c.event.Timestamp, c.event.sent
	if c.ok && !at.Equal(want) && (sent.IsZero() || !sent.Equal(want)) {
		c.errorf("timestamp", want.UTC().Format(time.RFC3339Nano), at.Format(time.RFC3339Nano),
			fmt.Sprintf("  off by: %s (sent as %q)\n", at.Sub(want), c.event.SentTimestamp))
	}
	return c
}

// Property states a property's value. Values are compared as JSON: any Go
// number equals the same number on the wire, a struct equals its object.
func (c *EventCheck) Property(name string, want any) *EventCheck {
	c.tb.Helper()
	c.member("property", c.event.Properties, name, want)
	return c
}

// Set states a person property the event sets ($set).
func (c *EventCheck) Set(name string, want any) *EventCheck {
	c.tb.Helper()
	c.member("person property ($set)", c.object("$set"), name, want)
	return c
}

// SetOnce states a person property the event sets if it is not yet set
// ($set_once).
func (c *EventCheck) SetOnce(name string, want any) *EventCheck {
	c.tb.Helper()
	c.member("person property ($set_once)", c.object("$set_once"), name, want)
	return c
}

// Group states that the event belongs to a group ($groups).
func (c *EventCheck) Group(groupType, key string) *EventCheck {
	c.tb.Helper()
	c.member("group", c.object("$groups"), groupType, key)
	return c
}

// HasProperty states that a property is there, whatever its value.
func (c *EventCheck) HasProperty(name string) *EventCheck {
	c.tb.Helper()
	if _, there := c.event.Properties[name]; c.ok && !there {
		c.errorf(fmt.Sprintf("property %q", name), "any value", absent, alike(name, c.event.Properties))
	}
	return c
}

// NoProperty states that a property is not there, not even as null.
func (c *EventCheck) NoProperty(name string) *EventCheck {
	c.tb.Helper()
	if value, there := c.event.Properties[name]; there {
		c.errorf(fmt.Sprintf("property %q", name), absent, show(value), "")
	}
	return c
}

func (c *EventCheck) object(property string) map[string]any {
	m, _ := c.event.Properties[property].(map[string]any)
	return m
}

// member states one value in an object of the event.
func (c *EventCheck) member(what string, object map[string]any, name string, want any) {
	c.tb.Helper()
	if !c.ok {
		return
	}
	got, there := object[name]
	switch {
	case !there:
		c.errorf(fmt.Sprintf("%s %q", what, name), show(want), absent, alike(name, object))
	case !sameJSON(want, got):
		c.errorf(fmt.Sprintf("%s %q", what, name), show(want), show(got), "")
	}
}

func (c *EventCheck) errorf(what, want, got, hint string) {
	c.tb.Helper()
	c.tb.Errorf("event %s: %s\n  want: %s\n  got:  %s\n%s", label(c.event), what, want, got, hint)
}

// alike hints at a member with nearly the wanted name.
func alike(name string, object map[string]any) string {
	near := nearest(name, slices.Sorted(maps.Keys(object)))
	if near == "" {
		return ""
	}
	return fmt.Sprintf("  nearest: %q = %s\n", near, show(object[near]))
}
