// Package event turns a message and everything that is added to it into the
// bytes that travel.
//
// A property can come from several places. From lowest to highest: the
// client's default and registered properties and those of the system, the
// request context, the caller's properties, the message's own fields such as
// Groups, what the message type owns, and the library's name. The highest
// place that has a property decides it. Properties are merged while they are
// written: no map is built and nothing of the caller's is kept. Only for hooks
// is the event built as a map, deep copied, by the same rules.
//
// Everything runs on the caller's goroutine. The package starts none, never
// writes to a map it is given, and never fails an event because of a value.
package event
